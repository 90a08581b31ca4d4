"""The catalogue of coins: finding one by name or symbol, adding one that a source knows, what becomes of it.

The symbol is a label, unique here; which coin an asset is, is said by what the sources call it. So two coins
of one ticker are two assets under two labels, and an asset that is renamed or delisted keeps its history.
"""

import re
import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from django.db import IntegrityError, transaction

from prices.models import Asset, SourceState
from prices.services.panel import Panel, Stopwatch
from prices.sources import SOURCES
from prices.sources.base import Source
from prices.sources.reading import Listing

SYMBOL = re.compile(
    r"[A-Z0-9$][A-Z0-9.$_-]*"
)  # it stands in addresses, so it keeps to what stands there as it is
SYMBOL_LENGTH, LABEL_LENGTH, NAME_LENGTH, ID_LENGTH = 20, 14, 100, 100
FORMER_LENGTH = 200
SHOWN = 25  # coins that a search brings


class CoinRefusedError(ValueError):
    """What was asked for a coin cannot be; the message is fit for a user."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A coin that is not here yet, as a source lists it, and the label it would get here."""

    source: str
    listing: Listing
    symbol: str

    @property
    def is_colliding(self) -> bool:
        """Whether another asset has its ticker."""
        return self.symbol != self.listing.symbol


@dataclass(frozen=True, slots=True)
class FoundCoins:
    """What a search brought: assets that are here, coins that could be added, sources that did not answer."""

    assets: tuple[Asset, ...]
    offered: tuple[Offered, ...]
    failures: dict[str, str]


def search_coins(
    words: str, *, now: datetime, seconds: float = 10, clock: Callable[[], float] = time.monotonic
) -> FoundCoins:
    """Coins by name or symbol: those that are here, and those that the price sources find besides.

    Without `seconds` to ask in, nobody is asked.
    """
    words = words.strip()[:NAME_LENGTH]
    if not words or not words.isprintable():
        return FoundCoins((), (), {})
    here = tuple(Asset.objects.crypto().matching(words)[:SHOWN])
    panel = Panel(Stopwatch.start(now, seconds, clock))
    offered: list[Offered] = []
    for source in panel if seconds else ():
        offered += _offered(source, panel.ask(source, partial(source.search, words)) or [])
    return FoundCoins(here, tuple(offered[:SHOWN]), panel.failures)


def add_coin(
    source: str,
    coin: str,
    *,
    now: datetime,
    symbol: str = "",
    seconds: float = 10,
    clock: Callable[[], float] = time.monotonic,
) -> Asset:
    """Make the coin that a source calls so an asset, under its ticker or, if that is taken, one told apart.

    The source is asked what it is: nothing is taken from a form but its id. CoinRefusedError.
    """
    if source not in SOURCES or not 0 < len(coin) <= ID_LENGTH or not coin.isprintable():
        raise CoinRefusedError(f"{source!a:.30} cannot be asked for {coin!a:.60}.")
    _refuse_known(source, coin)
    listing = _listing(source, coin, Stopwatch.start(now, seconds, clock))
    try:
        return _create(source, listing, symbol)
    except IntegrityError:
        raise CoinRefusedError("Its symbol has just been taken by another coin.") from None


@transaction.atomic
def _create(source: str, listing: Listing, symbol: str) -> Asset:
    """The new asset. The source's row is locked meanwhile: a coin added twice at once is there once."""
    SourceState.objects.select_for_update().get(source=source)
    _refuse_known(source, listing.id)
    label = checked_symbol(symbol) if symbol else free_symbol(listing.symbol)
    name, ids = clean_name(listing.name) or label, {source: listing.id}
    return Asset.objects.create(symbol=label, name=name, provider_ids=ids, is_tracked=True)


def _refuse_known(source: str, coin: str) -> None:
    if known := Asset.objects.named_at(source, coin).first():
        raise CoinRefusedError(f"{coin} is here already: {known}.")


@transaction.atomic
def rename_coin(*, asset: Asset, symbol: str, name: str = "") -> Asset:
    """Give an asset another symbol (and name); its history stays, and the old symbol still finds it."""
    kept = Asset.objects.select_for_update().get(pk=asset.pk)
    if kept.kind != Asset.Kind.CRYPTO:
        raise CoinRefusedError("A currency keeps its code.")
    symbol = symbol.strip().upper()
    if symbol != kept.symbol:
        former = [word for word in kept.former_symbols.split() if word != symbol] + [kept.symbol]
        kept.symbol, kept.former_symbols = checked_symbol(symbol, but=kept), " ".join(former)
    if len(kept.former_symbols) > FORMER_LENGTH:
        raise CoinRefusedError("It has had too many symbols.")
    kept.name = clean_name(name) or kept.name
    kept.save(update_fields=["symbol", "former_symbols", "name"])
    return kept


def delist_coin(*, asset: Asset, on: date | None) -> None:
    """Note since when nobody quotes a coin (None: it is quoted again). Its history stays as it is."""
    Asset.objects.crypto().filter(pk=asset.pk).update(delisted_on=on)


def checked_symbol(symbol: str, *, but: Asset | None = None) -> str:
    """The symbol in capitals, if an asset can have it. CoinRefusedError."""
    symbol = symbol.strip().upper()
    if len(symbol) > SYMBOL_LENGTH or not SYMBOL.fullmatch(symbol):
        raise CoinRefusedError(
            f"Use up to {SYMBOL_LENGTH} letters, digits and . - _ $ alone, and a letter, digit or $ to begin."
        )
    others = Asset.objects.exclude(pk=but.pk) if but else Asset.objects.all()
    if other := others.filter(symbol=symbol).first():
        raise CoinRefusedError(f"{symbol} is {other.name} here.")
    return symbol


def free_symbol(ticker: str) -> str:
    """A label for a coin of that ticker: the ticker itself, or with a number when an asset has or had it."""
    plain = re.sub(r"[^A-Z0-9.$_-]", "", ticker.upper()).lstrip(".-_")[:LABEL_LENGTH] or "COIN"
    return next(label for label in _labels(plain) if not _is_taken(label))


def clean_name(name: str) -> str:
    """A name without what nobody sees: control characters, marks that turn the direction of writing."""
    kept = "".join(letter for letter in name if unicodedata.category(letter)[0] != "C")
    return " ".join(kept.split())[:NAME_LENGTH]


def _labels(plain: str) -> Iterator[str]:
    yield plain
    number = 2
    while True:
        yield f"{plain}-{number}"
        number += 1


def _is_taken(label: str) -> bool:
    return Asset.objects.filter(symbol=label).exists() or Asset.objects.once_called(label) is not None


def _listing(name: str, coin: str, watch: Stopwatch) -> Listing:
    """What the source says of the coin it calls so. CoinRefusedError."""
    panel = Panel(watch, [name])
    source = next(iter(panel), None)
    if source is None:
        raise CoinRefusedError(panel.failures.get(name, f"{name} needs a key."))
    listing = panel.ask(source, lambda: source.listing(coin), Asset())
    if listing is None or listing.id != coin:
        raise CoinRefusedError(panel.failures.get(name, f"{name} does not know a coin {coin}."))
    return listing


def _offered(source: Source, listings: list[Listing]) -> list[Offered]:
    """Those that are no asset yet; what could not be one is left out."""
    sound = [each for each in listings if len(each.id) <= ID_LENGTH and each.id.isprintable()]
    known = {asset.id_at(source.name) for asset in Asset.objects.crypto()}
    return [
        Offered(source.name, Listing(each.id, each.symbol, clean_name(each.name)), free_symbol(each.symbol))
        for each in sound[:SHOWN]
        if each.id not in known
    ]
