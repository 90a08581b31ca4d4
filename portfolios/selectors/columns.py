"""What portfolios were worth, and the money in and out until then, moment by moment: exact, for programs."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from portfolios.models import Portfolio
from portfolios.selectors.anew import Key
from portfolios.selectors.formulas import converted, less, plus, worth
from portfolios.selectors.history import first_booking
from portfolios.selectors.standings import Stand, lines
from prices.models import Asset
from prices.selectors import ceiling, latest_prices, price_table, rate_asset

Amount = Decimal | None
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Columns:
    """Amounts in one currency at shared moments, ascending; None where a price of something held, or a rate,
    is unknown. Assets that never had a price are left out of all columns, and named in `missing`.
    """

    currency: str
    at: tuple[datetime, ...] = ()
    value: tuple[Amount, ...] = ()
    money_in: tuple[Amount, ...] = ()
    money_out: tuple[Amount, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def net_result(self) -> tuple[Amount, ...]:
        """value + money out − money in."""
        told = zip(self.value, self.money_out, self.money_in, strict=True)
        return tuple(less(plus(value, out), put_in) for value, out, put_in in told)


def columns(
    portfolios: Sequence[Portfolio],
    *,
    currency: str,
    since: datetime | None,
    until: datetime,
    step: timedelta,
) -> Columns:
    """Return what stood at `since` (None: the first transaction), at each full step after it, at `until`.

    Everything is valued at the last price at most a week old, at the exchange rate of that moment.
    """
    began = first_booking(portfolios)
    if began is None or began > until or (since and since > until):
        return Columns(currency)
    moments = moments_between(max(since or began, began), until, step)
    found = lines(portfolios, currency, moments)
    assets = Asset.objects.in_bulk({asset for _, asset in found})
    quotes = latest_prices(assets.values(), now=until)
    priced = {key: line for key, line in found.items() if key[1] in quotes}
    stands = {key: line.at(moments) for key, line in priced.items()}
    return Columns(
        currency,
        tuple(moments),
        tuple(_values(stands, currency, [assets[pk] for pk in quotes], moments)),
        *_money(stands, len(moments)),
        missing=tuple(sorted(assets[pk].symbol for pk in assets if pk not in quotes)),
    )


def moments_between(since: datetime, until: datetime, step: timedelta) -> list[datetime]:
    """Both ends, and the full hours or UTC midnights between them."""
    first = ceiling(since, step)
    inside = (first + step * number for number in range(max((until - first) // step + 1, 0)))
    return sorted({since, *inside, until})


def _values(
    stands: Mapping[Key, Sequence[Stand]], currency: str, assets: Sequence[Asset], moments: Sequence[datetime]
) -> Iterator[Amount]:
    prices = _prices(currency, assets, moments)
    held: dict[int, list[Decimal]] = defaultdict(lambda: [ZERO] * len(moments))
    for (_, asset), line in stands.items():
        held[asset] = [before + stand.quantity for before, stand in zip(held[asset], line, strict=True)]
    for place in range(len(moments)):
        yield plus(*(worth(quantity[place], prices[asset][place]) for asset, quantity in held.items()))


def _money(
    stands: Mapping[Key, Sequence[Stand]], length: int
) -> tuple[tuple[Amount, ...], tuple[Amount, ...]]:
    sums = [Stand()] * length
    for line in stands.values():
        sums = [before.plus(stand) for before, stand in zip(sums, line, strict=True)]
    return tuple(stand.money_in for stand in sums), tuple(stand.money_out for stand in sums)


def _prices(currency: str, assets: Sequence[Asset], moments: Sequence[datetime]) -> dict[int, list[Amount]]:
    """By asset pk, in the currency; to 18 places, as every price."""
    target = None if currency == "USD" else rate_asset(currency)
    table = price_table([*assets, target] if target else assets, moments)
    if currency == "USD":
        return table
    rates = table[target.pk] if target else [None] * len(moments)
    return {
        asset.pk: [converted(price, rate) for price, rate in zip(table[asset.pk], rates, strict=True)]
        for asset in assets
    }
