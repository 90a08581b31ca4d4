"""Small pictures drawn by the server as SVG, without styles: sparklines, weight bars, the allocation bar."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import accumulate, pairwise

from django import template
from django.utils.html import format_html, format_html_join

from prices.coverage import Piece

register = template.Library()

WIDTH, HEIGHT, MARGIN = 84, 28, 3
POINTS = 15  # what 84 px can show
CHART_WIDTH, CHART_HEIGHT = 1000, 260


@register.simple_tag
def sparkline(values: Sequence[Decimal | float | None], name: str, palette: object = "") -> str:
    """One line through the known values, oldest first; nothing when fewer than two are known.

    `palette` is 1–5 or "btc"; the name is what a screen reader says: "Bitcoin, last 30 days".
    """
    known = [float(value) for value in values or [] if value is not None]
    if len(known) < 2:
        return ""
    return format_html(
        '<svg class="spark {}" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<path d="{}"/></svg>',
        palette_class(palette),
        WIDTH,
        HEIGHT,
        name,
        _path(_thinned(known)),
    )


@register.simple_tag
def weight_bar(ratio: Decimal | None, palette: object = "") -> str:
    """A bar filled to `ratio` (0–1)."""
    return format_html(
        '<svg class="bar {}" aria-hidden="true"><rect width="{}%" height="100%"/></svg>',
        palette_class(palette),
        _percent(ratio),
    )


@register.simple_tag
def allocation_bar(parts: Iterable[tuple[Decimal | None, object]]) -> str:
    """One bar of all shares: (ratio, palette) pairs in the order of the list below it."""
    pairs = list(parts)
    edges = accumulate((_percent(ratio) for ratio, _ in pairs), initial=0.0)
    rects = format_html_join(
        "",
        '<rect class="{}" x="{}%" width="{}%" height="100%"/>',
        (
            (palette_class(palette), round(start, 2), round(end - start, 2))
            for (start, end), (_, palette) in zip(pairwise(edges), pairs, strict=True)
        ),
    )
    return format_html('<svg class="alloc-bar" aria-hidden="true">{}</svg>', rects)


@register.simple_tag
def plain_chart(points: Sequence[tuple[datetime, Decimal | None]], name: str, log: bool = False) -> str:
    """The line of a chart for readers without scripts; gaps stay gaps. Fewer than two points draw nothing."""
    known = [(at.timestamp(), _height(price, log)) for at, price in points if price is not None]
    if len(known) < 2:
        return ""
    return format_html(
        '<svg class="plain-chart" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<path d="{}"/></svg>',
        *(CHART_WIDTH, CHART_HEIGHT, name, _chart_path(points, known, log)),
    )


@register.simple_tag
def coverage_bar(pieces: Iterable[Piece], name: str) -> str:
    """Full height where prices are hourly, half where they are daily, nothing where there are none."""
    heights = {"hourly": ("0", "100%"), "daily": ("50%", "50%")}
    rects = format_html_join(
        "",
        '<rect class="{}" x="{}%" width="{}%" y="{}" height="{}"/>',
        (
            (
                piece.resolution,
                round(piece.start * 100, 3),
                round(piece.width * 100, 3),
                *heights[piece.resolution],
            )
            for piece in pieces
            if piece.resolution in heights
        ),
    )
    return format_html('<svg class="cover-bar" role="img" aria-label="{}">{}</svg>', name, rects)


@register.filter
def palette_class(palette: object) -> str:
    """The class that carries a data colour: 1–5 in turn, "btc", or none."""
    if isinstance(palette, int):
        return f"c-{(palette - 1) % 5 + 1}"
    return f"c-{palette}" if palette else ""


@register.filter
def coin_palette(symbol: str) -> int:
    """The colour of a coin's mark, the same on every page: the best known have their own."""
    known = {"BTC": 1, "ETH": 2, "SOL": 3, "BNB": 4}
    return known.get(symbol) or sum(map(ord, symbol)) % 5 + 1


def _share(ratio: float) -> float:
    return round(ratio * 100, 3)


def _height(price: Decimal, log: bool) -> float:
    return math.log(price) if log else float(price)


def _chart_path(
    points: Sequence[tuple[datetime, Decimal | None]], known: Sequence[tuple[float, float]], log: bool
) -> str:
    first, last = known[0][0], known[-1][0]
    low, high = min(y for _, y in known), max(y for _, y in known)
    across, up = CHART_WIDTH / ((last - first) or 1.0), (CHART_HEIGHT - 4) / ((high - low) or 1.0)
    path, pen = [], "M"
    for at, price in points:
        if price is None:
            pen = "M"
            continue
        x, y = (at.timestamp() - first) * across, CHART_HEIGHT - 2 - (_height(price, log) - low) * up
        path.append(f"{pen}{x:.1f} {y:.1f}")
        pen = "L"
    return "".join(path)


def _percent(ratio: Decimal | float | None) -> float:
    return round(min(max(float(ratio or 0), 0.0), 1.0) * 100, 2)


def _thinned(values: list[float]) -> list[float]:
    """At most POINTS values, the first and the last among them."""
    if len(values) <= POINTS:
        return values
    step = (len(values) - 1) / (POINTS - 1)
    return [values[round(index * step)] for index in range(POINTS)]


def _path(values: list[float]) -> str:
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    step = WIDTH / (len(values) - 1)
    drawn = HEIGHT - 2 * MARGIN
    points = (
        f"{index * step:.1f} {HEIGHT - MARGIN - (value - low) / span * drawn:.1f}"
        for index, value in enumerate(values)
    )
    return "M" + "L".join(points)
