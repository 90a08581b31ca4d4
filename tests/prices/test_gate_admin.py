"""The administrator's door to the gate: it speaks as form errors, and what it refused is decided about."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from prices.models import Asset, PriceChange, PriceSnapshot, RefusedPrice
from prices.services import Offer, record_snapshots, set_price
from tests.conftest import signed_in
from tests.factories import SnapshotFactory, day

MOMENT = day("2024-03-10 12:00")
NOW = day("2024-06-15 12:30")


@pytest.fixture
def office(db: None) -> Client:
    """The administrator's browser."""
    return signed_in(User.objects.create_superuser("root", "root@example.org", "a-long-password"))


def url(model: str, page: str, *arguments: object) -> str:
    return reverse(f"admin:prices_{model}_{page}", args=arguments)


def snapshot_form(asset: Asset, price: str, /, **others: str) -> dict[str, str]:
    return {"asset": str(asset.pk), "at_0": "2024-03-10", "at_1": "12:00:00", "after": price, **others}


class TestSnapshots:
    def test_a_price_is_added_through_the_gate(self, office: Client, btc: Asset) -> None:
        answer = office.post(url("pricechange", "add"), snapshot_form(btc, "61000.123456789012345678"))
        assert answer.status_code == 302
        snapshot = PriceSnapshot.objects.get()
        assert (snapshot.at, snapshot.source) == (MOMENT, "manual")
        assert snapshot.price == Decimal("61000.123456789012345678")

    @pytest.mark.parametrize("price", ["0", "-1", "NaN", "1e30", "abc", ""])
    def test_what_is_no_price_is_an_error_of_the_form(self, office: Client, btc: Asset, price: str) -> None:
        answer = office.post(url("pricechange", "add"), snapshot_form(btc, price))
        assert answer.status_code == 200
        assert answer.context["adminform"].form.errors["after"]
        assert not PriceSnapshot.objects.exists()

    def test_a_future_time_is_an_error_of_the_form(self, office: Client, btc: Asset) -> None:
        answer = office.post(url("pricechange", "add"), snapshot_form(btc, "1", at_0="2199-01-01"))
        assert "in the future" in answer.content.decode()

    def test_a_jump_is_asked_back_and_let_in_when_somebody_vouches_for_it(
        self, office: Client, btc: Asset
    ) -> None:
        SnapshotFactory(asset=btc, at=MOMENT - timedelta(hours=1), price=60_000)
        answer = office.post(url("pricechange", "add"), snapshot_form(btc, "1"))
        assert "off its neighbours" in answer.content.decode()
        office.post(url("pricechange", "add"), snapshot_form(btc, "1", checked="on"))
        assert PriceSnapshot.objects.get(at=MOMENT).price == 1

    def test_a_correction_leaves_a_trace_of_who_and_why(self, office: Client, btc: Asset) -> None:
        snapshot = SnapshotFactory(asset=btc, at=MOMENT, price=60_000)
        office.post(url("pricechange", "add"), snapshot_form(btc, "61000.5", why="a typing error"))
        snapshot.refresh_from_db()
        assert (snapshot.price, snapshot.source) == (Decimal("61000.5"), "manual")
        trace = PriceChange.objects.get()
        assert (trace.before, trace.after) == (Decimal(60_000), Decimal("61000.5"))
        assert (trace.by, trace.why, trace.source_before) == ("root", "a typing error", "pack")
        assert "from 60000 to 61000.5" in LogEntry.objects.get().object_repr

    def test_the_same_price_again_is_an_error_of_the_form(self, office: Client, btc: Asset) -> None:
        SnapshotFactory(asset=btc, at=MOMENT, price=60_000, source="manual")
        answer = office.post(url("pricechange", "add"), snapshot_form(btc, "60000"))
        assert "already" in answer.content.decode()
        assert not PriceChange.objects.exists()

    def test_an_empty_price_removes_the_stored_one_and_its_trace_stays(
        self, office: Client, btc: Asset
    ) -> None:
        rows = [SnapshotFactory(asset=btc, at=MOMENT + timedelta(hours=hours)) for hours in range(2)]
        assert office.post(url("pricechange", "add"), snapshot_form(btc, "")).status_code == 302
        assert list(PriceSnapshot.objects.all()) == [rows[1]]
        trace = PriceChange.objects.get()
        assert (trace.before, trace.after, trace.by) == (Decimal(200), None, "root")

    def test_what_has_been_changed_is_listed_and_stays_as_it_is(self, office: Client, btc: Asset) -> None:
        office.post(url("pricechange", "add"), snapshot_form(btc, "61000.25"))
        trace = PriceChange.objects.get()
        page = office.get(url("pricechange", "changelist"), {"at__year": 2024}).content.decode()
        assert "61000.25" in page
        assert office.get(url("pricechange", "change", trace.pk)).status_code == 200
        assert office.post(url("pricechange", "change", trace.pk), {"after": "1"}).status_code == 403
        assert office.post(url("pricechange", "delete", trace.pk), {"post": "yes"}).status_code == 403

    def test_its_pages_do_not_grow_with_the_changes(
        self, office: Client, btc: Asset, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for hours in range(150):
            set_price(asset=btc, at=MOMENT + timedelta(hours=hours), price=Decimal(1), now=NOW)
        with django_assert_max_num_queries(12):
            office.get(url("pricechange", "changelist"))
        with django_assert_max_num_queries(8):
            page = office.get(url("pricechange", "add")).content
        assert b"Ethereum" not in page  # the assets are looked up, not listed

    @pytest.mark.parametrize("price", ["1_000", "\uff11\uff12", "\u0661", "1e3", ".", "1" * 5000, "Infinity"])
    def test_only_plain_digits_are_a_price(self, office: Client, btc: Asset, price: str) -> None:
        answer = office.post(url("pricechange", "add"), snapshot_form(btc, price))
        assert answer.context["adminform"].form.errors["after"]
        assert not PriceSnapshot.objects.exists()

    @pytest.mark.parametrize(
        ("zone", "day_", "time"),
        [("America/New_York", "9999-12-31", "23:59:59"), ("Asia/Tokyo", "0001-01-01", "00:00:00")],
    )
    def test_a_time_beyond_the_calendar_is_an_error_of_the_form(
        self, office: Client, btc: Asset, zone: str, day_: str, time: str
    ) -> None:
        User.objects.update(timezone=zone)
        answer = office.post(url("pricechange", "add"), snapshot_form(btc, "1", at_0=day_, at_1=time))
        assert answer.context["adminform"].form.errors["at"]

    @pytest.mark.parametrize("key", ["x", str(10**30), "-1", "\x00"])
    def test_what_is_no_key_is_no_asset_and_chooses_nothing(
        self, office: Client, btc: Asset, key: str
    ) -> None:
        answer = office.post(url("pricechange", "add"), snapshot_form(btc, "1", asset=key))
        assert answer.context["adminform"].form.errors["asset"]
        assert office.get(url("pricechange", "add"), {"asset": key}).status_code == 200
        form = {"action": "delete_selected", "_selected_action": [key], "post": "yes"}
        assert office.post(url("asset", "changelist"), form).status_code == 302
        assert Asset.objects.exists()


class TestQuarantine:
    @pytest.fixture
    def jump(self, btc: Asset) -> RefusedPrice:
        """A price ten times too high that CoinGecko said."""
        SnapshotFactory(asset=btc, at=MOMENT - timedelta(hours=1), price=60_000)
        record_snapshots([Offer(btc, MOMENT, Decimal(600_000))], now=NOW, source="coingecko")
        return RefusedPrice.objects.get()

    def act(self, office: Client, action: str, *rows: RefusedPrice) -> str:
        form = {"action": action, "_selected_action": [row.pk for row in rows]}
        return office.post(url("refusedprice", "changelist"), form, follow=True).content.decode()

    def test_what_was_refused_is_listed_with_what_was_said(self, office: Client, jump: RefusedPrice) -> None:
        page = office.get(url("refusedprice", "changelist"), {"state": "waiting"}).content.decode()
        assert "600000" in page
        assert "2024-03-10T12:00:00" in page
        assert "nothing confirms that" in page
        assert office.get(url("refusedprice", "change", jump.pk)).status_code == 200
        assert office.get(url("refusedprice", "add")).status_code == 403

    def test_accepting_stores_it_with_the_administrator_as_its_provenance(
        self, office: Client, jump: RefusedPrice
    ) -> None:
        assert "Accepted: 1." in self.act(office, "accept", jump)
        snapshot = PriceSnapshot.objects.get(at=MOMENT)
        assert (snapshot.price, snapshot.source) == (Decimal(600_000), "manual")
        trace = PriceChange.objects.get()
        assert (trace.by, trace.before) == ("root", None)
        assert "coingecko said it" in trace.why
        jump.refresh_from_db()
        assert (jump.state, jump.decided_by) == ("accepted", "root")
        assert LogEntry.objects.count() == 1

    def test_rejecting_leaves_a_trace_and_ends_it_as_a_witness(
        self, office: Client, jump: RefusedPrice, btc: Asset
    ) -> None:
        assert "Rejected: 1." in self.act(office, "reject", jump)
        jump.refresh_from_db()
        assert (jump.state, jump.decided_by) == ("rejected", "root")
        assert LogEntry.objects.count() == 1
        again = record_snapshots([Offer(btc, MOMENT, Decimal(600_001))], now=NOW, source="coinbase")
        assert again.refused

    @pytest.mark.parametrize("value", [None, True, Decimal(0), Decimal("NaN"), "abc", "\x00\ud800"])
    def test_what_is_no_price_cannot_be_accepted(self, office: Client, btc: Asset, value: object) -> None:
        record_snapshots([Offer(btc, MOMENT, value)], now=NOW, source="coingecko")
        page = self.act(office, "accept", RefusedPrice.objects.get())
        assert "This price is refused" in page
        assert not PriceSnapshot.objects.exists()
        assert RefusedPrice.objects.get().state == "waiting"

    def test_what_has_been_decided_stays_decided(self, office: Client, jump: RefusedPrice) -> None:
        self.act(office, "reject", jump)
        assert "decided about already" in self.act(office, "accept", jump)
        assert "decided about already" in self.act(office, "reject", jump)
        assert not PriceSnapshot.objects.filter(at=MOMENT).exists()

    def test_looking_alone_decides_nothing(self, jump: RefusedPrice) -> None:
        reader = User.objects.create_user("reader", "reader@example.org", "a-long-password", is_staff=True)
        reader.user_permissions.add(Permission.objects.get(codename="view_refusedprice"))
        assert "Accept the chosen" not in self.act(signed_in(reader), "accept", jump)
        assert RefusedPrice.objects.get().state == "waiting"
