"""Better prices for transactions that were entered without one: which are offered, and what they change."""

from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from portfolios import services
from portfolios.models import Portfolio, Transaction
from portfolios.selectors import has_offers, offer_of, offers, weighed
from prices.models import PriceSnapshot
from tests.factories import (
    NOW,
    AssetFactory,
    FiatFactory,
    PortfolioFactory,
    SnapshotFactory,
    day,
    record,
)
from tests.portfolios.repriced import MOMENT, corrected, nearer

pytestmark = pytest.mark.django_db


@pytest.fixture
def savings(alice) -> Portfolio:
    SnapshotFactory(at=day("2024-06-01"), price=Decimal(100))
    return PortfolioFactory(owner=alice, name="Savings")


@pytest.fixture
def bought(savings) -> Transaction:
    """Priced by the day's close, twelve hours before it."""
    return record(savings, "buy", "2", MOMENT)


class TestWhatIsOffered:
    def test_a_price_nearer_to_the_moment(self, alice, bought) -> None:
        nearer()
        (offer,) = offers(alice)
        assert offer.transaction == bought
        assert offer.fee_price is None
        before, after = offer.price.before, offer.price.after
        assert (before.price, before.at, before.source, before.grade) == (100, day("2024-06-01"), "pack", "B")
        assert (after.price, after.at, after.source, after.grade) == (
            110,
            day("2024-06-01 11:30"),
            "coinbase",
            "A",
        )

    def test_another_value_where_it_was_priced(self, alice, bought) -> None:
        corrected("2024-06-01", "104")
        (offer,) = offers(alice)
        assert (offer.price.before.price, offer.price.after.price) == (100, 104)

    def test_a_corrected_price_that_is_the_same_again_is_none(self, alice, bought) -> None:
        corrected("2024-06-01", "104")
        corrected("2024-06-01", "100")
        assert offers(alice) == []

    @pytest.mark.parametrize("at", ["2024-05-31 23:00", "2024-06-01 12:00:01", "2024-12-31"])
    def test_nothing_from_further_away_or_after_it(self, alice, bought, at) -> None:
        nearer(at)
        assert offers(alice) == []
        assert not has_offers(alice)

    def test_nothing_for_a_price_total_or_cost_that_was_stated(self, alice, savings) -> None:
        record(savings, "buy", "1", MOMENT, unit_price="90")
        record(savings, "buy", "1", MOMENT, total="90")
        record(savings, "deposit", "1", MOMENT, cost="90")
        record(savings, "gift", "1", MOMENT)
        nearer()
        assert offers(alice) == []

    def test_nothing_for_what_is_deleted_or_somebody_elses(self, alice, charlie, bought) -> None:
        nearer()
        assert offers(charlie) == []
        assert not has_offers(charlie)
        services.delete_transaction(transaction=bought, now=NOW)
        assert offers(alice) == []
        assert offer_of(bought) is None

    def test_nothing_when_the_price_that_was_used_is_gone(self, alice, bought) -> None:
        PriceSnapshot.objects.all().delete()
        SnapshotFactory(at=day("2024-05-30"), price=Decimal(90))
        assert offers(alice) == []

    def test_a_price_of_another_coin_is_none(self, alice, bought) -> None:
        nearer(symbol="ETH")
        assert offers(alice) == []

    @pytest.mark.parametrize("kind", ["deposit", "income"])
    def test_other_kinds_that_took_a_price(self, alice, savings, kind) -> None:
        row = record(savings, kind, "1", MOMENT)
        nearer()
        assert [one.transaction for one in offers(alice)] == [row]

    def test_in_another_currency_it_is_worth_what_a_new_one_would_be(self, alice, bought) -> None:
        SnapshotFactory(asset=FiatFactory(), at=day("2024-05-31"), price=Decimal("1.07"))
        in_euros = record(bought.portfolio, "buy", "1", MOMENT, currency="EUR")
        nearer()
        offer = offer_of(in_euros)
        fresh = record(bought.portfolio, "buy", "1", MOMENT, currency="EUR")
        assert offer.price.after.price == fresh.unit_price
        assert fresh.unit_price != in_euros.unit_price

    def test_an_exchange_rate_alone_makes_no_offer(self, alice, savings) -> None:
        SnapshotFactory(asset=FiatFactory(), at=day("2024-05-31"), price=Decimal("1.07"))
        record(savings, "buy", "1", MOMENT, currency="EUR")
        SnapshotFactory(asset=FiatFactory(), at=day("2024-06-01"), price=Decimal("1.08"))
        assert offers(alice) == []

    def test_a_swap_by_the_coin_given_or_else_by_the_one_received(self, alice, savings) -> None:
        eth, doge = AssetFactory(symbol="ETH"), AssetFactory(symbol="DOGE")
        record(savings, "buy", "10", "2024-05-01", asset=doge, unit_price="1")
        SnapshotFactory(asset=eth, at=day("2024-06-01"), price=Decimal(50))
        row = record(savings, "swap", "10", MOMENT, asset=doge, to_asset=eth, to_quantity="2")
        assert row.unit_price == 10
        nearer(price="60", symbol="ETH")
        assert offer_of(row).price.after.price == 12
        nearer("2024-06-01 11:45", "11", "DOGE")
        assert offer_of(row).price.after.price == 11

    def test_the_price_of_the_coin_that_a_fee_was_paid_in(self, alice, savings) -> None:
        bnb = AssetFactory(symbol="BNB")
        SnapshotFactory(asset=bnb, at=day("2024-06-01"), price=Decimal(300))
        record(savings, "buy", "1", "2024-05-01", asset=bnb, unit_price="200")
        row = record(savings, "buy", "1", MOMENT, unit_price="100", fee="0.1", fee_asset=bnb)
        nearer(price="320", symbol="BNB")
        offer = offer_of(row)
        assert offer.price is None
        assert (offer.fee_price.before.price, offer.fee_price.after.price) == (300, 320)
        assert (offer.fee_price.before.grade, offer.fee_price.after.grade) == ("B", "A")

    def test_as_many_questions_for_many_as_for_one(
        self, alice, savings, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        rows = [record(savings, "buy", "1", f"2024-06-01 1{hour}:00") for hour in range(2, 9)]
        with django_assert_num_queries(1):
            assert not has_offers(alice)
        nearer()
        with django_assert_num_queries(2):
            assert {one.transaction.pk for one in offers(alice)} == {row.pk for row in rows}
        with django_assert_num_queries(2):
            assert has_offers(alice)


class TestWhatItWouldChange:
    def test_amount_and_cost_of_a_purchase_and_the_gain_of_a_later_sale(self, alice, bought) -> None:
        record(bought.portfolio, "sell", "1", "2024-07-01", unit_price="150")
        nearer()
        (one,) = weighed(offers(alice), NOW)
        assert (one.amount, one.preview.amount) == (200, 220)
        assert (one.preview.before.cost_basis, one.preview.after.cost_basis) == (100, 110)
        assert (one.preview.before.realised, one.preview.after.realised) == (50, 40)

    def test_the_gain_of_a_disposal(self, alice, savings) -> None:
        record(savings, "buy", "1", "2024-05-01", unit_price="80")
        record(savings, "spend", "1", MOMENT)
        nearer()
        (one,) = weighed(offers(alice), NOW)
        assert (one.gain, one.preview.gain) == (20, 30)

    def test_what_would_be_refused_says_why(self, alice, savings) -> None:
        record(savings, "buy", "1", "2024-05-01", unit_price="80")
        record(savings, "sell", "1", MOMENT, fee="90")
        nearer(price="50")
        (one,) = weighed(offers(alice), NOW)
        assert one.preview is None
        assert one.refusal == "The fee is more than this sale brings."

    def test_trying_writes_nothing(self, alice, bought) -> None:
        nearer()
        before = list(Transaction.objects.values())
        weighed(offers(alice), NOW)
        assert list(Transaction.objects.values()) == before
