"""Two workers at once, each with a connection of its own: nothing is lost, nothing is there twice."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django_q.models import Schedule

from prices.models import Asset, Backfill, PriceSnapshot, SourceState
from prices.services import (
    add_coin,
    advance_backfills,
    fetch_latest,
    request_missing,
    sync_catalogue,
    sync_schedules,
)
from prices.services.standing import note_failure, permit
from prices.sources import SOURCES
from prices.sources.errors import UnreachableError
from tests.prices.conftest import NOW
from tests.prices.fake_provider import FakeProvider

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 240  # seconds; on an idle machine all takes a hundredth of it


def side_by_side(*works: Callable[[], object]) -> list[object]:
    """Run all at the same time, each in a thread; what each returned or raised."""
    results: list[object] = [None] * len(works)
    together = threading.Barrier(len(works))

    def run(number: int) -> None:
        try:
            together.wait(timeout=PATIENCE)
            results[number] = works[number]()
        except Exception as error:  # noqa: BLE001 (the test looks at it)
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=PATIENCE)
    return results


def failures(results: list[object]) -> list[object]:
    return [result for result in results if isinstance(result, Exception)]


class TestTwoWorkers:
    def test_the_same_fetch_twice_at_once_stores_each_price_once(self, provider: FakeProvider) -> None:
        sync_catalogue()
        results = side_by_side(*[lambda: fetch_latest(now=NOW)] * 4)
        assert failures(results) == []
        assert PriceSnapshot.objects.count() == 4

    def test_missing_history_is_written_down_once(self, provider: FakeProvider) -> None:
        sync_catalogue()
        results = side_by_side(*[lambda: request_missing(now=NOW)] * 4)
        assert failures(results) == []
        assert Backfill.objects.count() == 4

    def test_a_span_is_worked_off_by_one_of_them(self, provider: FakeProvider) -> None:
        sync_catalogue()
        Asset.objects.exclude(symbol="BTC").update(is_tracked=False)
        request_missing(now=NOW)
        results = side_by_side(*[lambda: advance_backfills(now=NOW)] * 3)
        assert failures(results) == []
        assert sorted(result.stored for result in results) == [0, 0, 8761]  # type: ignore[attr-defined]
        assert Backfill.objects.get().state == "done"

    def test_several_spans_are_shared_out(self, provider: FakeProvider) -> None:
        sync_catalogue()
        request_missing(now=NOW)
        results = side_by_side(*[lambda: advance_backfills(now=NOW + timedelta(seconds=1))] * 2)
        assert failures(results) == []
        assert set(Backfill.objects.values_list("state", flat=True)) == {"done"}
        assert PriceSnapshot.objects.count() == 4 * 8761

    def test_failures_met_at_once_are_all_counted(self, provider: FakeProvider) -> None:
        error = UnreachableError("kraken: server error 500")
        results = side_by_side(*[lambda: note_failure(SOURCES["kraken"](), error, NOW)] * 4)
        assert failures(results) == []
        state = SourceState.objects.get()
        assert (state.failures, state.until) == (4, NOW + timedelta(minutes=2))

    def test_of_four_workers_one_has_the_trial(self, provider: FakeProvider) -> None:
        until = NOW + timedelta(minutes=1)
        SourceState.objects.create(
            source="kraken", cause="failing", failures=3, until=until, asked_as=SOURCES["kraken"]().asked_as
        )
        results = side_by_side(*[lambda: permit(SOURCES["kraken"](), until)] * 4)
        assert sorted(type(result).__name__ for result in results) == ["HeldBackError"] * 3 + ["bool"]

    def test_a_coin_added_twice_at_once_is_there_once(self, provider: FakeProvider) -> None:
        sync_catalogue()
        results = side_by_side(*[lambda: add_coin("coingecko", "bitcoin-kiwi", now=NOW)] * 3)
        assert sorted(type(result).__name__ for result in results) == ["Asset"] + ["CoinRefusedError"] * 2
        assert Asset.objects.named_at("coingecko", "bitcoin-kiwi").get().symbol == "BTC-2"

    def test_the_catalogue_made_twice_at_once_is_there_once(self) -> None:
        results = side_by_side(*[sync_catalogue] * 3)
        assert failures(results) == []
        assert Asset.objects.filter(symbol="BTC").count() == 1

    def test_workers_that_start_together_write_each_schedule_once(self) -> None:
        results = side_by_side(*[lambda: sync_schedules(now=NOW)] * 6)
        assert failures(results) == []
        assert Schedule.objects.count() == len(settings.SCHEDULES)
