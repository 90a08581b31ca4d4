"""A gift that was received is no gift that was given: the form says where each belongs."""

import pytest

from tests.factories import record
from tests.portfolios.page import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]


def test_the_types_say_which_gift_is_meant(alice_client, savings) -> None:
    page = Page(alice_client.get("/transactions/new/"))
    assert "Gift given" in page.text
    assert "A gift you received is a deposit." in page.text
    assert "some you owned before, or a gift you received." in page.text


def test_it_is_called_so_wherever_it_stands(alice_client, savings, bought) -> None:
    given = record(savings, "gift", "0.1", "2024-06-02")
    assert "Gift given" in Page(alice_client.get("/transactions/")).row(given.pk)
    assert '<option value="gift">Gift given</option>' in alice_client.get("/transactions/").content.decode()
    refused = alice_client.post(
        "/transactions/new/",
        {"kind": "gift", "portfolio": savings.pk, "asset": bought.asset_id, "quantity": "0.2", "cost": "1",
         "occurred_at": "2024-06-01T10:30"},
    )  # fmt: skip
    assert refused.context["form"].errors["cost"] == ["A gift given takes no cost; leave it empty."]
