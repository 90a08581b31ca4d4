"""The catalogue of coins: found by name and symbol, added by an id, told apart, renamed, delisted."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from prices.models import Asset, PriceSnapshot
from prices.services import (
    CoinRefusedError,
    add_coin,
    delist_coin,
    fetch_latest,
    rename_coin,
    request_missing,
    search_coins,
    sync_catalogue,
)
from prices.services.coins import clean_name, free_symbol
from tests.factories import SnapshotFactory, day
from tests.prices.conftest import NOW
from tests.prices.provider import FakeProvider

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


class TestFinding:
    @pytest.mark.parametrize(
        "words, symbols", [("bitc", ["BCH", "BTC"]), ("BTC", ["BTC"]), ("ether", ["ETC", "ETH", "USDT"][:2])]
    )
    def test_what_is_here_is_found_by_name_and_symbol(
        self, catalogue: None, nobody: None, words: str, symbols: list[str]
    ) -> None:
        assert [asset.symbol for asset in search_coins(words, now=NOW).assets][: len(symbols)] == symbols

    def test_what_a_source_finds_besides_is_offered_under_a_label_of_its_own(
        self, catalogue: None, provider: FakeProvider
    ) -> None:
        found = search_coins("kiwi", now=NOW)
        assert [(coin.listing.id, coin.symbol, coin.is_colliding) for coin in found.offered] == [
            ("wrapped-kiwi", "WKIWI", False),
            ("bitcoin-kiwi", "BTC-2", True),
        ]

    def test_what_is_here_already_is_not_offered(self, catalogue: None, provider: FakeProvider) -> None:
        found = search_coins("bitcoin", now=NOW)
        assert [coin.listing.id for coin in found.offered] == ["bitcoin-kiwi"]

    def test_without_network_what_is_here_is_found_all_the_same(self, catalogue: None, nobody: None) -> None:
        found = search_coins("bitcoin", now=NOW)
        assert found.assets
        assert (found.offered, "coingecko" in found.failures) == ((), True)

    @pytest.mark.parametrize(
        "words", ["", "  ", "a\0b", "\ud800", "x" * 10_000, "%", "' OR 1=1 --", "\u202e"]
    )
    def test_whatever_is_typed_finds_something_or_nothing(
        self, catalogue: None, provider: FakeProvider, words: str
    ) -> None:
        search_coins(words, now=NOW)

    def test_a_former_symbol_finds_it(self, btc: Asset, nobody: None) -> None:
        rename_coin(asset=btc, symbol="XBT")
        assert [asset.symbol for asset in search_coins("BTC", now=NOW).assets] == ["XBT"]


class TestAdding:
    def test_it_is_what_the_source_says_it_is(self, catalogue: None, provider: FakeProvider) -> None:
        asset = add_coin("coingecko", "wrapped-kiwi", now=NOW)
        asset.refresh_from_db()
        assert (asset.symbol, asset.name) == ("WKIWI", "Wrapped Kiwi")
        assert (asset.provider_ids, asset.is_tracked) == ({"coingecko": "wrapped-kiwi"}, True)

    def test_a_ticker_that_is_taken_makes_another_label_and_no_ids_of_the_other_coin(
        self, btc: Asset, provider: FakeProvider
    ) -> None:
        kiwi = add_coin("coingecko", "bitcoin-kiwi", now=NOW)
        assert (kiwi.symbol, kiwi.provider_ids) == ("BTC-2", {"coingecko": "bitcoin-kiwi"})
        btc.refresh_from_db()
        assert btc.provider_ids["coingecko"] == "bitcoin"

    def test_their_prices_are_told_apart(self, only_btc: Asset, provider: FakeProvider) -> None:
        add_coin("coingecko", "bitcoin-kiwi", now=NOW)
        report = fetch_latest(now=NOW)
        assert (report.stored, report.missing) == (("BTC",), ("BTC-2",))
        assert not PriceSnapshot.objects.filter(asset__symbol="BTC-2").exists()

    def test_another_label_can_be_asked_for(self, catalogue: None, provider: FakeProvider) -> None:
        assert add_coin("coingecko", "bitcoin-kiwi", symbol="kiwi", now=NOW).symbol == "KIWI"

    @pytest.mark.parametrize("symbol", ["BTC", "EUR", "a b", "-x", "x" * 21, "<b>", "ÄÖ"])
    def test_not_one_that_is_taken_or_cannot_stand_in_an_address(
        self, catalogue: None, provider: FakeProvider, symbol: str
    ) -> None:
        with pytest.raises(CoinRefusedError):
            add_coin("coingecko", "bitcoin-kiwi", symbol=symbol, now=NOW)
        assert not Asset.objects.named_at("coingecko", "bitcoin-kiwi").exists()

    def test_it_is_added_once(self, catalogue: None, provider: FakeProvider) -> None:
        add_coin("coingecko", "wrapped-kiwi", now=NOW)
        with pytest.raises(CoinRefusedError, match=r"is here already: Wrapped Kiwi \(WKIWI\)"):
            add_coin("coingecko", "wrapped-kiwi", now=NOW)

    @pytest.mark.parametrize("coin", ["no-such-coin", "", "../search", "a\0", "x" * 101, "bitcoin-kiwi/x"])
    def test_not_what_the_source_does_not_know(
        self, catalogue: None, provider: FakeProvider, coin: str
    ) -> None:
        with pytest.raises(CoinRefusedError):
            add_coin("coingecko", coin, now=NOW)

    @pytest.mark.parametrize("fault", ["rate limit", "html", "nonsense", "reset", "forbidden"])
    def test_not_while_the_source_does_not_answer(
        self, catalogue: None, provider: FakeProvider, fault: str
    ) -> None:
        provider.faults = {"coingecko": fault}
        with pytest.raises(CoinRefusedError, match="coingecko"):
            add_coin("coingecko", "wrapped-kiwi", now=NOW)

    @pytest.mark.parametrize("name", ["binance", "cryptocompare", "mempool", "frankfurter", "nobody"])
    def test_not_by_a_source_that_cannot_say_what_it_is(
        self, catalogue: None, provider: FakeProvider, name: str
    ) -> None:
        with pytest.raises(CoinRefusedError):
            add_coin(name, "WKIWI", now=NOW)

    def test_the_catalogue_leaves_it_as_it_is(self, catalogue: None, provider: FakeProvider) -> None:
        Asset.objects.filter(symbol="UNI").delete()
        add_coin("coingecko", "bitcoin-kiwi", symbol="UNI", now=NOW)
        sync_catalogue()
        assert Asset.objects.get(symbol="UNI").provider_ids == {"coingecko": "bitcoin-kiwi"}


class TestNames:
    @pytest.mark.parametrize(
        "ticker, label",
        [
            ("new", "NEW"),
            ("btc", "BTC-2"),
            ("$ape", "$APE"),
            ("a b/c", "ABC"),
            ("..", "COIN"),
            ("x" * 50, "X" * 14),
        ],
    )
    def test_a_label_is_free_and_stands_in_an_address(self, catalogue: None, ticker: str, label: str) -> None:
        assert free_symbol(ticker) == label

    def test_one_that_another_coin_had_before_is_not_free(self, btc: Asset) -> None:
        rename_coin(asset=btc, symbol="XBT")
        assert free_symbol("BTC") == "BTC-2"

    @pytest.mark.parametrize(
        "name, clean",
        [
            ("Bitcoin\u202eniocteP", "BitcoinniocteP"),
            ("a\0b\n c", "ab c"),
            ("\ud800x", "x"),
            ("y" * 500, "y" * 100),
        ],
    )
    def test_a_name_has_nothing_that_nobody_sees(self, name: str, clean: str) -> None:
        assert clean_name(name) == clean


class TestRenaming:
    def test_its_history_stays_and_the_old_symbol_leads_to_it(self, btc: Asset, client: Client) -> None:
        SnapshotFactory(asset=btc, at=NOW, price=60_000)
        rename_coin(asset=btc, symbol="xbt", name="Bitcoin, the first")
        btc.refresh_from_db()
        assert (btc.symbol, btc.former_symbols, btc.snapshots.count()) == ("XBT", "BTC", 1)
        answer = client.get(reverse("price-page", args=["BTC"]))
        assert (answer.status_code, answer["Location"]) == (302, reverse("price-page", args=["XBT"]))
        assert "Formerly BTC." in client.get(answer["Location"]).content.decode()

    def test_back_and_forth_leaves_one_former_symbol(self, btc: Asset) -> None:
        for symbol in "XBT", "BTC", "XBT":
            btc = rename_coin(asset=btc, symbol=symbol)
        assert (btc.symbol, btc.former_symbols) == ("XBT", "BTC")

    def test_an_old_symbol_that_another_coin_has_now_is_that_coins(self, btc: Asset, client: Client) -> None:
        rename_coin(asset=btc, symbol="XBT")
        Asset.objects.create(symbol="BTC", name="Bitcoin Kiwi")
        assert "Bitcoin Kiwi" in client.get(reverse("price-page", args=["BTC"])).content.decode()

    @pytest.mark.parametrize("symbol", ["ETH", "EUR", "", "a/b"])
    def test_not_to_one_that_is_taken_or_none(self, btc: Asset, symbol: str) -> None:
        with pytest.raises(CoinRefusedError):
            rename_coin(asset=btc, symbol=symbol)
        btc.refresh_from_db()
        assert (btc.symbol, btc.former_symbols) == ("BTC", "")

    def test_a_currency_keeps_its_code(self, eur: Asset) -> None:
        with pytest.raises(CoinRefusedError):
            rename_coin(asset=eur, symbol="EURO")

    def test_the_catalogue_does_not_make_it_twice(self, btc: Asset) -> None:
        rename_coin(asset=btc, symbol="XBT")
        assert sync_catalogue() == 0
        assert not Asset.objects.filter(symbol="BTC").exists()


class TestDelisting:
    def test_its_history_stays_and_nobody_is_asked_for_more(
        self, only_btc: Asset, provider: FakeProvider, client: Client
    ) -> None:
        SnapshotFactory(asset=only_btc, at=NOW - HOUR, price=60_000)
        delist_coin(asset=only_btc, on=day("2024-06-14").date())
        assert str(fetch_latest(now=NOW)) == "no coin is tracked"
        assert request_missing(now=NOW) == 0
        assert provider.requests == []
        page = client.get(reverse("price-page", args=["BTC"])).content.decode()
        assert "No longer quoted since 14 Jun 2024" in page
        assert "60,000" in page

    def test_listed_again_it_is_asked_for_again(self, only_btc: Asset, provider: FakeProvider) -> None:
        delist_coin(asset=only_btc, on=day("2024-06-14").date())
        delist_coin(asset=only_btc, on=None)
        assert fetch_latest(now=NOW).stored == ("BTC",)
