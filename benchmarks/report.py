"""The table of the results, and how to read it."""

import os
import platform
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.measure import Line

READING = """\
# Results of `make bench`

Read the ratio first. Both sides were measured in the same run, warm, in turns, and it is the median of the
ratios of each turn (at least five; a row says where it was fewer). It carries over to other machines; the
absolute figures, medians too, are for information. A growth exponent of 1 means: ten times the transactions,
ten times the time; 0: the same time. Whole programs are compared in CPU seconds, everything else by the
clock. A machine with other work to do gives wrong figures, ratios too.

The workload is seeded (`benchmarks/workload.py`): trades in ten coins over five years, about 39 % of them
disposals, a fee on every one, daily prices of each coin and hourly prices of one. What the two sides of a row
do is said in the modules beside this file, one for each heading.
"""
HEAD = "| what | ratio | goal | met | Bitfolio | the other side |\n|---|---|---|---|---|---|"
PACKAGES = ("Django", "rp2", "beancount", "pyxirr", "numpy")


def written(sections: Mapping[str, Sequence[Line]], date: str) -> str:
    parts = [READING, f"{date} · {machine()}\n"]
    for subject, lines in sections.items():
        parts.append(f"## {subject.capitalize()}\n")
        parts.append(HEAD)
        parts += [f"| {' | '.join(cells(line))} |" for line in lines]
        parts.append("")
    return "\n".join(parts)


def cells(line: Line) -> tuple[str, ...]:
    sign = "≥" if line.at_least else "≤"
    figure = "–" if line.figure is None else f"{_rounded(line.figure)}{line.unit}"
    goal = "–" if line.goal is None else f"{sign} {line.goal:g}{line.unit}"
    met = {True: "yes", False: "**no**", None: ""}[line.is_met]
    return tuple(cell.replace("|", "/") for cell in (line.what, figure, goal, met, line.ours, line.other))


def _rounded(figure: float) -> str:
    """Three digits, without an exponent.

    >>> _rounded(0.01234), _rounded(1.0), _rounded(12345.6)
    ('0.0123', '1', '12,346')
    """
    return f"{figure:,.0f}" if abs(figure) >= 100 else f"{figure:.3g}"


def machine() -> str:
    parts = [f"{_cpu()}, {os.cpu_count()} cores", f"Python {platform.python_version()}"]
    parts += [f"{name} {version(name)}" for name in PACKAGES]
    if shutil.which("ledger"):
        said = subprocess.run(["ledger", "--version"], capture_output=True, text=True).stdout
        parts.append(said.partition(",")[0])
    return " · ".join(parts)


def _cpu() -> str:
    about = Path("/proc/cpuinfo")
    lines = about.read_text(encoding="utf-8").splitlines() if about.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
