"""The administrator's door: assets, and the worker's rows, which can only be read."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django_q.models import Failure, OrmQ, Schedule, Success
from pytest_django import Settings

from accounts.models import User
from prices.models import Asset, Backfill
from tests.conftest import signed_in
from tests.factories import SnapshotFactory, day

MOMENT = day("2024-03-10 12:00")


@pytest.fixture
def office(db: None) -> Client:
    """The administrator's browser."""
    return signed_in(User.objects.create_superuser("root", "root@example.org", "a-long-password"))


def url(model: str, page: str, *arguments: object) -> str:
    return reverse(f"admin:prices_{model}_{page}", args=arguments)


class TestAssets:
    def test_saving_one_leaves_the_version_of_its_history(self, office: Client, btc: Asset) -> None:
        Asset.objects.update(history_version=7)
        form = {"symbol": "BTC", "name": "Gold", "kind": "crypto", "provider_ids": "{}"}
        assert office.post(url("asset", "change", btc.pk), form).status_code == 302
        btc.refresh_from_db()
        assert (btc.name, btc.history_version) == ("Gold", 7)

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
