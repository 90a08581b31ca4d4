"""Which coins leave under hifo is settled in a portfolio's own currency, whatever currency it is shown in."""

from datetime import UTC
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from portfolios import services
from portfolios.models import Portfolio
from portfolios.selectors import differences, gains, lots, overview, preview
from portfolios.selectors.methods import compare
from tests.factories import (
    NOW,
    AssetFactory,
    FiatFactory,
    PortfolioFactory,
    SnapshotFactory,
    day,
    draft,
    record,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def euros(alice) -> Portfolio:
    """Bought for 100 $ at 1.25 $ and for 120 $ at 1.60 $: 80 € and 75 €."""
    for at, rate in (("2024-01-01", "1.25"), ("2024-02-01", "1.6"), ("2024-03-01", "2"), ("2024-12-31", "1")):
        SnapshotFactory(asset=FiatFactory(), at=day(at), price=Decimal(rate))
    SnapshotFactory(at=NOW, price=Decimal(150))
    made = PortfolioFactory(owner=alice, currency="EUR", cost_method="hifo")
    record(made, "buy", "1", "2024-01-01", unit_price="100")
    record(made, "buy", "1", "2024-02-01", unit_price="120")
    return made


def lots_left(portfolio: Portfolio, currency: str) -> list[tuple]:
    found = lots([portfolio], AssetFactory(), currency=currency, at=NOW).lots
    return [(lot.number, lot.open_quantity, lot.open_cost) for lot in found]


def test_the_same_lots_have_left_in_every_currency(euros) -> None:
    record(euros, "sell", "0.5", "2024-03-01", unit_price="140")
    half = Decimal("0.5")
    assert lots_left(euros, "EUR") == [(1, half, 40), (2, 1, 75)]
    assert lots_left(euros, "USD") == [(1, half, 50), (2, 1, 120)]


def test_a_sale_shown_in_another_currency_is_that_of_the_same_lots(euros) -> None:
    record(euros, "sell", "1", "2024-03-01", unit_price="140")
    for currency, gain in (("EUR", -10), ("USD", 40)):
        (year,) = gains([euros], currency=currency, at=NOW, zone=UTC).years
        assert [(lot.number, lot.gain) for one in year.gains for lot in one.lots] == [(1, gain)]
        assert overview(euros, currency=currency, now=NOW).realised == gain


def test_what_another_portfolio_gets_is_what_left(alice, euros) -> None:
    dollars = PortfolioFactory(owner=alice, cost_method="fifo")
    record(euros, "transfer", "1", "2024-03-01", currency="EUR", to_portfolio=dollars)
    assert lots_left(dollars, "USD") == [(1, 1, 100)]
    assert lots_left(euros, "EUR") == [(1, 0, 0), (2, 1, 75)]
    assert differences(dollars) == differences(euros) == []


def test_a_preview_and_a_comparison_foretell_it(alice, euros) -> None:
    dollars = PortfolioFactory(owner=alice, cost_method="fifo")
    record(euros, "transfer", "1", "2024-03-01", currency="EUR", to_portfolio=dollars)
    (one, _) = compare(dollars, "lifo", NOW)
    assert one.before.position == one.after.position == dollars.holdings.get().position
    sale = draft("sell", "1", "2024-03-02", unit_price="140")
    assert preview(sale, portfolio=dollars, now=NOW).gain == 40
    earlier = draft("buy", "1", "2024-01-02", unit_price="200")  # 160 €: what leaves then
    seen = preview(earlier, portfolio=euros, now=NOW)
    record(euros, "buy", "1", "2024-01-02", unit_price="200")
    assert seen.after == euros.holdings.get().position
    assert dollars.holdings.get().cost_basis == 200


@pytest.mark.parametrize(("price", "cost"), [("125", 100), ("130", 130)])  # 78.125 € and 81.25 €, beside 80 €
def test_a_preview_in_dollars_knows_what_comes_back_from_euros(alice, euros, price, cost) -> None:
    dollars = PortfolioFactory(owner=alice, cost_method="fifo")
    bought = record(dollars, "buy", "1", "2024-02-02", unit_price="10")
    record(dollars, "transfer", "1", "2024-02-03", to_portfolio=euros)
    record(euros, "transfer", "1", "2024-03-01", currency="EUR", to_portfolio=dollars)
    changed = draft("buy", "1", "2024-02-02", unit_price=price)
    seen = preview(changed, portfolio=dollars, now=NOW, amending=bought)
    services.amend_transaction(transaction=bought, draft=changed, now=NOW)
    assert seen.after == dollars.holdings.get().position
    assert (seen.before.cost_basis, seen.after.cost_basis) == (100, cost)


@pytest.fixture
def moved(alice, euros) -> Portfolio:
    """A dollar portfolio that a coin came to from the euro one; it had cost 1000 € at 1.25 $."""
    record(euros, "buy", "1", "2024-01-01", unit_price="1000", currency="EUR")
    dollars = PortfolioFactory(owner=alice, cost_method="fifo")
    record(euros, "transfer", "1", "2024-03-01", currency="EUR", to_portfolio=dollars)
    return dollars


def correct_the_rate(at: str, rate: str) -> None:
    SnapshotFactory._meta.model.objects.filter(asset=FiatFactory(), at=day(at)).update(price=Decimal(rate))


def test_a_corrected_rate_changes_nothing_of_what_is_booked(euros, moved) -> None:
    record(moved, "sell", "0.5", "2024-03-02", unit_price="200")
    before = overview(moved, currency="USD", now=NOW)
    assert before.realised == -525  # 100 $ less half of what 1000 € cost
    correct_the_rate("2024-01-01", "1.5")
    assert differences(moved) == differences(euros) == []
    record(moved, "sell", "0.5", "2024-03-03", unit_price="200")
    assert differences(moved) == []
    after = gains([moved], currency="USD", at=NOW, zone=UTC).years[0].gains
    assert [gain.gain for gain in after] == [-525, -525]


def test_the_rate_of_another_date_is_looked_up_when_the_date_changes(euros, moved) -> None:
    bought = euros.transactions.get(unit_price=Decimal(1000))
    assert bought.other_rates == {"USD": "1.25"}
    correct_the_rate("2024-01-01", "1.5")
    same = draft("buy", "1", "2024-01-01", currency="EUR", unit_price="1000", note="the same")
    services.amend_transaction(transaction=bought, draft=same, now=NOW)
    bought.refresh_from_db()
    assert bought.other_rates == {"USD": "1.25"}
    later = draft("buy", "1", "2024-01-02", currency="EUR", unit_price="1000")
    services.amend_transaction(transaction=bought, draft=later, now=NOW)
    bought.refresh_from_db()
    assert bought.other_rates == {"USD": "1.5"}
    assert differences(moved) == []


def test_what_happens_after_the_coins_came_needs_no_rate_of_its_own(euros, moved) -> None:
    """No rate is known near May: a sale there tells the euro portfolio nothing."""
    record(moved, "sell", "0.5", "2024-05-01", unit_price="200")
    assert differences(moved) == differences(euros) == []
    with pytest.raises(ValidationError, match="exchange rate of that time is not known"):
        record(moved, "transfer", "0.5", "2024-06-01", to_portfolio=euros)
    assert differences(moved) == differences(euros) == []
