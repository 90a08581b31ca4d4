"""How much memory an import takes. It has a process of its own, because the system remembers the most that a
process ever used.
"""

from collections.abc import Iterator
from pathlib import Path

from benchmarks import stage
from benchmarks.measure import Line
from benchmarks.workload import trades

ON_A_DATABASE = True
MOST = 300  # megabytes
MEBIBYTE = 1024  # in the system's kB


def importing(sizes: tuple[int, ...]) -> Iterator[Line]:
    """Importing transactions: the most memory."""
    assets, portfolio = stage.coins(), stage.portfolio("ours")
    idle = resident("VmRSS")
    drafts = stage.drafts(list(trades(sizes[-1])), assets)
    parsed = resident("VmRSS")
    stage.import_all(portfolio, drafts)
    peak = resident("VmHWM")
    what = f"Importing {sizes[-1]:,} transactions: the most memory of the whole process"
    before = f"{idle:.0f} MB before, {parsed - idle:.0f} MB more with the rows to import"
    yield Line(what, peak, MOST, f"{peak - idle:.0f} MB more than before", before, unit=" MB")


def resident(name: str) -> float:
    """Megabytes (2²⁰ bytes): VmRSS is what the process has now, VmHWM the most it ever had."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / MEBIBYTE
    raise RuntimeError(f"/proc/self/status has no {name}")


ROWS = (importing,)
