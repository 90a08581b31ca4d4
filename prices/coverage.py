"""What is known of an asset's price, and from whom, as its page draws and lists it. Reads only."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby, pairwise

from prices.models import Asset
from prices.selectors import DAY, Span, joined

CELLS = 160  # the bar is drawn in so many steps
ROWS = 24  # spans that are listed; where there are more, neighbours are told apart by resolution alone
GAPS = 3  # that are named
REST = 4 * DAY  # fixings rest over weekends and holidays


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the bar: what is known there; where it begins and how wide it is, of 1."""

    resolution: str
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """From when to when there are prices, how many of the days between have a close, and the spans."""

    since: datetime
    until: datetime
    closes: int
    missing: int
    spans: tuple[Span, ...]  # newest first
    bar: tuple[Piece, ...]
    gaps: tuple[Span, ...]  # the longest, newest first
    gap_count: int

    @property
    def further_gaps(self) -> int:
        return self.gap_count - len(self.gaps)


def covered(
    asset: Asset, spans: list[Span], *, since: datetime, until: datetime, closes: int, missing: int
) -> Coverage:
    """The coverage up to the newest price; an exchange rate's days of rest are no gaps."""
    if asset.kind == Asset.Kind.FIAT:
        spans = rested(spans)
    gaps = [span for span in spans if span.resolution == "none"]
    longest = sorted(gaps, key=lambda gap: (gap.days, gap.since), reverse=True)[:GAPS]
    listed = spans if len(spans) <= ROWS else merged(spans)
    return Coverage(
        since=since,
        until=until,
        closes=closes,
        missing=missing,
        spans=tuple(reversed(listed[-ROWS:])),
        bar=tuple(pieces(spans)),
        gaps=tuple(sorted(longest, key=lambda gap: gap.since, reverse=True)),
        gap_count=len(gaps),
    )


def rested(spans: Sequence[Span]) -> list[Span]:
    """The spans with each hole of a few days taken into the span before it."""
    found: list[Span] = []
    for span in spans:
        if found and span.resolution == "none" and span.until - span.since <= REST:
            found[-1] = replace(found[-1], until=span.until)
        else:
            found = joined(found, span)
    return found


def merged(spans: Sequence[Span]) -> list[Span]:
    """Neighbours of one resolution made one, whoever their prices are from."""
    found = []
    for _, group in groupby(spans, key=lambda span: span.resolution):
        same = [*group]
        sources = sorted({source for span in same for source in span.sources})
        found.append(replace(same[0], until=same[-1].until, sources=tuple(sources)))
    return found


def pieces(spans: Sequence[Span]) -> list[Piece]:
    """The bar, in at most so many steps: a gap is seen however short, else the more frequent is shown."""
    days = [span.resolution for span in spans for _ in range(span.days)]
    count = min(CELLS, len(days))
    edges = [len(days) * number // count for number in range(count + 1)] if count else []
    cells = [_cell(days[start:end]) for start, end in pairwise(edges)]
    found, start = [], 0
    for resolution, group in groupby(cells):
        width = len([*group])
        found.append(Piece(resolution, start / count, width / count))
        start += width
    return found


def _cell(days: Sequence[str]) -> str:
    return "none" if "none" in days else Counter(days).most_common(1)[0][0]
