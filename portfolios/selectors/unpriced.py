"""Why a return is unknown: which coins had no price, or which currencies no exchange rate, and when."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from portfolios.models import Portfolio
from portfolios.selectors.anew import rows_until
from portfolios.selectors.entries import rated
from portfolios.selectors.figures import Overview
from portfolios.selectors.flows import Gap
from prices.models import Asset
from prices.selectors import price_table, rate_asset


@dataclass(frozen=True, slots=True)
class Unpriced:
    """Symbols whose price was asked for at a UTC moment, and is not stored at most a week before it."""

    at: datetime
    coins: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ()  # whose exchange rate it is

    def __str__(self) -> str:
        """For readers of any language: in UTC."""
        return self.told(f"{self.at:%-d %b %Y %H:%M} UTC", str)

    def told(self, at: str, named: Callable[[str], str]) -> str:
        """Said with its moment and its symbols as the reader writes them."""
        prices = [f"price of {' or '.join(map(named, self.coins))}"] if self.coins else []
        rates = [f"{named(code)} exchange rate" for code in self.currencies]
        return f"No {' and no '.join(prices + rates)} is known in the week before {at}."


Reason = str | Unpriced


def unpriced_at(assets: Iterable[Asset], currency: str, at: datetime) -> Unpriced | None:
    """Return which of these have no price at a moment, or that the currency has no rate; None where all is
    known. At most two queries.
    """
    is_dollar = currency == "USD"  # what prices are stored in
    target = None if is_dollar else rate_asset(currency)
    asked = {asset.pk: asset for asset in (*assets, *([target] if target else []))}
    found = price_table(asked.values(), [at])
    without = [asset for asset in asked.values() if found[asset.pk][0] is None]
    rates = {asset.symbol for asset in without if asset.kind == Asset.Kind.FIAT}
    rates |= set() if target or is_dollar else {currency}
    coins = {asset.symbol for asset in without} - rates
    return Unpriced(at, tuple(sorted(coins)), tuple(sorted(rates))) if without or rates else None


def unvalued(overview: Overview) -> Unpriced | None:
    """Return what keeps everything that is held from having a value; None where it has one.

    The rate that a stored price lacks is that of its own time.
    """
    left_out = [each for each in overview.holdings if each.value is None]
    coins = tuple(sorted(each.asset.symbol for each in left_out if each.price_at is None))
    if coins or not left_out:
        return Unpriced(overview.as_of, coins) if coins else None
    return Unpriced(min(each.price_at for each in left_out if each.price_at), (), (overview.currency,))


def separable(overview: Overview) -> tuple[Asset, ...]:
    """Return the assets that totals leave out for want of a price, by symbol, where others are told."""
    without = [each.asset for each in overview.holdings if each.value is None]
    is_rest = len(without) < len(overview.holdings)
    return tuple(sorted(without, key=lambda asset: asset.symbol)) if is_rest else ()


def at_flow(gap: Gap, portfolios: Sequence[Portfolio], currency: str, until: datetime) -> Unpriced:
    """Return what a flow lacks: a price at its own time, or the rate of a transaction that it hangs on."""
    found = unpriced_at(gap.assets, currency, gap.at) if gap.assets else None
    return found or _unrated(gap.unrated, portfolios, currency, until) or Unpriced(gap.at, gap.symbols)


def _unrated(
    assets: Sequence[Asset], portfolios: Sequence[Portfolio], currency: str, until: datetime
) -> Unpriced | None:
    """The first transaction about these whose exchange rate is unknown."""
    about = Q(asset__in=assets) | Q(to_asset__in=assets) | Q(fee_asset__in=assets)
    rows = rated(rows_until(portfolios, until).filter(about), currency)
    first = min((row for row, rate in rows if rate is None), key=lambda row: row.occurred_at, default=None)
    if first is None:
        return None
    paid_in = rate_asset(first.currency)
    return unpriced_at([paid_in] if paid_in else [], currency, first.occurred_at)
