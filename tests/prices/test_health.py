"""How the fetching is doing, as it is said to programs, to staff and, quietly, to everybody."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django_q.models import OrmQ
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from prices import tasks
from prices.health import health
from prices.models import Asset, Backfill, Heartbeat, SourceState
from prices.services import beat
from tests.conftest import signed_in
from tests.factories import SnapshotFactory
from tests.prices.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
HEALTH = "/api/health"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def works(db: None) -> None:
    """The worker was seen a minute ago."""
    beat(now=NOW - MINUTE)


@pytest.fixture
def staff(db: None) -> Client:
    return signed_in(User.objects.create_user("sam", "sam@example.org", "a-long-password", is_staff=True))


class TestHeartbeat:
    def test_there_is_one_row_whatever_happens(self) -> None:
        for minutes in range(3):
            beat(now=NOW + minutes * MINUTE)
        assert Heartbeat.objects.get().at == NOW + 2 * MINUTE

    def test_the_saved_result_of_the_task_is_what_counts(self) -> None:
        tasks.heartbeat()
        assert not Heartbeat.objects.exists()
        tasks.note_heartbeat(None)
        assert Heartbeat.objects.get().at - NOW < MINUTE


class TestForPrograms:
    def test_all_is_well(self, works: None, btc: Asset) -> None:
        SnapshotFactory(asset=btc, at=NOW - 2 * MINUTE)
        response = Client().get(HEALTH)
        said = response.json()
        assert response.status_code == 200
        assert (said["status"], said["failing"], said["database"], said["worker"]) == ("ok", [], "ok", "ok")
        assert said["worker_seen_at"] == "2024-06-15T12:29:00Z"
        assert said["last_price_at"] == "2024-06-15T12:28:00Z"
        assert 120 <= said["last_price_age_seconds"] < 180
        assert said["queue"] == {"waiting": 0, "oldest_age_seconds": None, "in_hand": 0}
        assert said["sources"] == []
        assert said["version"]
        assert response["Cache-Control"] == "private, no-store"

    @pytest.mark.parametrize("path", [HEALTH, HEALTH + "/"])
    def test_with_and_without_the_slash(self, works: None, path: str) -> None:
        assert Client().get(path).status_code == 200

    def test_a_worker_that_was_never_seen_is_a_failure(self) -> None:
        response = Client().get(HEALTH)
        assert (response.status_code, response.json()["failing"]) == (503, ["worker"])

    @pytest.mark.parametrize(("minutes", "status"), [(2, 200), (4, 503)])
    def test_so_is_one_that_has_been_silent_for_three_minutes(self, minutes: int, status: int) -> None:
        beat(now=NOW - minutes * MINUTE)
        assert Client().get(HEALTH).status_code == status

    def test_a_database_that_is_away_is_said_so(self) -> None:
        with patch("prices.api.state.health", side_effect=OperationalError("gone")):
            response = Client().get(HEALTH)
        said = response.json()
        assert (response.status_code, said["failing"], said["database"]) == (503, ["database"], "failing")
        assert said["worker_seen_at"] is said["last_price_at"] is None

    def test_old_prices_alone_are_no_failure(self, works: None, btc: Asset) -> None:
        SnapshotFactory(asset=btc, at=NOW - timedelta(days=3))
        assert Client().get(HEALTH).status_code == 200

    def test_the_queue_is_counted_and_the_state_of_sources_named_but_not_explained(self, works: None) -> None:
        OrmQ.objects.create(key="bitfolio", payload="x", lock=NOW - 5 * MINUTE)
        OrmQ.objects.create(key="bitfolio", payload="x", lock=NOW - 2 * MINUTE)
        OrmQ.objects.create(key="bitfolio", payload="x", lock=NOW + MINUTE)
        SourceState.objects.create(
            source="coingecko", until=NOW + MINUTE, cause="refused", reason="wants another key", failures=1
        )
        SourceState.objects.create(source="binance", until=NOW - MINUTE, cause="failing", failures=3)
        SourceState.objects.create(source="kraken", answered_at=NOW - MINUTE)
        response = Client().get(HEALTH)
        said = response.json()
        assert (said["queue"]["waiting"], said["queue"]["in_hand"]) == (2, 1)
        assert 300 <= said["queue"]["oldest_age_seconds"] < 360
        seen = {
            each["source"]: (each["state"], each["paused_until"], each["failures"])
            for each in said["sources"]
        }
        assert seen == {
            "binance": ("failing", None, 3),
            "coingecko": ("refused", "2024-06-15T12:31:00Z", 1),
            "kraken": ("ok", None, 0),
        }
        assert said["sources"][-1]["answered_at"] == "2024-06-15T12:29:00Z"
        assert "another key" not in response.content.decode()

    def test_a_queue_in_redis_is_not_counted(self, works: None, settings: Settings) -> None:
        settings.Q_BROKER_URL = "redis://localhost:6379/0"
        assert Client().get(HEALTH).json()["queue"] is None

    def test_nothing_can_be_changed_there(self) -> None:
        assert Client().post(HEALTH).status_code == 405

    def test_it_takes_four_queries(self, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        with django_assert_num_queries(4):
            health(now=NOW)


class TestForStaff:
    def test_they_read_all_of_it(self, works: None, staff: Client, btc: Asset) -> None:
        SourceState.objects.create(source="coingecko", until=NOW + MINUTE, reason="wants another key")
        Backfill.objects.create(
            asset=btc, since=NOW - timedelta(hours=9), until=NOW, cursor=NOW - timedelta(hours=7)
        )
        page = staff.get(reverse("status")).content.decode()
        assert "Works" in page
        assert "wants another key" in page
        assert "3 of 10" in page

    def test_without_anything_it_is_still_a_page(self, staff: Client) -> None:
        page = staff.get(reverse("status")).content.decode()
        assert "Stands still" in page
        assert "never seen" in page

    def test_nobody_else_finds_it(self, alice_client: Client) -> None:
        assert alice_client.get(reverse("status")).status_code == 404


class TestTheQuietLine:
    def test_it_is_there_while_prices_are_old_and_the_worker_stands_still(
        self, alice_client: Client, btc: Asset
    ) -> None:
        SnapshotFactory(asset=btc, at=NOW - timedelta(hours=3))
        beat(now=NOW - timedelta(hours=3))
        page = alice_client.get(reverse("price-list")).content.decode()
        assert "Prices are not being updated" in page
        assert "15 Jun 2024 09:30 UTC" in page
        assert reverse("status") not in page

    def test_staff_get_the_way_to_the_status(self, staff: Client) -> None:
        assert reverse("status") in staff.get(reverse("price-list")).content.decode()

    @pytest.mark.parametrize(("price_age", "beat_age"), [(3, 180), (180, 1)])
    def test_it_is_not_where_prices_are_fresh_or_the_worker_works(
        self, alice_client: Client, btc: Asset, price_age: int, beat_age: int
    ) -> None:
        SnapshotFactory(asset=btc, at=NOW - price_age * MINUTE)
        beat(now=NOW - beat_age * MINUTE)
        assert "not being updated" not in alice_client.get(reverse("price-list")).content.decode()


class TestThePageOfBackfills:
    def test_it_asks_again_while_something_is_under_way_and_then_stops(
        self, alice_client: Client, btc: Asset
    ) -> None:
        hour = timedelta(hours=1)
        row = Backfill.objects.create(asset=btc, since=NOW - 9 * hour, until=NOW, cursor=NOW - 10 * hour)
        page = alice_client.get(reverse("backfill-list")).content.decode()
        assert "0 of 10" in page
        assert 'hx-trigger="every 5s"' in page
        row.state, row.cursor = "incomplete", NOW
        row.error, row.retry_at = "hours without a price: 2", NOW + hour
        row.save()
        page = alice_client.get(reverse("backfill-list")).content.decode()
        assert "10 of 10 · done, with gaps" in page
        assert "hours without a price: 2; next try" in page
        assert "every 5s" not in page

    def test_nothing_to_do_is_said_in_words(self, alice_client: Client) -> None:
        assert "Nothing is being fetched" in alice_client.get(reverse("backfill-list")).content.decode()
