"""Two at once: the portfolio's row is the lock, so the last coin is sold once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection

from portfolios.ledger import HoldingWouldBeNegative
from portfolios.models import Portfolio, Transaction
from portfolios.selectors import differences
from portfolios.services import record_transaction
from tests.factories import NOW, PortfolioFactory, UserFactory, draft, record

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS, SELLERS = 8, 4


@pytest.fixture
def portfolio() -> Portfolio:
    return PortfolioFactory(owner=UserFactory())


def at_once(act, times: int) -> list[object]:
    """Run `act` in so many threads that start together; what each returned, or the error it met."""
    start = Barrier(times)

    def run(_: int) -> object:
        start.wait()
        try:
            return act()
        except HoldingWouldBeNegative as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(run, range(times)))


def test_the_last_coin_is_sold_once(portfolio) -> None:
    for number in range(1, ROUNDS + 1):
        bought = record(portfolio, "buy", "1", f"2024-{number:02}-01", unit_price="100")
        sale = draft("sell", "1", f"2024-{number:02}-02", asset=bought.asset, unit_price="110")
        answers = at_once(lambda: record_transaction(portfolio=portfolio, draft=sale, now=NOW), SELLERS)  # noqa: B023
        assert sum(isinstance(answer, Transaction) for answer in answers) == 1
        assert sum(isinstance(answer, HoldingWouldBeNegative) for answer in answers) == SELLERS - 1
    assert differences(portfolio) == []


def test_a_form_that_is_sent_twice_at_once_is_saved_once(portfolio) -> None:
    stated, key = draft("buy", "1", "2024-01-01", unit_price="100"), uuid4()
    answers = at_once(
        lambda: record_transaction(portfolio=portfolio, draft=stated, now=NOW, idempotency_key=key), SELLERS
    )
    assert len(set(answers)) == 1
    assert portfolio.transactions.count() == 1
