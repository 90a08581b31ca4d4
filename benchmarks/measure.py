"""How things are measured: two sides in turns, in one run on one machine, and the ratio of each turn.

Ratios carry from machine to machine, seconds do not. Taking turns lets whatever slows the machine meet both
sides; the median leaves out the turn it met only one of.
"""

import gc
import math
import resource
import time
from collections.abc import Callable, Mapping
from statistics import linear_regression, median
from typing import NamedTuple

PAIRS = 5
ENOUGH = 20.0  # seconds of one comparison after which it makes do with PAIRS turns
PATIENCE = 180.0  # seconds after which it makes do with the turns it has


class Sides(NamedTuple):
    """Medians of both sides in seconds, and of their ratios turn by turn."""

    ours: float
    other: float
    ratio: float
    pairs: int


class Line(NamedTuple):
    """A line of the results: a ratio (or another figure) beside its goal."""

    what: str
    figure: float | None  # None: not measured
    goal: float | None  # None: for information
    ours: str
    other: str
    unit: str = "×"
    at_least: bool = False  # whether more is better
    failed: bool = False

    @property
    def is_met(self) -> bool | None:
        if self.goal is None or self.figure is None:
            return None
        return self.figure >= self.goal if self.at_least else self.figure <= self.goal


def failure(what: str, said: str) -> Line:
    return Line(what, None, None, f"failed: {said}", "", failed=True)


def compared(what: str, sides: Sides, goal: float | None) -> Line:
    """A line that says how often Bitfolio took as long as the other side."""
    few = f" ({sides.pairs} turns, not {PAIRS}: each takes long)" if sides.pairs < PAIRS else ""
    return Line(what + few, sides.ratio, goal, shown(sides.ours), shown(sides.other))


def in_turns(
    ours: Callable[[], object],
    other: Callable[[], object],
    *,
    pairs: int = PAIRS,
    clock: Callable[[], float] = time.perf_counter,
    before_ours: Callable[[], object] | None = None,
    before_other: Callable[[], object] | None = None,
    warm: bool = True,
) -> Sides:
    """Time both sides in turns, after one turn that doesn't count; what runs before a side is not timed.

    There are `pairs` turns, or fewer, one at least, where they would take longer than ENOUGH or PATIENCE.
    """
    started = time.monotonic()
    if warm:
        _time(ours, before_ours, clock)
        _time(other, before_other, clock)
    times: list[tuple[float, float]] = []
    while not times or _goes_on(len(times), pairs, time.monotonic() - started):
        times.append((_time(ours, before_ours, clock), _time(other, before_other, clock)))
    return Sides(
        median(mine for mine, _ in times),
        median(theirs for _, theirs in times),
        median(mine / theirs for mine, theirs in times),
        len(times),
    )


def _goes_on(done: int, pairs: int, took: float) -> bool:
    """Whether there is to be another turn after `took` seconds.

    >>> _goes_on(4, 40, took=100), _goes_on(5, 40, took=100), _goes_on(5, 40, took=10)
    (True, False, True)
    >>> _goes_on(1, 5, took=200)
    False
    """
    return (done < min(pairs, PAIRS) and took < PATIENCE) or (done < pairs and took < ENOUGH)


def _time(
    side: Callable[[], object], before: Callable[[], object] | None, clock: Callable[[], float]
) -> float:
    if before:
        before()
    gc.collect()
    start = clock()
    kept = side()  # what it made is thrown away after the clock was read
    end = clock()
    del kept
    return end - start


def cpu_of_children() -> float:
    """CPU seconds, user and system, of the programs that were started from here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def exponent(seconds: Mapping[int, float]) -> float:
    """How time grows with size: 1 is in proportion, 2 with its square; the slope between their logarithms."""
    sizes, times = zip(*((math.log(size), math.log(took)) for size, took in seconds.items()), strict=True)
    return linear_regression(sizes, times).slope


def grows(what: str, seconds: Mapping[int, float], goal: float | None) -> Line:
    """A line that says how the time grows with the number of transactions."""
    times = " · ".join(map(shown, seconds.values()))
    return Line(f"{what}: growth exponent", exponent(seconds), goal, times, "", unit="")


def shown(seconds: float) -> str:
    """A time as a person reads it.

    >>> shown(0.0521), shown(21.44)
    ('52 ms', '21 s')
    """
    for unit, size in (("s", 1), ("ms", 1e-3)):
        if seconds >= size:
            amount = seconds / size
            return f"{amount:.0f} {unit}" if amount >= 10 else f"{amount:.2g} {unit}"
    return f"{seconds * 1e6:.0f} µs"
