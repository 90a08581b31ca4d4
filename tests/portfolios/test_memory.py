"""What is remembered is what would be found, whatever prices become known or are corrected in between."""

from datetime import timedelta
from decimal import Decimal

import pytest

from portfolios.models import Portfolio
from portfolios.selectors import overview, overviews, performance, returns, value_history
from portfolios.selectors.memory import forgetful, memory
from portfolios.selectors.sparklines import sparklines
from prices.models import Asset
from prices.services import Offer, record_snapshots
from prices.services.by_hand import delete_snapshots, set_price
from tests.factories import AssetFactory, FiatFactory, PortfolioFactory, SnapshotFactory, day, record

pytestmark = pytest.mark.django_db
NOON = day("2024-03-20 12:00")


@pytest.fixture
def portfolio(alice) -> Portfolio:
    """A bitcoin bought in pounds; prices and rates of each fifth day."""
    for number in (1, 5, 10, 15):
        SnapshotFactory(at=day(f"2024-03-{number:02}"), price=Decimal(100 + number))
        SnapshotFactory(at=day(f"2024-03-{number:02}"), price=Decimal("1.25"), asset=FiatFactory())
        SnapshotFactory(at=day(f"2024-03-{number:02}"), price=Decimal("1.5"), asset=FiatFactory(symbol="GBP"))
    made = PortfolioFactory(owner=alice)
    record(made, "buy", "1", "2024-03-01 06:00", unit_price="100", currency="GBP")
    record(made, "deposit", "1", "2024-03-10 06:00", cost="90")
    return made


def told(portfolio: Portfolio, currency: str, *, remembering: bool) -> tuple:
    """Lines, returns and thirty days, each by a memory of its own as another request has it."""
    bitcoin, asked = AssetFactory(), {"currency": currency}
    kept = memory([portfolio], [bitcoin], currency, NOON) if remembering else forgetful(NOON)
    whole = overview(portfolio, currency=currency, now=NOON)
    line = value_history([portfolio], since=None, until=NOON, assets=[bitcoin], memory=kept, **asked)
    found = returns([portfolio], value=whole.value, now=NOON, memory=kept, **asked)
    told = {"now": NOON, "memory": kept, "whole": whole}
    periods = [
        performance([portfolio], since=since, until=until, **told)
        for since, until in ((None, NOON), (day("2024-03-05"), NOON), (day("2024-03-05"), day("2024-03-18")))
    ]
    return line, found, sparklines([portfolio], whole, until=NOON, memory=kept), *periods


def bitcoin_becomes(price: str, at: str) -> None:
    offer = Offer(AssetFactory(), day(at), Decimal(price))
    assert len(record_snapshots([offer], now=NOON, source="coinbase").stored) == 1


CHANGES = {
    "a price between the others": lambda: bitcoin_becomes("130", "2024-03-08"),
    "a price after the others": lambda: bitcoin_becomes("130", "2024-03-18"),
    "a price of last midnight": lambda: bitcoin_becomes("130", "2024-03-20"),
    "a price before the others": lambda: bitcoin_becomes("60", "2024-02-28"),
    "a corrected price": lambda: set_price(
        asset=AssetFactory(), at=day("2024-03-10"), price=Decimal(150), now=NOON
    ),
    "a removed price": lambda: delete_snapshots(
        snapshots=AssetFactory().snapshots.filter(at=day("2024-03-10")), now=NOON
    ),
    "a corrected rate of the currency that was paid": lambda: set_price(
        asset=Asset.objects.get(symbol="GBP"), at=day("2024-03-01"), price=Decimal("1.1"), now=NOON
    ),
    "a corrected rate of the currency that is asked for": lambda: set_price(
        asset=Asset.objects.get(symbol="EUR"), at=day("2024-03-05"), price=Decimal("1.3"), now=NOON
    ),
}


@pytest.mark.parametrize("currency", ["USD", "EUR"])
@pytest.mark.parametrize("change", CHANGES)
def test_after_a_change_of_prices_it_is_what_would_be_found(portfolio, currency, change) -> None:
    before = told(portfolio, currency, remembering=True)
    assert told(portfolio, currency, remembering=True) == before
    CHANGES[change]()
    after = told(portfolio, currency, remembering=True)
    assert after == told(portfolio, currency, remembering=False)
    if currency == ("EUR" if "rate" in change else "USD"):
        assert after != before


def test_thirty_days_of_a_midnight_and_of_its_noon_have_their_own_moments(portfolio) -> None:
    for moment in (NOON - timedelta(hours=12), NOON):
        whole = overviews([portfolio], currency="USD", now=moment)[0]
        kept = memory([portfolio], [AssetFactory()], "USD", moment)
        found = sparklines([portfolio], whole, until=moment, memory=kept)
        assert found == sparklines([portfolio], whole, until=moment)
