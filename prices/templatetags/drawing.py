"""Small pictures drawn by the server as SVG, without styles: sparklines, weight bars, the allocation bar."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import accumulate, pairwise

from django import template
from django.utils.html import format_html, format_html_join

register = template.Library()

WIDTH, HEIGHT, MARGIN = 84, 28, 3
POINTS = 15  # what 84 px can show


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
