"""The worker's schedules and tasks: what the settings say, whatever the rows say."""

from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.utils.module_loading import import_string
from django_q.models import Schedule
from pytest_django import Settings

from prices import tasks
from prices.models import Asset, Backfill, PriceSnapshot
from prices.services import sync_schedules
from tests.prices.conftest import NOW
from tests.prices.fake_provider import FakeProvider

pytestmark = pytest.mark.django_db
NAMES = sorted(django_settings.SCHEDULES)


class TestSchedules:
    def test_they_are_made_from_the_settings(self) -> None:
        synced = sync_schedules(now=NOW)
        assert sorted(synced.made) == NAMES
        for row in Schedule.objects.all():
            function, minutes = django_settings.SCHEDULES[row.name]
            assert (row.func, row.minutes, row.schedule_type) == (function, minutes, Schedule.MINUTES)
            assert (row.repeats, row.next_run) == (-1, NOW)

    def test_again_changes_nothing_and_keeps_the_time_of_the_next_run(self) -> None:
        sync_schedules(now=NOW)
        Schedule.objects.update(next_run=NOW + timedelta(minutes=2))
        synced = sync_schedules(now=NOW + timedelta(minutes=1))
        assert synced.made == synced.repaired == synced.removed == ()
        assert set(Schedule.objects.values_list("next_run", flat=True)) == {NOW + timedelta(minutes=2)}

    @pytest.mark.parametrize(
        "damage",
        [
            {"func": "os.system"},
            {"schedule_type": "C", "cron": "not a cron"},
            {"minutes": None},
            {"repeats": 0},
            {"args": "(("},
            {"kwargs": "x=("},
            {"cluster": "elsewhere"},
            {"hook": "nobody"},
            {"intended_date_kwarg": "x"},
            {"next_run": None},
            {"next_run": NOW + timedelta(days=400)},
        ],
    )
    def test_a_damaged_row_is_repaired(self, damage: dict[str, object]) -> None:
        sync_schedules(now=NOW)
        whole = Schedule.objects.filter(name=NAMES[0]).values().get()
        Schedule.objects.filter(name=NAMES[0]).update(**damage)
        assert sync_schedules(now=NOW).repaired == (NAMES[0],)
        assert Schedule.objects.filter(name=NAMES[0]).values().get() == whole

    def test_strangers_and_doubles_go(self) -> None:
        sync_schedules(now=NOW)
        for name in ("left over", None, NAMES[0]):
            Schedule.objects.create(name=name, func="os.system")
        synced = sync_schedules(now=NOW)
        assert len(synced.removed) == 2
        assert sorted(Schedule.objects.values_list("name", flat=True)) == NAMES

    def test_another_interval_is_taken_over(self, settings: Settings) -> None:
        sync_schedules(now=NOW)
        settings.SCHEDULES = {NAMES[0]: ("prices.tasks.fetch_latest", 1)}
        sync_schedules(now=NOW)
        assert list(Schedule.objects.values_list("name", "minutes")) == [(NAMES[0], 1)]

    def test_every_schedule_names_a_function_that_exists(self) -> None:
        for function, minutes in django_settings.SCHEDULES.values():
            assert callable(import_string(function))
            assert minutes > 0


@pytest.mark.usefixtures("frozen")
class TestTasks:
    def test_the_latest_prices_are_fetched(self, catalogue: None, provider: FakeProvider) -> None:
        assert tasks.fetch_latest().startswith("4 new prices")
        assert PriceSnapshot.objects.count() == 4

    def test_what_is_missing_is_noticed_and_fetched(self, only_btc: Asset, provider: FakeProvider) -> None:
        assert tasks.backfill_missing() == "8761 new prices; spans finished: 1"
        assert Backfill.objects.get().state == "done"

    def test_without_any_network_they_end_normally(self, catalogue: None, nobody: None) -> None:
        assert tasks.fetch_latest().startswith("no source answered")
        assert tasks.backfill_missing().startswith("0 new prices")
