"""Twenty programs ask the same at once over HTTP: the last coin is sold once, a repetition is done once."""

import pytest

from portfolios.models import Portfolio, Transaction
from tests.api.conftest import Program
from tests.api.test_transactions import BUY
from tests.factories import AssetFactory, PortfolioFactory, UserFactory, record
from tests.portfolios.books import assert_sound
from tests.portfolios.test_last_coin import THREADS, race, tally

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 3


@pytest.fixture
def owner() -> object:
    AssetFactory()
    return UserFactory()


@pytest.fixture
def programs(owner) -> list[Program]:
    return [Program(owner) for _ in range(THREADS)]


def test_of_twenty_who_sell_the_last_coin_one_sells_it_and_the_others_hear_why_not(owner, programs) -> None:
    def a_coin(number: int) -> Portfolio:
        into = PortfolioFactory(owner=owner)
        record(into, "buy", "1", "2024-01-01", unit_price="100")
        return into

    def sell(into: Portfolio, thread: int) -> object:
        sale = BUY | {"kind": "sell", "quantity": "1"}
        return programs[thread].send("post", f"/portfolios/{into.pk}/transactions", sale)

    answers = race(ROUNDS, a_coin, sell)
    assert tally(answers) == {str([("201", 1), ("409", THREADS - 1)]): ROUNDS}
    refused = [one.json() for got in answers for one in got if one.status_code == 409]
    assert all("You held 0 BTC on 1 June 2024" in one["detail"] for one in refused)
    assert_sound(owner)


def test_twenty_repetitions_of_one_request_are_one_transaction_and_one_answer(owner, programs) -> None:
    into = PortfolioFactory(owner=owner)

    def a_key(number: int) -> str:
        return f"key-{number}"

    def send(key: str, thread: int) -> object:
        return programs[thread].send("post", f"/portfolios/{into.pk}/transactions", BUY, Idempotency_Key=key)

    answers = race(ROUNDS, a_key, send)
    assert tally(answers) == {str([("201", THREADS)]): ROUNDS}
    assert [len({one.content for one in got}) for got in answers] == [1] * ROUNDS
    assert Transaction.objects.count() == ROUNDS


def test_twenty_first_uses_make_one_default_portfolio(owner, programs) -> None:
    coins = [AssetFactory(symbol=f"C{number}") for number in range(THREADS)]

    def send(_: object, thread: int) -> object:
        body = {"symbol": coins[thread].symbol, "quantity": 1, "average_buy_price": 1}
        return programs[thread].send("post", "/assets/", body)

    assert tally(race(1, lambda _: None, send)) == {str([("201", THREADS)]): 1}
    assert Portfolio.objects.count() == 1
