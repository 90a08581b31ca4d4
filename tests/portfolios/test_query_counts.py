"""How many queries each page takes: the same after a long history as after a short one.

The pages are those of the URL table (tests/security/routes.py): a page that is added is counted without being
asked for. LONG_HISTORY=10000 tells how long the long one is; each page is drawn anew, nothing remembered.
"""

import os
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from portfolios.drafts import Draft
from portfolios.models import Portfolio, Transaction
from portfolios.services import delete_transaction, record_batch
from portfolios.views import books
from prices import selectors
from prices.models import Asset, PriceSnapshot
from tests.conftest import signed_in
from tests.factories import NOW, AssetFactory, PortfolioFactory, SnapshotFactory
from tests.security.routes import SITE, address

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]

SHORT, LONG = 120, int(os.environ.get("LONG_HISTORY", "2000"))  # the short one fills a page of each list
DAYS = 200
MOST = 45  # queries of a page that is drawn anew
ELSEWHERE = {"docs", "metrics", "status", "api", "login", "logout"}  # nothing of the user's
CHECKED = "?check=1"  # each asset is booked anew and compared
MORE = [
    "/?range=1W", "/?by=portfolio", "/performance/?range=1M", "/gains/?year=all",
    "/transactions/?kind=sell&sort=asset", "/transactions/?q=note", "/transactions/?page=2",
    "/explain/net_result/", "/explain/day_change/", "/explain/realised/", "/explain/cost_basis/?rows=2",
    "/gains/explain/proceeds/?year=all&rows=2",
]  # fmt: skip


@pytest.fixture
def coins() -> list[Asset]:
    found = [AssetFactory(symbol=symbol, is_tracked=True) for symbol in ("BTC", "ETH", "SOL")]
    PriceSnapshot.objects.bulk_create(
        SnapshotFactory.build(asset=coin, at=NOW - timedelta(days=day), price=Decimal(100 + day % 7))
        for coin in found
        for day in range(DAYS)
    )
    return found


def trades(coins: list[Asset], count: int) -> Iterator[Draft]:
    """Every fifth is a sale of half of what was bought before it; each has its own moment."""
    for number in range(count):
        yield Draft(
            kind="sell" if number % 5 == 4 else "buy",
            asset=coins[number // 5 % 3],
            quantity=Decimal("0.5") if number % 5 == 4 else Decimal(1),
            occurred_at=NOW - timedelta(days=DAYS - 1) + timedelta(days=DAYS - 5) * number / count,
            currency="USD",
            unit_price=Decimal(100 + number % 9),
            fee=Decimal("0.1"),
            note="A note",
        )


def pages(transaction: Transaction) -> list[str]:
    """Every page that a signed-in reader may ask for, and of those about a row those about this one's."""
    named = [address(route, transaction) for route in SITE if route.name not in ELSEWHERE]
    then = f"/?at={transaction.occurred_at:%Y-%m-%d}"
    thorough = f"/portfolios/{transaction.portfolio_id}/books/{CHECKED}"
    return [*dict.fromkeys(named), *MORE, then, thorough]


def counted(client: Client, transaction: Transaction) -> dict[str, int]:
    """Queries of each page that answers; nothing is remembered from the page before."""
    counts = {}
    for page in pages(transaction):
        if client.get(page).status_code != 200:  # not there, or no page; and what a process keeps is kept now
            continue
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            response = client.get(page)
            b"".join(response.streaming_content) if response.streaming else None
        counts[page] = len(queries)
    return counts


@pytest.fixture
def portfolio(alice: User, monkeypatch: pytest.MonkeyPatch) -> Portfolio:
    monkeypatch.setattr(books, "AT_ONCE", 0)  # how long a history may be to be checked unasked
    monkeypatch.setattr(
        selectors, "MANY_MOMENTS", 1_000
    )  # from where on whole series are read: between the two
    PortfolioFactory(owner=alice, name="Empty")
    return PortfolioFactory(owner=alice, name="Savings")


def test_no_page_takes_more_queries_after_a_long_history(alice, portfolio, coins) -> None:
    client = signed_in(alice)
    none = counted(client, Transaction(portfolio=portfolio, pk=0, occurred_at=NOW - timedelta(days=20)))
    found = record_batch(portfolio=portfolio, drafts=list(trades(coins, SHORT)), now=NOW)
    delete_transaction(transaction=found[-1], now=NOW)
    few = counted(client, found[4])
    record_batch(portfolio=portfolio, drafts=list(trades(coins, LONG - SHORT)), now=NOW)
    many = counted(client, found[4])
    assert few.keys() == many.keys()
    assert {page: (few[page], many[page]) for page in few if few[page] != many[page]} == {}
    most = {page: max(count, none.get(page, 0)) for page, count in many.items()}
    assert {page: n for page, n in most.items() if n > MOST and not page.endswith(CHECKED)} == {}
