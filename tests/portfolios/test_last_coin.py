"""The last coin is sold once: rounds in which twenty threads sell it at the same moment.

A few rounds by default, 200 where LAWS=thorough is in the environment. The threads and their connections stay
from round to round, as those of a web server do.
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from portfolios.ledger import HoldingWouldBeNegative
from portfolios.models import Holding, Portfolio, Transaction
from portfolios.selectors import differences
from portfolios.services import amend_transaction, record_transaction
from tests.conftest import signed_in
from tests.effort import THOROUGH
from tests.factories import NOW, AssetFactory, PortfolioFactory, UserFactory, draft, record
from tests.portfolios.books import assert_sound

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 20
ROUNDS = 200 if THOROUGH else 10
FORMS = 20 if THOROUGH else 2  # rounds: each answer is a whole page
PATIENCE = 300  # seconds until a round that hangs is given up


@pytest.fixture
def portfolio() -> Portfolio:
    return PortfolioFactory(owner=UserFactory(), currency="USD")


def race(rounds: int, prepare: Callable[[int], object], act: Callable[[object, int], object]) -> list[list]:
    """Let all threads `act` at once on what was prepared for the round; what each of them got, per round."""
    stage: dict[int, object] = {}
    ready, done = Barrier(THREADS + 1, timeout=PATIENCE), Barrier(THREADS + 1, timeout=PATIENCE)

    def run(thread: int) -> list[object]:
        answers = []
        try:
            for number in range(rounds):
                ready.wait()
                answers.append(outcome(lambda: act(stage[number], thread)))  # noqa: B023
                done.wait()
        finally:
            connection.close()
        return answers

    with ThreadPoolExecutor(THREADS) as threads:
        runs = [threads.submit(run, thread) for thread in range(THREADS)]
        try:
            for number in range(rounds):
                stage[number] = prepare(number)
                ready.wait()
                done.wait()
        finally:
            ready.abort()  # nobody waits for a round that does not come
        return [list(answers) for answers in zip(*(one.result() for one in runs), strict=True)]


def outcome(act: Callable[[], object]) -> object:
    try:
        return act()
    except Exception as error:  # noqa: BLE001 (whatever it is, the test counts it)
        return error


def tally(rounds: list[list]) -> Counter:
    """How often a round came out in which way."""
    words = [sorted(Counter(map(in_a_word, answers)).items()) for answers in rounds]
    return Counter(map(str, words))


def in_a_word(answer: object) -> str:
    return str(getattr(answer, "status_code", type(answer).__name__))


def test_of_twenty_who_sell_the_last_coin_one_sells_it(portfolio) -> None:
    coin = AssetFactory()

    def a_coin(number: int) -> object:
        into = PortfolioFactory(owner=portfolio.owner)
        record(into, "buy", "1", "2024-01-01", asset=coin, unit_price="100")
        return into, draft("sell", "1", "2024-01-02", asset=coin, unit_price="110")

    def sell(prepared: object, _: int) -> object:
        into, sale = prepared
        return record_transaction(portfolio=into, draft=sale, now=NOW)

    answers = race(ROUNDS, a_coin, sell)
    one_wins = [("HoldingWouldBeNegative", THREADS - 1), ("Transaction", 1)]
    assert tally(answers) == {str(one_wins): ROUNDS}
    assert {told.held for got in answers for told in got if isinstance(told, HoldingWouldBeNegative)} == {0}
    assert [row.realised for row in Holding.objects.all()] == [10] * ROUNDS
    assert_sound(portfolio.owner)


def test_of_twenty_forms_that_sell_the_last_coin_one_is_saved_and_the_others_say_why_not(portfolio) -> None:
    coin = AssetFactory()
    browsers = [signed_in(portfolio.owner) for _ in range(THREADS)]
    sale = {"kind": "sell", "asset": coin.pk, "quantity": "1", "unit_price": "110"}
    sale |= {"occurred_at": "2024-01-02T12:00"}

    def a_coin(number: int) -> object:
        into = PortfolioFactory(owner=portfolio.owner)
        record(into, "buy", "1", "2024-01-01", asset=coin, unit_price="100")
        return sale | {"portfolio": into.pk}

    def send(form: object, thread: int) -> object:
        browser: Client = browsers[thread]
        return browser.post("/transactions/new/", form | {"idempotency_key": str(uuid4())})

    answers = race(FORMS, a_coin, send)
    assert tally(answers) == {str([("303", 1), ("422", THREADS - 1)]): FORMS}
    refused = [answer.content.decode() for answer in answers[-1] if answer.status_code == 422]
    assert all("You held 0 BTC on 2 January 2024" in page for page in refused)
    assert Transaction.objects.filter(kind="sell").count() == FORMS
    assert_sound(portfolio.owner)


def test_twenty_repetitions_of_one_request_are_one_transaction(portfolio) -> None:
    def a_request(number: int) -> object:
        return draft("buy", "1", "2024-01-01", unit_price="100"), uuid4()

    def send(request: object, _: int) -> object:
        stated, key = request
        return record_transaction(portfolio=portfolio, draft=stated, now=NOW, idempotency_key=key)

    answers = race(3, a_request, send)
    assert [len(set(got)) for got in answers] == [1] * 3
    assert portfolio.transactions.count() == 3
    assert differences(portfolio) == []


def test_of_twenty_who_amend_the_version_they_saw_one_does(portfolio) -> None:
    def a_purchase(number: int) -> object:
        return record(portfolio, "buy", "1", "2024-01-01", unit_price="100")

    def amend(row: object, thread: int) -> object:
        new = draft("buy", "1", "2024-01-01", unit_price=str(thread))
        return amend_transaction(transaction=row, draft=new, now=NOW, version=row.version)

    answers = race(3, a_purchase, amend)
    assert tally(answers) == {str([("ChangedMeanwhile", THREADS - 1), ("Transaction", 1)]): 3}
    assert differences(portfolio) == []
