"""One rule, one place: form and API record the same and refuse in the same words; so does a batch, by row."""

import re

import pytest
from django.test import Client

from portfolios.models import Booking, Holding, Portfolio, Transaction
from tests.api.conftest import Program
from tests.conftest import signed_in
from tests.factories import AssetFactory, FiatFactory, PortfolioFactory, SnapshotFactory, day, record

pytestmark = pytest.mark.django_db
OWN = {"id", "portfolio_id", "idempotency_key", "created_at", "updated_at"}
PLAIN = {"kind": "buy", "asset": "BTC", "quantity": "0.5", "occurred_at": "2024-06-01T10:30"}
RECORDED = {
    "a price": {"unit_price": "150"},
    "every digit": {"quantity": "0.123456789012345678", "unit_price": "98765432109876.123456789012345678"},
    "a total with its fee": {"total": "80", "fee": "1.5"},
    "a fee in coins": {"unit_price": "150", "fee": "0.01", "fee_asset": "BTC"},
    "the market's price": {},
    "another currency": {"unit_price": "150", "currency": "EUR"},
    "a note": {"unit_price": "150", "note": "  cold\u202e <b> \N{GRINNING FACE} "},
    "a sale": {"kind": "sell", "unit_price": "250", "fee": "2"},
    "a swap": {"kind": "swap", "to_asset": "ETH", "to_quantity": "3"},
    "a swap at a price": {"kind": "swap", "to_asset": "ETH", "to_quantity": "3", "unit_price": "90"},
    "a transfer": {"kind": "transfer", "to_portfolio": "other", "fee": "0.1", "fee_asset": "BTC"},
    "a deposit": {"kind": "deposit", "cost": "70"},
    "a deposit of unknown cost": {"kind": "deposit"},
    "a withdrawal": {"kind": "withdrawal"},
    "income": {"kind": "income", "total": "9"},
    "spending": {"kind": "spend", "unit_price": "9"},
    "a gift": {"kind": "gift"},
    "a loss": {"kind": "lost"},
    "a fee": {"kind": "fee", "quantity": "0.001"},
}
REFUSED = {
    "more than was held": {"kind": "sell", "quantity": "11", "unit_price": "1"},
    "more than was held then": {"kind": "sell", "unit_price": "1", "occurred_at": "2023-12-31T00:00"},
    "nothing": {"quantity": "0"},
    "less than nothing": {"quantity": "-1"},
    "price and total": {"unit_price": "1", "total": "2"},
    "a negative price": {"unit_price": "-1"},
    "a cost of a purchase": {"cost": "1"},
    "a fee of a deposit": {"kind": "deposit", "fee": "1"},
    "a second coin of a purchase": {"unit_price": "1", "to_asset": "ETH"},
    "a swap for nothing": {"kind": "swap"},
    "a swap for itself": {"kind": "swap", "to_asset": "BTC", "to_quantity": "1"},
    "a transfer to nowhere": {"kind": "transfer"},
    "a transfer to itself": {"kind": "transfer", "to_portfolio": "own"},
    "a coin without a fee": {"unit_price": "1", "fee_asset": "BTC"},
    "a fee beyond the total": {"total": "1", "fee": "2"},
    "a fee beyond the sale": {"kind": "sell", "unit_price": "1", "fee": "2"},
    "a price nobody knows": {"asset": "XYZ"},
    "a cost nobody knows": {"kind": "deposit", "asset": "XYZ"},
    "a fee's price nobody knows": {"unit_price": "1", "fee": "1", "fee_asset": "XYZ"},
    "a rate nobody knows": {"unit_price": "1", "currency": "JPY"},
    "more than can be kept": {"quantity": "9" * 20, "unit_price": "9" * 20},
    "too long a note": {"unit_price": "1", "note": "x" * 501},
}


@pytest.fixture
def browser(alice) -> Client:
    return signed_in(alice)


@pytest.fixture
def places(alice) -> dict[str, tuple[Portfolio, Portfolio]]:
    """For each door a portfolio with ten bitcoins, and another."""
    for symbol in ("BTC", "ETH", "XYZ"):
        AssetFactory(symbol=symbol)
    SnapshotFactory(at=day("2024-06-01 10:00"), price=200)
    for at in ("2024-05-31", "2024-06-01"):
        SnapshotFactory(asset=FiatFactory(), at=day(at), price="1.1")
    found = {}
    for door in ("form", "api"):
        found[door] = PortfolioFactory(owner=alice), PortfolioFactory(owner=alice)
        record(found[door][0], "buy", "10", "2024-01-01", unit_price="100")
    return found


def by_form(browser: Client, places: tuple, said: dict) -> dict:
    """Messages by field; none where it was recorded."""
    names = {"own": places[0].pk, "other": places[1].pk}
    typed = said | {"portfolio": places[0].pk}
    for name in ("asset", "to_asset", "fee_asset"):
        if name in typed:
            typed[name] = AssetFactory(symbol=typed[name]).pk
    if "to_portfolio" in typed:
        typed["to_portfolio"] = names[typed["to_portfolio"]]
    answer = browser.post("/transactions/new/", typed)
    return {} if answer.status_code == 303 else dict(answer.context["form"].errors)


def by_api(program: Program, places: tuple, said: dict) -> dict:
    names = {"own": places[0].pk, "other": places[1].pk}
    body = said | ({"to_portfolio": names[said["to_portfolio"]]} if "to_portfolio" in said else {})
    answer = program.send("post", f"/portfolios/{places[0].pk}/transactions", body)
    assert answer.status_code in {201, 409, 422}
    return {} if answer.status_code == 201 else answer.json()["errors"]


def books(places: tuple) -> list:
    """What stands in a door's two portfolios, without the numbers that are its own."""
    where = {row.pk: place for place, row in enumerate(places)}
    found = []
    for model in (Transaction, Booking, Holding):
        for row in model.objects.filter(portfolio__in=places).order_by("pk").values():
            row["portfolio"] = where[row["portfolio_id"]]
            row["to"] = where.get(row.pop("to_portfolio_id", None))
            found.append({name: value for name, value in row.items() if name not in OWN | {"transaction_id"}})
    return found


@pytest.mark.parametrize("said", RECORDED.values(), ids=RECORDED)
def test_both_record_the_same(said, browser, program, places) -> None:
    assert by_form(browser, places["form"], PLAIN | said) == {}
    assert by_api(program, places["api"], PLAIN | said) == {}
    assert books(places["api"]) == books(places["form"])
    assert places["api"][0].transactions.count() == 2


@pytest.mark.parametrize("said", REFUSED.values(), ids=REFUSED)
def test_both_refuse_in_the_same_words(said, browser, program, places) -> None:
    before = books(places["api"])
    refused = by_form(browser, places["form"], PLAIN | said)
    assert refused
    told = by_api(program, places["api"], PLAIN | said)
    assert told.keys() == refused.keys()
    for field, messages in told.items():  # people are told what they can enter, too
        assert [re.sub(r" Enter at most [0-9.]+\.$", "", each) for each in refused[field]] == messages
    assert books(places["api"]) == books(places["form"]) == before


def test_a_program_names_the_coin_of_a_withdrawals_fee_and_a_form_means_the_coin_itself(
    browser, program, places
) -> None:
    said = PLAIN | {"kind": "withdrawal", "quantity": "0.1", "fee": "0.01"}
    assert by_api(program, places["api"], said).keys() == {"fee_asset"}
    assert by_form(browser, places["form"], said) == {}
    assert by_api(program, places["api"], said | {"fee_asset": "BTC"}) == {}
    assert books(places["api"]) == books(places["form"])


@pytest.mark.parametrize("said", RECORDED.values(), ids=RECORDED)
def test_a_batch_of_one_records_the_same(said, program, places) -> None:
    assert by_api(program, places["form"], PLAIN | said) == {}
    names = {"other": places["api"][1].pk}
    body = PLAIN | said | ({"to_portfolio": names[said["to_portfolio"]]} if "to_portfolio" in said else {})
    answer = program.send("post", f"/portfolios/{places['api'][0].pk}/transactions/batch", {"items": [body]})
    assert answer.status_code == 201
    assert books(places["api"]) == books(places["form"])


@pytest.mark.parametrize("said", REFUSED.values(), ids=REFUSED)
def test_a_batch_refuses_in_the_same_words_at_its_row(said, program, places) -> None:
    alone = by_api(program, places["form"], PLAIN | said)
    names = {"own": places["api"][0].pk}
    body = PLAIN | said | ({"to_portfolio": names[said["to_portfolio"]]} if "to_portfolio" in said else {})
    sound = PLAIN | {"unit_price": "1"}
    path = f"/portfolios/{places['api'][0].pk}/transactions/batch"
    answer = program.send("post", path, {"items": [sound, body]}).json()["errors"]
    assert {name.removeprefix("items.1."): told for name, told in answer.items()}.keys() == alone.keys()
    assert places["api"][0].transactions.count() == 1
