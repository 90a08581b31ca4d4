"""The doors to the catalogue of coins: commands, the administration, the page."""

from urllib.parse import quote

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from prices.models import Asset
from prices.services import fetch_latest
from tests.conftest import signed_in
from tests.prices.conftest import NOW
from tests.prices.provider import FakeProvider

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Client:
    """The administrator's browser."""
    return signed_in(User.objects.create_superuser("root", "root@example.org", "a-long-password"))


@pytest.mark.usefixtures("frozen")
class TestDoors:
    def run(self, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
        call_command(*arguments)
        return capsys.readouterr().out

    def test_the_commands_find_and_add(
        self, catalogue: None, provider: FakeProvider, capsys: pytest.CaptureFixture[str]
    ) -> None:
        found = self.run(capsys, "find_coins", "bitcoin")
        assert "BTC: Bitcoin, is here\n" in found
        assert "BTC-2: Bitcoin Kiwi (its ticker BTC is taken), add_coin bitcoin-kiwi\n" in found
        added = self.run(capsys, "add_coin", "bitcoin-kiwi", "--symbol", "kiwi")
        assert added == "KIWI: Bitcoin Kiwi is here now, and its prices are fetched.\n"
        with pytest.raises(CommandError, match="is here already"):
            call_command("add_coin", "bitcoin-kiwi")
        with pytest.raises(CommandError, match="No coin is called so"):
            call_command("find_coins", "zzzzzz")

    def form(self, **changes: str) -> dict[str, str]:
        return {"name": "Bitcoin", "provider_ids": '{"coingecko": "bitcoin"}', "new_symbol": "", **changes}

    def test_an_administrator_renames_and_delists(self, office: Client, btc: Asset) -> None:
        address = reverse("admin:prices_asset_change", args=[btc.pk])
        assert office.post(address, self.form(new_symbol="xbt", delisted_on="2024-06-01")).status_code == 302
        btc.refresh_from_db()
        assert (btc.symbol, btc.former_symbols, str(btc.delisted_on)) == ("XBT", "BTC", "2024-06-01")

    @pytest.mark.parametrize(
        "changes, field",
        [
            ({"new_symbol": "ETH"}, "new_symbol"),
            ({"new_symbol": "a b"}, "new_symbol"),
            ({"delisted_on": "2199-01-01"}, "delisted_on"),
            ({"provider_ids": '{"coingecko": "ethereum"}'}, "provider_ids"),
        ],
    )
    def test_what_cannot_be_is_an_error_of_the_form(
        self, office: Client, btc: Asset, changes: dict[str, str], field: str
    ) -> None:
        answer = office.post(reverse("admin:prices_asset_change", args=[btc.pk]), self.form(**changes))
        assert answer.context["adminform"].form.errors.keys() == {field}

    def test_the_list_is_searched_by_what_sources_call_it(self, office: Client, catalogue: None) -> None:
        page = office.get(reverse("admin:prices_asset_changelist"), {"q": "avalanche-2"}).content.decode()
        assert "AVAX" in page

    def test_sources_are_asked_again_on_an_administrators_word(
        self, office: Client, only_btc: Asset, provider: FakeProvider, settings: Settings
    ) -> None:
        settings.PRICE_SOURCES = ["coingecko"]
        provider.faults = {"coingecko": "forbidden"}
        fetch_latest(now=NOW)
        provider.faults = {}
        address = reverse("admin:prices_sourcestate_changelist")
        page = office.get(address)
        assert "Refused access" in page.content.decode()
        chosen = {"action": "ask_again", "_selected_action": [page.context["cl"].queryset.get().pk]}
        assert office.post(address, chosen).status_code == 302
        assert fetch_latest(now=NOW).stored == ("BTC",)


@pytest.mark.usefixtures("frozen")
class TestThePage:
    @pytest.fixture
    def member(self) -> Client:
        return signed_in(User.objects.create_user("ann", "ann@example.org", "a-long-password"))

    def test_everybody_finds_what_is_here_and_no_provider_is_asked(
        self, catalogue: None, provider: FakeProvider, member: Client
    ) -> None:
        page = member.get(reverse("coin-search"), {"q": "bitcoin"}).content.decode()
        assert "Bitcoin Cash" in page
        assert "Bitcoin Kiwi" not in page
        assert provider.requests == []

    def test_who_may_add_coins_finds_and_adds_them(
        self, catalogue: None, provider: FakeProvider, office: Client
    ) -> None:
        page = office.get(reverse("coin-search"), {"q": "bitcoin"}).content.decode()
        assert "Bitcoin Kiwi" in page
        assert "another coin is BTC" in page
        added = office.post(reverse("coin-search"), {"source": "coingecko", "coin": "bitcoin-kiwi"})
        assert added["Location"] == reverse("price-page", args=["BTC-2"])
        again = office.post(
            reverse("coin-search"), {"source": "coingecko", "coin": "bitcoin-kiwi"}, follow=True
        )
        assert "is here already" in again.content.decode()

    def test_nobody_else_adds_one(self, catalogue: None, provider: FakeProvider, member: Client) -> None:
        answer = member.post(reverse("coin-search"), {"source": "coingecko", "coin": "bitcoin-kiwi"})
        assert answer.status_code == 403
        assert provider.requests == []

    @pytest.mark.parametrize(
        "source", ["", "nobody", "\ud800", "coingecko\0", "__class__", "coingecko__regex", "mempool"]
    )
    @pytest.mark.parametrize("coin", ["", "x" * 5000, "a\0b", "../..", "(", "\udcff"])
    def test_whatever_is_sent_is_refused_in_words(
        self, catalogue: None, provider: FakeProvider, office: Client, source: str, coin: str
    ) -> None:
        fields = {"source": source, "coin": coin}
        sent = "&".join(f"{k}={quote(v, errors='surrogatepass')}" for k, v in fields.items())
        answer = office.post(reverse("coin-search"), sent, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 302
        assert (
            not Asset.objects.filter(is_tracked=True)
            .exclude(symbol__in=("BTC", "ETH", "BNB", "SOL"))
            .exists()
        )

    def test_when_a_provider_fails_the_page_says_so(
        self, catalogue: None, provider: FakeProvider, office: Client
    ) -> None:
        provider.faults = {"coingecko": "server error"}
        page = office.get(reverse("coin-search"), {"q": "bitcoin"})
        assert page.status_code == 200
        assert "coingecko: server error 500" in page.content.decode()
