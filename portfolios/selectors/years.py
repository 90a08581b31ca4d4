"""Calendar years of a time zone: the span of one, and those in which something was realised."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from portfolios.models import Disposal, Portfolio


class Span(NamedTuple):
    """From `since` (None: ever) on, to before `until`, and not after `at`."""

    since: datetime | None
    until: datetime | None
    at: datetime

    def holds(self, moment: datetime) -> bool:
        is_after = self.since is None or moment >= self.since
        return is_after and moment <= self.at and (self.until is None or moment < self.until)


def years_with_gains(portfolios: Sequence[Portfolio], *, at: datetime, zone: tzinfo) -> list[int]:
    """The calendar years of `zone` in which something was realised until `at`, newest first."""
    rows = Disposal.objects.filter(portfolio__in=portfolios, disposed_at__lte=at, proceeds__isnull=False)
    return [each.year for each in rows.datetimes("disposed_at", "year", order="DESC", tzinfo=zone)]


def span_of(year: int | None, zone: tzinfo, at: datetime) -> Span:
    if year is None:
        return Span(None, None, at)
    return Span(_new_year(year, zone), _new_year(year + 1, zone), at)


def _new_year(year: int, zone: tzinfo) -> datetime:
    """When a year begins there. In years that no calendar has nothing happened."""
    return datetime(min(max(year, 2), 9998), 1, 1, tzinfo=zone).astimezone(UTC)
