"""Where several coins would run short, what is refused names the one that does so first."""

import pytest

from portfolios import services
from portfolios.ledger import HoldingWouldBeNegative
from portfolios.models import Portfolio, Transaction
from portfolios.selectors import preview
from portfolios.services import BatchWouldBeNegative
from prices.models import Asset
from tests.factories import NOW, AssetFactory, PortfolioFactory, day, draft, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def portfolio(alice) -> Portfolio:
    return PortfolioFactory(owner=alice)


def bitcoin() -> Asset:
    return AssetFactory()


def ether() -> Asset:
    return AssetFactory(symbol="ETH")


def bought_and_sold(portfolio: Portfolio, coin: Asset, day: str) -> Transaction:
    bought = record(portfolio, "buy", "1", "2024-01-01", asset=coin, unit_price="100")
    record(portfolio, "sell", "1", day, asset=coin, unit_price="100")
    return bought


BOTH_WAYS = pytest.mark.parametrize(("was", "becomes"), [(bitcoin, ether), (ether, bitcoin)])


@BOTH_WAYS
def test_an_amended_transaction_and_its_preview_name_the_first(portfolio, was, becomes) -> None:
    row = bought_and_sold(portfolio, was(), "2024-03-01")
    sale = draft("sell", "1", "2024-02-01", asset=becomes(), unit_price="100")
    for attempt in (
        lambda: services.amend_transaction(transaction=row, draft=sale, now=NOW),
        lambda: preview(sale, portfolio=portfolio, now=NOW, amending=row),
    ):
        with pytest.raises(HoldingWouldBeNegative) as refusal:
            attempt()
        assert (refusal.value.asset, refusal.value.at) == (becomes().symbol, day("2024-02-01"))


def test_a_preview_minds_the_coin_that_the_transaction_was_about(portfolio) -> None:
    row = bought_and_sold(portfolio, bitcoin(), "2024-03-01")
    instead = draft("buy", "1", "2024-01-01", asset=ether(), unit_price="100")
    with pytest.raises(HoldingWouldBeNegative, match="After this only 0 BTC would be held on 1 March 2024"):
        preview(instead, portfolio=portfolio, now=NOW, amending=row)


def test_of_a_transfer_that_is_lost_twice_the_portfolio_of_the_first_is_named(alice, portfolio) -> None:
    other = PortfolioFactory(owner=alice, name="Cold")
    bought_and_sold(portfolio, ether(), "2024-03-01")
    record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    moved = record(portfolio, "transfer", "1", "2024-01-02", to_portfolio=other)
    record(other, "sell", "1", "2024-02-01", unit_price="100")
    sale = draft("sell", "1", "2024-01-02", asset=ether(), unit_price="100")
    for attempt in (
        lambda: services.amend_transaction(transaction=moved, draft=sale, now=NOW),
        lambda: preview(sale, portfolio=portfolio, now=NOW, amending=moved),
    ):
        with pytest.raises(
            HoldingWouldBeNegative, match=r"^In Cold: After this only 0 BTC would be held on 1 February 2024"
        ):
            attempt()


@BOTH_WAYS
def test_of_a_batch_the_row_that_takes_too_much_first_is_named(portfolio, was, becomes) -> None:
    late = draft("sell", "1", "2024-02-02", asset=was(), unit_price="100")
    early = draft("sell", "2", "2024-02-01", asset=becomes(), unit_price="100")
    coins = draft("buy", "1", "2024-01-01", asset=becomes(), unit_price="100")
    with pytest.raises(BatchWouldBeNegative) as refusal:
        services.record_batch(portfolio=portfolio, drafts=[late, coins, early], now=NOW)
    assert list(refusal.value.errors) == [2]
    assert f"You held 1 {becomes().symbol} on 1 February" in refusal.value.errors[2]["quantity"][0]
    assert not portfolio.transactions.exists()
    assert not portfolio.holdings.exists()


def test_a_sale_from_before_that_a_batch_makes_impossible_first_is_named(portfolio) -> None:
    bought_and_sold(portfolio, bitcoin(), "2024-03-01")
    record(portfolio, "buy", "1", "2024-01-01", asset=ether(), unit_price="100")
    batch = [
        draft("sell", "2", "2024-04-01", asset=ether(), unit_price="100"),
        draft("sell", "1", "2024-02-01", unit_price="100"),
    ]
    with pytest.raises(HoldingWouldBeNegative) as refusal:
        services.record_batch(portfolio=portfolio, drafts=batch, now=NOW)
    assert (refusal.value.asset, refusal.value.at) == ("BTC", day("2024-03-01"))
