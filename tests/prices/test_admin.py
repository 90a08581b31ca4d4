"""The administrator's door: the gate speaks as form errors, and the worker's rows can only be read."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django_q.models import Failure, OrmQ, Schedule, Success
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from prices.models import Asset, Backfill, PriceSnapshot
from tests.conftest import signed_in
from tests.factories import SnapshotFactory, day

MOMENT = day("2024-03-10 12:00")


@pytest.fixture
def office(db: None) -> Client:
    """The administrator's browser."""
    return signed_in(User.objects.create_superuser("root", "root@example.org", "a-long-password"))


def url(model: str, page: str, *arguments: object) -> str:
    return reverse(f"admin:prices_{model}_{page}", args=arguments)


def snapshot_form(asset: Asset, price: str, /, **others: str) -> dict[str, str]:
    return {"asset": str(asset.pk), "at_0": "2024-03-10", "at_1": "12:00:00", "price": price, **others}


class TestSnapshots:
    def test_a_price_is_added_through_the_gate(self, office: Client, btc: Asset) -> None:
        answer = office.post(url("pricesnapshot", "add"), snapshot_form(btc, "61000.123456789012345678"))
        assert answer.status_code == 302
        snapshot = PriceSnapshot.objects.get()
        assert (snapshot.at, snapshot.source) == (MOMENT, "manual")
        assert snapshot.price == Decimal("61000.123456789012345678")

    @pytest.mark.parametrize("price", ["0", "-1", "NaN", "1e30", "abc", ""])
    def test_what_is_no_price_is_an_error_of_the_form(self, office: Client, btc: Asset, price: str) -> None:
        answer = office.post(url("pricesnapshot", "add"), snapshot_form(btc, price))
        assert answer.status_code == 200
        assert answer.context["adminform"].form.errors["price"]
        assert not PriceSnapshot.objects.exists()

    def test_a_future_time_is_an_error_of_the_form(self, office: Client, btc: Asset) -> None:
        answer = office.post(url("pricesnapshot", "add"), snapshot_form(btc, "1", at_0="2199-01-01"))
        assert "in the future" in answer.content.decode()

    def test_a_jump_is_asked_back_and_let_in_when_somebody_vouches_for_it(
        self, office: Client, btc: Asset
    ) -> None:
        SnapshotFactory(asset=btc, at=MOMENT - timedelta(hours=1), price=60_000)
        answer = office.post(url("pricesnapshot", "add"), snapshot_form(btc, "1"))
        assert "off its neighbours" in answer.content.decode()
        office.post(url("pricesnapshot", "add"), snapshot_form(btc, "1", checked="on"))
        assert PriceSnapshot.objects.get(at=MOMENT).price == 1

    def test_a_second_price_for_an_instant_is_an_error_of_the_form(self, office: Client, btc: Asset) -> None:
        SnapshotFactory(asset=btc, at=MOMENT, price=60_000)
        answer = office.post(url("pricesnapshot", "add"), snapshot_form(btc, "60001"))
        assert answer.status_code == 200
        assert PriceSnapshot.objects.get().price == 60_000

    def test_a_correction_is_kept_in_the_history_with_before_and_after(
        self, office: Client, btc: Asset
    ) -> None:
        snapshot = SnapshotFactory(asset=btc, at=MOMENT, price=60_000)
        office.post(url("pricesnapshot", "change", snapshot.pk), {"price": "61000.5"})
        snapshot.refresh_from_db()
        assert (snapshot.price, snapshot.source) == (Decimal("61000.5"), "manual")
        assert "from 60000 to 61000.5" in LogEntry.objects.get().change_message

    def test_saving_without_a_change_changes_nothing(self, office: Client, btc: Asset) -> None:
        snapshot = SnapshotFactory(asset=btc, at=MOMENT, price=60_000)
        office.post(url("pricesnapshot", "change", snapshot.pk), {"price": "60000"})
        snapshot.refresh_from_db()
        assert snapshot.source == "pack"

    def test_snapshots_are_deleted_one_by_one_and_in_bulk(self, office: Client, btc: Asset) -> None:
        rows = [SnapshotFactory(asset=btc, at=MOMENT + timedelta(hours=hours)) for hours in range(4)]
        office.post(url("pricesnapshot", "delete", rows[0].pk), {"post": "yes"})
        chosen = {
            "action": "delete_selected",
            "_selected_action": [row.pk for row in rows[1:3]],
            "post": "yes",
        }
        office.post(url("pricesnapshot", "changelist"), chosen)
        assert list(PriceSnapshot.objects.all()) == [rows[3]]
        assert LogEntry.objects.count() == 3

    def test_they_are_filtered_by_asset_and_by_day(self, office: Client, btc: Asset, eth: Asset) -> None:
        SnapshotFactory(asset=btc, at=MOMENT, price="61000.25")
        SnapshotFactory(asset=eth, at=MOMENT, price="3000.25")
        SnapshotFactory(asset=btc, at=MOMENT + timedelta(days=1), price="62000.25")
        query = {"asset__id__exact": btc.pk, "at__year": 2024, "at__month": 3, "at__day": 10}
        page = office.get(url("pricesnapshot", "changelist"), query).content.decode()
        assert "61000.25" in page
        assert "62000.25" not in page
        assert "3000.25" not in page

    def test_its_pages_do_not_grow_with_the_prices(
        self, office: Client, btc: Asset, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for hours in range(150):
            SnapshotFactory(asset=btc, at=MOMENT + timedelta(hours=hours))
        with django_assert_max_num_queries(12):
            office.get(url("pricesnapshot", "changelist"))
        with django_assert_max_num_queries(8):
            page = office.get(url("pricesnapshot", "add")).content
        assert b"Ethereum" not in page  # the assets are looked up, not listed

    @pytest.mark.parametrize("price", ["1_000", "\uff11\uff12", "\u0661", "1e3", ".", "1" * 5000, "Infinity"])
    def test_only_plain_digits_are_a_price(self, office: Client, btc: Asset, price: str) -> None:
        answer = office.post(url("pricesnapshot", "add"), snapshot_form(btc, price))
        assert answer.context["adminform"].form.errors["price"]
        assert not PriceSnapshot.objects.exists()

    def test_a_tiny_price_is_shown_in_a_way_that_it_takes_back(self, office: Client, btc: Asset) -> None:
        snapshot = SnapshotFactory(asset=btc, at=MOMENT, price=Decimal("1E-12"))
        page = url("pricesnapshot", "change", snapshot.pk)
        assert 'value="0.000000000001"' in office.get(page).content.decode()
        assert office.post(page, {"price": "0.000000000001"}).status_code == 302

    @pytest.mark.parametrize(
        ("zone", "day_", "time"),
        [("America/New_York", "9999-12-31", "23:59:59"), ("Asia/Tokyo", "0001-01-01", "00:00:00")],
    )
    def test_a_time_beyond_the_calendar_is_an_error_of_the_form(
        self, office: Client, btc: Asset, zone: str, day_: str, time: str
    ) -> None:
        User.objects.update(timezone=zone)
        answer = office.post(url("pricesnapshot", "add"), snapshot_form(btc, "1", at_0=day_, at_1=time))
        assert answer.context["adminform"].form.errors["at"]

    @pytest.mark.parametrize("key", ["x", str(10**30), "-1", "\x00"])
    def test_what_is_no_key_is_no_asset_and_chooses_nothing(
        self, office: Client, btc: Asset, key: str
    ) -> None:
        answer = office.post(url("pricesnapshot", "add"), snapshot_form(btc, "1", asset=key))
        assert answer.context["adminform"].form.errors["asset"]
        assert office.get(url("pricesnapshot", "add"), {"asset": key}).status_code == 200
        form = {"action": "delete_selected", "_selected_action": [key], "post": "yes"}
        assert office.post(url("asset", "changelist"), form).status_code == 302
        assert Asset.objects.exists()


class TestAssets:
    def test_they_are_searched_and_tracked_from_the_list(self, office: Client, catalogue: None) -> None:
        asset = Asset.objects.get(symbol="XRP")
        page = office.get(url("asset", "changelist"), {"q": "xrp"})
        assert page.context["cl"].result_count == 1
        form = {
            "form-TOTAL_FORMS": 1,
            "form-INITIAL_FORMS": 1,
            "form-0-id": asset.pk,
            "form-0-is_tracked": "on",
        }
        office.post(url("asset", "changelist") + "?q=xrp", {**form, "_save": "Save"})
        asset.refresh_from_db()
        assert asset.is_tracked

    @pytest.mark.parametrize("ids", ['["bitcoin"]', '{"coingecko": 5}', '{"nobody": "x"}', "{", '"x"'])
    def test_provider_ids_of_another_shape_are_an_error_of_the_form(
        self, office: Client, btc: Asset, ids: str
    ) -> None:
        form = {"symbol": "BTC", "name": "Bitcoin", "kind": "crypto", "provider_ids": ids}
        answer = office.post(url("asset", "change", btc.pk), form)
        assert answer.context["adminform"].form.errors["provider_ids"]

    @pytest.mark.parametrize(
        "ids",
        [
            '{"coingecko": "\\ud800"}', '{"\\ud800": "x"}',
            '{"coingecko": "\\u0000"}', '{"coingecko": {"a": "b"}}',
            "[" * 200_000, '{"a":' * 180, '{"coingecko": ' + "9" * 5000 + "}", '{"coingecko": NaN}',
            '{"coingecko": "' + "x" * 101 + '"}', "\x00",
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("page", ["add", "change"])
    def test_no_provider_ids_can_break_the_form(
        self, office: Client, btc: Asset, ids: str, page: str
    ) -> None:
        form = {"symbol": "OWN", "name": "Own", "kind": "crypto", "provider_ids": ids}
        answer = office.post(url("asset", page, *([btc.pk] if page == "change" else [])), form)
        assert answer.status_code == 200
        assert answer.context["adminform"].form.errors["provider_ids"]
        btc.refresh_from_db()
        assert btc.provider_ids != ids
        assert not Asset.objects.filter(symbol="OWN").exists()

    @pytest.mark.parametrize("symbol", ["A/B", "A B", "..", "-A", "\u00c4", "A?", "A%2F", "x" * 21, "\x00"])
    def test_a_symbol_that_breaks_addresses_is_an_error_of_the_form(
        self, office: Client, symbol: str
    ) -> None:
        form = {"symbol": symbol, "name": "Own", "kind": "crypto", "provider_ids": "{}"}
        assert office.post(url("asset", "add"), form).context["adminform"].form.errors["symbol"]
        assert not Asset.objects.exists()

    @pytest.mark.parametrize("symbol", ["USDC.E", "$WIF", "1INCH", "A-B_C"])
    def test_other_symbols_have_a_page(self, office: Client, symbol: str) -> None:
        form = {"symbol": symbol, "name": "Own", "kind": "crypto", "provider_ids": "", "is_tracked": "on"}
        assert office.post(url("asset", "add"), form).status_code == 302
        assert office.get(reverse("price-page", args=[symbol])).status_code == 200

    def test_a_coin_does_not_become_a_currency(self, office: Client, btc: Asset) -> None:
        form = {
            "symbol": "BTC",
            "name": "Bitcoin!",
            "kind": "fiat",
            "provider_ids": '{"coingecko": "bitcoin"}',
        }
        assert office.post(url("asset", "change", btc.pk), form).status_code == 302
        btc.refresh_from_db()
        assert (btc.name, btc.kind) == ("Bitcoin!", "crypto")

    def test_they_are_deleted_with_their_history_one_by_one_and_in_bulk(
        self, office: Client, btc: Asset, eth: Asset
    ) -> None:
        for asset in (btc, eth):
            Backfill.objects.create(asset=asset, since=MOMENT, until=MOMENT, cursor=MOMENT)
        assert office.post(url("asset", "delete", btc.pk), {"post": "yes"}).status_code == 302
        form = {"action": "delete_selected", "_selected_action": [eth.pk], "post": "yes"}
        office.post(url("asset", "changelist"), form)
        assert not Asset.objects.filter(pk__in=[btc.pk, eth.pk]).exists()
        assert not Backfill.objects.exists()

    def test_a_new_coin_gets_a_symbol_in_capitals(self, office: Client) -> None:
        form = {"symbol": "own", "name": "Own", "kind": "crypto", "provider_ids": '{"coingecko": "own-coin"}'}
        office.post(url("asset", "add"), form)
        assert Asset.objects.get().symbol == "OWN"


class TestTheWorkersRows:
    @pytest.mark.parametrize("model", [Backfill, Schedule, Success, Failure, OrmQ])
    def test_they_can_be_read_and_nothing_else(
        self, office: Client, settings: Settings, model: type[Backfill], btc: Asset
    ) -> None:
        Schedule.objects.create(name="a", func="prices.tasks.fetch_latest")
        Backfill.objects.create(asset=btc, since=MOMENT, until=MOMENT, cursor=MOMENT)
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        page = office.get(reverse(f"{name}_changelist"))
        assert page.status_code == 200
        assert not page.context["cl"].model_admin.get_actions(page.wsgi_request)
        assert office.get(reverse(f"{name}_add")).status_code == 403
        for row in model._default_manager.all():
            assert office.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200
            assert office.post(reverse(f"{name}_change", args=[row.pk]), {}).status_code == 403
            assert office.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
        assert model in admin.site._registry


def test_an_asset_with_prices_is_not_deleted_nor_renamed(office: Client, btc: Asset) -> None:
    SnapshotFactory(asset=btc)
    office.post(url("asset", "delete", btc.pk), {"post": "yes"})
    chosen = {"action": "delete_selected", "_selected_action": [btc.pk], "post": "yes"}
    office.post(url("asset", "changelist"), chosen)
    renamed = {"symbol": "USD", "kind": "fiat", "name": "Bitcoin", "provider_ids": "{}"}
    office.post(url("asset", "change", btc.pk), renamed)
    btc.refresh_from_db()
    assert (btc.symbol, btc.kind, btc.snapshots.count()) == ("BTC", "crypto", 1)
