"""Metrics for Prometheus, computed from the database at each asking: the same from every web process."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db.models import Count
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from accounts.models import User
from portfolios.models import Portfolio, Transaction
from prices.health import Health, health
from prices.models import Asset, Backfill, RefusedPrice


def metrics(*, now: datetime) -> bytes:
    """In Prometheus' text format. What is not known is left out. Raises DatabaseError."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Found([_info(), *_fetching(health(now=now)), *_counts()]))
    return generate_latest(registry)


class _Found(Collector):
    def __init__(self, found: list[Metric]) -> None:
        self.found = found

    def collect(self) -> Iterator[Metric]:
        yield from self.found


def _info() -> Metric:
    return InfoMetricFamily("bitfolio", "The version that answers.", value={"version": settings.VERSION})


def _fetching(found: Health) -> Iterator[Metric]:
    yield from _known("bitfolio_worker_heartbeat_age_seconds", "Since the worker was seen.", found.worker_age)
    yield from _known(
        "bitfolio_price_age_seconds", "Since the newest price of a tracked coin.", found.price_age
    )
    if found.queue:
        yield from _known("bitfolio_queue_waiting", "Tasks that wait.", found.queue.waiting)
        yield from _known("bitfolio_queue_in_hand", "Tasks in a worker's hands.", found.queue.in_hand)
        yield from _known(
            "bitfolio_queue_oldest_age_seconds", "How long the oldest task waits.", found.queue_age or 0
        )
    failures = GaugeMetricFamily("bitfolio_source_failures", "Failures in a row.", labels=["source"])
    paused = GaugeMetricFamily("bitfolio_source_paused", "1 while nobody asks it.", labels=["source"])
    for source in found.sources:
        failures.add_metric([source.source], source.failures)
        paused.add_metric([source.source], source in found.pauses)
    yield from (failures, paused)


def _counts() -> Iterator[Metric]:
    backfills = GaugeMetricFamily("bitfolio_backfills", "Spans of history asked for.", labels=["state"])
    for state, count in Backfill.objects.order_by().values_list("state").annotate(Count("pk")):
        backfills.add_metric([state], count)
    yield backfills
    refused = RefusedPrice.objects.filter(state=RefusedPrice.State.WAITING).count()
    yield from _known("bitfolio_refused_prices_waiting", "Refused prices that nobody decided on.", refused)
    yield from _known(
        "bitfolio_tracked_assets", "Coins that prices are fetched of.", Asset.objects.tracked().count()
    )
    yield from _known("bitfolio_users", "Accounts.", User.objects.count())
    yield from _known("bitfolio_portfolios", "Portfolios.", Portfolio.objects.count())
    yield from _known("bitfolio_transactions", "Transactions, deleted ones too.", Transaction.objects.count())


def _known(name: str, text: str, value: int | None) -> Iterator[Metric]:
    if value is not None:
        yield GaugeMetricFamily(name, text, value=value)
