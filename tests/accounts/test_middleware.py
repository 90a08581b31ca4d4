"""Pages of a signed-in person: kept out of caches, in their zone, and whole-page sign-in for htmx."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.factories import SnapshotFactory

pytestmark = pytest.mark.django_db


def test_personal_pages_stay_out_of_every_cache(alice_client: Client) -> None:
    for path in ("/", "/accounts/settings/", "/prices/"):
        response = alice_client.get(path)
        assert response["Cache-Control"] == "private, no-store"
        assert {"HX-Request", "Cookie"} <= {name.strip() for name in response["Vary"].split(",")}


def test_a_fragment_and_its_page_are_never_taken_for_each_other(client: Client) -> None:
    assert "HX-Request" in client.get("/prices/")["Vary"]


def test_times_are_in_the_users_zone(alice: User, alice_client: Client) -> None:
    SnapshotFactory(at=datetime(2025, 1, 1, 23, 30, tzinfo=UTC), asset__is_tracked=True)
    alice.timezone = "Asia/Tokyo"
    alice.save()
    with time_machine.travel(datetime(2025, 1, 1, 23, 40, tzinfo=UTC), tick=False):
        page = alice_client.get("/prices/").content.decode()
    assert "Live · " in page
    assert "08:30 JST" in page
    assert timezone.get_current_timezone_name() == "UTC", "the next request begins afresh"


def test_a_zone_that_vanished_from_the_tables_reads_as_utc(alice: User, alice_client: Client) -> None:
    User.objects.update(timezone="Europe/Atlantis")
    assert alice_client.get("/accounts/settings/").status_code == 200


def test_htmx_without_a_session_goes_to_sign_in_with_the_whole_page(client: Client) -> None:
    response = client.get(
        "/prices/ticker/",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/transactions/?asset=BTC"},
    )
    assert response.status_code == 200
    assert response["HX-Redirect"] == "/accounts/login/?next=%2Ftransactions%2F%3Fasset%3DBTC"


def test_the_way_back_from_sign_in_stays_on_this_site(client: Client) -> None:
    response = client.get(
        "/prices/ticker/", headers={"HX-Request": "true", "HX-Current-URL": "https://evil.example/x"}
    )
    assert response["HX-Redirect"] == "/accounts/login/?next=%2F"


@pytest.mark.parametrize("address", ["http://[", "http://[::1/x"])
def test_what_is_no_address_leads_back_to_the_first_page(client: Client, address: str) -> None:
    response = client.get("/prices/ticker/", headers={"HX-Request": "true", "HX-Current-URL": address})
    assert response["HX-Redirect"] == "/accounts/login/?next=%2F"
