"""With amounts hidden, what is refused says no quantity either, whichever door refuses it."""

import pytest
from django.urls import reverse

from tests.factories import AssetFactory, record
from tests.portfolios.entering import address, form
from tests.portfolios.page import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]
NEW = "/transactions/new/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ether(savings):
    """3.59 were bought, of which 3.4 left later."""
    coin = AssetFactory(symbol="ETH")
    bought = record(savings, "buy", "3.59", "2024-01-02", asset=coin, unit_price="10")
    record(savings, "spend", "3.4", "2024-02-02", asset=coin, unit_price="10")
    return bought


@pytest.fixture
def hidden_client(alice_client):
    alice_client.cookies["private"] = "1"
    return alice_client


def too_much(ether, **others):
    moment = {"occurred_at": "2024-01-03T10:30"}
    return form(ether.portfolio, kind="sell", asset=ether.asset_id, quantity="7", **moment) | others


def tells_nothing(text: str) -> None:
    assert "•••••" in text
    assert "3.4" not in text
    assert "3.59" not in text
    assert "0.19" not in text
    assert "Enter at most" not in text


def test_the_form_and_its_preview(hidden_client, ether) -> None:
    said = hidden_client.post(NEW, too_much(ether)).context["form"].errors["quantity"][0]
    assert said.startswith("You held ••••• ETH on 3 January 2024")
    tells_nothing(said)
    tells_nothing(hidden_client.post("/transactions/preview/", too_much(ether)).content.decode())


def test_an_amended_purchase_on_its_page_and_in_its_row(hidden_client, ether) -> None:
    sent = too_much(ether, kind="buy", quantity="0.1", version=ether.version)
    in_row = HTMX | {"HX-Target": f"tx-{ether.pk}"}
    for headers in ({}, in_row):
        answer = hidden_client.post(address("edit", ether), sent, headers=headers)
        assert answer.status_code == 422
        tells_nothing(answer.context["form"].errors["quantity"][0])


def test_what_can_not_be_deleted(hidden_client, ether) -> None:
    page = hidden_client.post(address("delete", ether), headers=HTMX).content.decode()
    assert "can’t be deleted. Without it you would have held ••••• ETH" in page
    tells_nothing(
        Page(hidden_client.post(address("delete", ether), follow=True)).text.split("deleted.")[1][:99]
    )


def test_what_can_not_be_restored(hidden_client, ether) -> None:
    later = ether.portfolio.transactions.get(kind="spend")
    hidden_client.post(address("delete", later))
    record(ether.portfolio, "spend", "3", "2024-01-20", asset=ether.asset, unit_price="10")
    answer = hidden_client.post(address("restore", later), headers=HTMX)
    tells_nothing(answer["HX-Trigger"].encode().decode("unicode_escape"))


def test_what_it_perhaps_repeats(hidden_client, ether) -> None:
    again = form(
        ether.portfolio,
        asset=ether.asset_id,
        quantity="3.59",
        unit_price="10",
        occurred_at="2024-01-02T00:00",
    )
    for where in (NEW, "/transactions/preview/"):
        html = hidden_client.post(where, again).content.decode()
        note = html.split("This looks like")[1].split("Save it only")[0]
        assert "•••••" in note
        assert "3.59" not in note


def test_an_account_that_hides_them_is_told_nothing_either(alice_client, alice, ether) -> None:
    alice.hides_amounts = True
    alice.save()
    tells_nothing(alice_client.post(NEW, too_much(ether)).context["form"].errors["quantity"][0])


def test_shown_they_are_said_as_ever(alice_client, ether) -> None:
    said = alice_client.post(NEW, too_much(ether)).context["form"].errors["quantity"][0]
    assert "You held 3.59 ETH" in said
    assert said.endswith("Enter at most 0.19.")


@pytest.mark.parametrize("where", ["new", "edit"])
def test_the_form_has_the_eye_that_other_pages_have(alice_client, ether, where) -> None:
    to = NEW if where == "new" else reverse("transaction-edit", args=[ether.pk])
    head = (
        alice_client.get(to).content.decode().split('<div class="pagehead">')[1].split('<form class="cols')[0]
    )
    assert 'data-action="privacy"' in head
