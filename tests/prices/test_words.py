"""What the price pages say where a coin or its price is missing, to who can help it and to others."""

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import AssetFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff_client(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("root", "root@example.org", "a-long-password"))
    return client


def test_a_search_names_what_it_did_not_find(alice_client: Client) -> None:
    page = alice_client.get("/prices/coins/?q=kas%3Cpa").content.decode()
    assert "No coin matches “kas&lt;pa”." in page
    assert "Whoever runs this site can add coins that are missing." in page


def test_an_unknown_coin_leads_staff_to_where_it_is_added(staff_client: Client) -> None:
    answer = staff_client.get("/prices/XMR/")
    page = answer.content.decode()
    assert (answer.status_code, "There is no coin XMR here" in page) == (404, True)
    for way in ("/admin/prices/asset/add/", "manage.py add_coin", 'href="/prices/coins/?q=XMR"'):
        assert way in page


def test_others_hear_who_can_add_it(alice_client: Client, client: Client) -> None:
    for reader in (alice_client, Client()):
        answer = reader.get("/prices/XMR/")
        page = answer.content.decode()
        assert (answer.status_code, "/admin/" in page) == (404, False)
        assert "Whoever runs this site can add coins that are missing." in page


def test_a_coin_without_a_price_leads_staff_to_what_is_fetched(staff_client: Client) -> None:
    coin = AssetFactory(symbol="XMR")
    page = staff_client.get("/prices/XMR/").content.decode()
    assert f"/admin/prices/asset/{coin.pk}/change/" in page
    assert "manage.py fetch_prices" in page


def test_others_hear_who_can_see_why(alice_client: Client) -> None:
    AssetFactory(symbol="XMR")
    page = alice_client.get("/prices/XMR/").content.decode()
    assert "If none comes, whoever runs this site can see why." in page
    assert "/admin/" not in page
