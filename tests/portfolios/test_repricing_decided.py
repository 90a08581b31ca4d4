"""A better price is accepted or kept by whoever saw it, and by nobody else."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from portfolios import services
from portfolios.drafts import restated
from portfolios.models import Act, Portfolio, Transaction
from portfolios.selectors import differences, has_offers, offer_of, offers, trail_of, weighed
from tests.factories import (
    NOW,
    AssetFactory,
    FiatFactory,
    PortfolioFactory,
    SnapshotFactory,
    day,
    record,
)
from tests.portfolios.repriced import LATER, MOMENT, corrected, nearer

pytestmark = pytest.mark.django_db


@pytest.fixture
def savings(alice) -> Portfolio:
    SnapshotFactory(at=day("2024-06-01"), price=Decimal(100))
    return PortfolioFactory(owner=alice, name="Savings")


@pytest.fixture
def bought(savings) -> Transaction:
    """Priced by the day's close, twelve hours before it."""
    return record(savings, "buy", "2", MOMENT)


def accept(row: Transaction, now: datetime = LATER) -> Transaction:
    return services.accept_price(transaction=row, mark=offer_of(row).mark, now=now)


def keep(row: Transaction) -> Transaction:
    return services.keep_price(transaction=row, mark=offer_of(row).mark, now=LATER)


class TestAccepting:
    def test_it_books_at_what_was_offered_and_leaves_all_else(self, alice, bought) -> None:
        stated = restated(bought)
        nearer()
        row = accept(bought)
        assert (row.unit_price, row.price_source, row.price_at, row.price_grade) == (
            110,
            "coinbase",
            day("2024-06-01 11:30"),
            "A",
        )
        assert replace(restated(row), asset=stated.asset) == stated
        assert row.version == 2
        assert row.portfolio.holdings.get().cost_basis == 220
        assert list(differences(row.portfolio)) == []
        assert offers(alice) == []
        assert trail_of(row).changes[0].act is Act.CHANGED
        assert trail_of(row).changes[0].at == LATER

    def test_it_is_what_the_preview_said(self, alice, bought) -> None:
        record(bought.portfolio, "sell", "1", "2024-07-01", unit_price="150")
        nearer()
        (one,) = weighed(offers(alice), NOW)
        accept(bought)
        holding = bought.portfolio.holdings.get()
        assert (holding.cost_basis, holding.realised) == (
            one.preview.after.cost_basis,
            one.preview.after.realised,
        )

    def test_the_exchange_rate_stays_frozen(self, alice, savings) -> None:
        SnapshotFactory(asset=FiatFactory(), at=day("2024-05-31"), price=Decimal("1.07"))
        row = record(savings, "buy", "1", MOMENT, currency="EUR")
        nearer()
        SnapshotFactory(asset=FiatFactory(), at=day("2024-06-01"), price=Decimal("1.10"))
        assert accept(row).fx_rate == row.fx_rate

    def test_a_fee_alone_leaves_the_stated_price(self, savings) -> None:
        bnb = AssetFactory(symbol="BNB")
        SnapshotFactory(asset=bnb, at=day("2024-06-01"), price=Decimal(300))
        record(savings, "buy", "1", "2024-05-01", asset=bnb, unit_price="200")
        row = record(savings, "buy", "1", MOMENT, unit_price="100", fee="0.1", fee_asset=bnb)
        nearer(price="320", symbol="BNB")
        row = accept(row)
        assert (row.unit_price, row.fee_price, row.fee_price_source) == (100, 320, "coinbase")
        assert list(differences(savings)) == []

    @pytest.mark.parametrize("verb", [services.accept_price, services.keep_price])
    def test_not_what_its_owner_did_not_see(self, bought, verb) -> None:
        nearer()
        seen = offer_of(bought).mark
        nearer("2024-06-01 11:45", "115")
        for mark in (seen, "", "x" * 500):
            with pytest.raises(services.OfferChanged):
                verb(transaction=bought, mark=mark, now=LATER)
        bought.refresh_from_db()
        assert (bought.unit_price, bought.version, bought.declined_price) == (100, 1, None)

    def test_not_a_transaction_that_was_changed_since(self, bought) -> None:
        nearer()
        seen = offer_of(bought).mark
        changed = replace(restated(bought), note="Changed")
        services.amend_transaction(transaction=bought, draft=changed, now=NOW)
        with pytest.raises(services.OfferChanged):
            services.accept_price(transaction=bought, mark=seen, now=LATER)

    def test_an_ordinary_change_leaves_the_price_frozen(self, bought) -> None:
        nearer()
        changed = replace(restated(bought), note="Changed")
        row = services.amend_transaction(transaction=bought, draft=changed, now=NOW)
        assert (row.unit_price, row.price_source) == (100, "pack")


class TestKeeping:
    def test_the_same_offer_is_made_no_more_and_a_still_better_one_is(self, alice, bought) -> None:
        nearer()
        row = keep(bought)
        assert (row.unit_price, row.declined_price, row.declined_price_at) == (
            100,
            110,
            day("2024-06-01 11:30"),
        )
        assert offers(alice) == []
        assert not has_offers(alice)
        nearer("2024-06-01 10:00", "105")
        assert offers(alice) == []
        nearer("2024-06-01 11:45", "115")
        assert [one.price.after.price for one in offers(alice)] == [115]

    def test_what_was_declined_and_then_corrected_is_offered(self, alice, bought) -> None:
        nearer()
        keep(bought)
        corrected("2024-06-01 11:30", "111")
        assert [one.price.after.price for one in offers(alice)] == [111]

    def test_the_audit_trail_tells_it(self, bought) -> None:
        nearer()
        keep(bought)
        newest = trail_of(bought).changes[0]
        assert (newest.act, newest.at) == (Act.KEPT, LATER)
        assert {one.label: one.after.value for one in newest.fields} == {
            "Price not taken": Decimal(110),
            "Price not taken, time": day("2024-06-01 11:30"),
        }
        assert list(differences(bought.portfolio)) == []

    def test_a_transaction_that_is_priced_anew_forgets_it(self, alice, bought) -> None:
        nearer()
        row = keep(bought)
        moved = replace(restated(row), occurred_at=day("2024-06-01 11:00"))
        row = services.amend_transaction(transaction=row, draft=moved, now=NOW)
        assert (row.declined_price, row.declined_price_at) == (None, None)
        nearer("2024-06-01 10:30", "104")
        assert [one.price.after.price for one in offers(alice)] == [104]

    def test_a_change_of_something_else_does_not(self, alice, bought) -> None:
        nearer()
        row = keep(bought)
        services.amend_transaction(transaction=row, draft=replace(restated(row), note="Mine"), now=NOW)
        assert offers(alice) == []
