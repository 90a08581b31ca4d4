"""Better prices for transactions that were entered without one: offered, weighed, accepted or kept."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from portfolios import services
from portfolios.drafts import restated
from portfolios.models import Act, Portfolio, Transaction
from portfolios.selectors import differences, has_offers, offer_of, offers, trail_of, weighed
from prices.models import PriceChange, PriceSnapshot
from tests.factories import (
    NOW,
    AssetFactory,
    FiatFactory,
    PortfolioFactory,
    SnapshotFactory,
    day,
    record,
)
from tests.portfolios.page import Page, words

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
MOMENT = "2024-06-01 12:00"
PAGE = "transaction-repricing"


@pytest.fixture(autouse=True)
def new_year() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def savings(alice) -> Portfolio:
    SnapshotFactory(at=day("2024-06-01"), price=Decimal(100))
    return PortfolioFactory(owner=alice, name="Savings")


@pytest.fixture
def bought(savings) -> Transaction:
    """Priced by the day's close, twelve hours before it."""
    return record(savings, "buy", "2", MOMENT)


def nearer(at: str = "2024-06-01 11:30", price: str = "110", symbol: str = "BTC") -> PriceSnapshot:
    asset = AssetFactory(symbol=symbol)
    return SnapshotFactory(asset=asset, at=day(at), price=Decimal(price), source="coinbase")


def corrected(at: str, price: str) -> None:
    """As the shelf does it: the price is changed where it stands, and the change leaves its trace."""
    snapshot = PriceSnapshot.objects.get(at=day(at), asset__symbol="BTC")
    PriceChange.objects.create(
        asset=snapshot.asset, at=snapshot.at, before=snapshot.price, after=Decimal(price), changed_at=NOW
    )
    PriceSnapshot.objects.filter(asset=snapshot.asset, at=snapshot.at).update(price=Decimal(price))


def accept(row: Transaction, now: datetime = LATER) -> Transaction:
    return services.accept_price(transaction=row, mark=offer_of(row).mark, now=now)


def keep(row: Transaction) -> Transaction:
    return services.keep_price(transaction=row, mark=offer_of(row).mark, now=LATER)


def post(client: Client, name: str, row: Transaction, mark: str | None = None):
    said = offer_of(row).mark if mark is None else mark
    address = reverse(f"transaction-price-{name}", args=[row.pk])
    return client.post(address, {"mark": said}, follow=True)


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


class TestThePage:
    def test_it_shows_what_would_change(self, alice_client, bought) -> None:
        nearer()
        text = Page(alice_client.get(reverse(PAGE))).text
        assert "Buy 2.00000000 BTC · 1 Jun 2024 12:00 UTC · Savings" in text
        assert "Price per unit now: $100.00 → better: $110.00" in text
        assert "was Shipped history, 1 Jun 2024 00:00 UTC, within a day" in text
        assert "now Coinbase, 1 Jun 2024 11:30 UTC, within the hour" in text
        assert "Cost $200.00 → $220.00" in text
        assert "Cost basis of BTC $200.00 → $220.00" in text

    def test_without_anything_to_decide_it_says_so(self, alice_client, bought) -> None:
        assert "No better price is known" in Page(alice_client.get(reverse(PAGE))).text

    def test_hidden_amounts_are_not_in_it(self, alice_client, bought) -> None:
        nearer()
        alice_client.cookies["private"] = "1"
        html = alice_client.get(reverse(PAGE)).content.decode()
        assert "•••••" in html
        assert all(figure not in html for figure in ("200.00", "220.00", "110.00", "2.0"))

    def test_accepting_and_keeping(self, alice_client, alice, bought) -> None:
        other = record(bought.portfolio, "buy", "1", MOMENT)
        nearer()
        assert "has the better price now" in Page(post(alice_client, "accept", bought)).text
        assert "keeps its price" in Page(post(alice_client, "keep", other)).text
        assert sorted(Transaction.objects.values_list("unit_price", flat=True)) == [100, 110]
        assert offers(alice) == []

    def test_what_was_not_seen_is_not_taken(self, alice_client, bought) -> None:
        nearer()
        for name in ("accept", "keep"):
            assert "no longer what you saw" in Page(post(alice_client, name, bought, "old")).text
        bought.refresh_from_db()
        assert bought.version == 1

    def test_all_that_are_shown_are_accepted_at_once(self, alice_client, alice, savings) -> None:
        for _ in range(12):
            record(savings, "buy", "1", MOMENT)
        nearer()
        html = alice_client.get(reverse(PAGE)).content.decode()
        shown = [f"{one.transaction.pk}:{one.mark}" for one in offers(alice)][:10]
        assert all(f'name="offer" value="{each}"' in html for each in shown)
        assert "Accept all 10 shown" in words(html)
        answer = alice_client.post(reverse(PAGE), {"offer": shown}, follow=True)
        assert "10 better prices taken." in Page(answer).text
        assert len(offers(alice)) == 2
        assert list(differences(savings)) == []

    def test_one_that_is_refused_does_not_hold_up_the_others(self, alice_client, alice, savings) -> None:
        record(savings, "buy", "2", "2024-05-01", unit_price="80")
        sold = record(savings, "sell", "1", MOMENT, fee="90")
        row = record(savings, "buy", "1", MOMENT)
        nearer(price="50")
        seen = [f"{one.transaction.pk}:{one.mark}" for one in offers(alice)]
        text = Page(alice_client.post(reverse(PAGE), {"offer": seen}, follow=True)).text
        assert "1 better price taken." in text
        assert "Sell of 1 Jun 2024: The fee is more than this sale brings." in text
        row.refresh_from_db()
        sold.refresh_from_db()
        assert (row.unit_price, sold.unit_price) == (50, 100)

    @pytest.mark.parametrize("offer", ["", "x", ":", "9" * 40, "9" * 40 + ":a", "-1:a", "٣:a", "\x00:\x00"])
    def test_nothing_that_is_posted_breaks_it(self, alice_client, bought, offer) -> None:
        answer = alice_client.post(reverse(PAGE), {"offer": [offer, f"{bought.pk}:{offer}"]}, follow=True)
        assert answer.status_code == 200
        assert alice_client.get(reverse(PAGE), {"page": offer}).status_code == 200

    def test_a_stranger_decides_nothing(self, charlie_client, bought) -> None:
        nearer()
        assert post(charlie_client, "accept", bought).status_code == 404
        assert post(charlie_client, "keep", bought).status_code == 404
        seen = f"{bought.pk}:{offer_of(bought).mark}"
        charlie_client.post(reverse(PAGE), {"offer": [seen]})
        bought.refresh_from_db()
        assert bought.version == 1

    def test_the_list_of_transactions_leads_there_when_there_is_something_to_decide(
        self, alice_client, bought
    ) -> None:
        address = reverse("transaction-list")
        assert reverse(PAGE) not in alice_client.get(address).content.decode()
        nearer()
        assert reverse(PAGE) in alice_client.get(address).content.decode()

    def test_pages_are_bounded(
        self, alice_client, savings, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for _ in range(25):
            record(savings, "buy", "1", MOMENT)
        nearer()
        page = Page(alice_client.get(reverse(PAGE) + "?page=3"))
        assert "21–25 of 25" in page.text
        with django_assert_max_num_queries(150):
            alice_client.get(reverse(PAGE))
