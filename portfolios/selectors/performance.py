"""Returns: time-weighted (what the choice of assets earned) and money-weighted (what the money earned)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portfolios.ledger import Flow, time_weighted_return
from portfolios.models import FEE_LEG, Booking, Kind, Portfolio
from portfolios.selectors.books import Key, Step, steps
from portfolios.selectors.rates import rate_of, snapshot_before, with_dollar_rates
from portfolios.selectors.xirr import money_weighted

YEAR = 365  # act/365
ANNUALISED_FROM = 90  # days; a shorter span is not blown up to a year
AT_MARKET = {
    Kind.DEPOSIT,
    Kind.WITHDRAWAL,
    Kind.TRANSFER,
}  # coins that come or go count at their market value


@dataclass(frozen=True, slots=True)
class Returns:
    """Both returns as fractions; None with a reason where there is none."""

    twr: Decimal | None
    twr_reason: str
    xirr: float | None
    xirr_reason: str
    annualised: bool  # whether xirr is a yearly rate, or that of the whole (short) span


def returns(
    portfolios: Sequence[Portfolio],
    *,
    currency: str,
    value: Decimal | None,
    now: datetime,
    booked: list[Step] | None = None,
) -> Returns:
    """Return what these portfolios together earned until now, at `value` in `currency`.

    `booked`: what `steps` said, where the page has asked already.
    """
    booked = steps(portfolios, currency) if booked is None else booked
    if value is None or not booked:
        reason = "Nothing is recorded yet." if value is not None else "The value now is unknown."
        return Returns(None, reason, None, reason, annualised=False)
    prices = _prices_at_flows(portfolios, booked, currency)
    flows = _flows(booked, prices)
    if flows is None:
        reason = "A price at the time of a deposit, withdrawal or trade is unknown."
        return Returns(None, reason, None, reason, annualised=False)
    rate, annualised = _money_weighted(flows, value, now)
    twr = time_weighted_return(flows, value)
    return Returns(
        twr=twr,
        twr_reason="" if twr is not None else "Nothing was invested.",
        xirr=rate,
        xirr_reason="" if rate is not None else "No rate turns these flows into today's value.",
        annualised=annualised,
    )


def _prices_at_flows(
    portfolios: Sequence[Portfolio], booked: list[Step], currency: str
) -> dict[tuple[int, int], Decimal | None]:
    """Prices by (transaction, asset) of every asset at every transaction's time, in one query."""
    assets = {step.key[1] for step in booked}
    rows = with_dollar_rates(Booking.objects.filter(portfolio__in=portfolios), [currency])
    rows = rows.annotate(**{f"price_{pk}": snapshot_before(pk) for pk in assets})
    found = {}
    for row in rows:
        rate = rate_of(row, "USD", currency)
        for pk in assets:
            price = getattr(row, f"price_{pk}")
            found[row.transaction_id, pk] = None if price is None or rate is None else price * rate
    return found


def _flows(booked: list[Step], prices: dict[tuple[int, int], Decimal | None]) -> list[Flow] | None:
    """The outside flows, each with the value held just before and after it; None where a price is unknown.

    An asset that is traded is valued at its own price in that trade, the others at the market's. Income is
    a flow of nothing: what it adds was earned in the stretch that it ends.
    """
    held: dict[Key, Decimal] = {}
    flows = []
    for step in booked:
        own = _own_price(step, prices)
        before = _value(held, step, own, prices)
        held[step.key] = held.get(step.key, Decimal(0)) + step.quantity
        after = _value(held, step, own, prices)
        money_in, money_out = _outside(step, own)
        if before is None or after is None or money_in is None or money_out is None:
            return None
        flows.append(Flow(step.at, before, money_in, money_out, after))
    return flows


def _own_price(step: Step, prices: dict[tuple[int, int], Decimal | None]) -> Decimal | None:
    market = prices.get((step.transaction, step.key[1]))
    return market if step.unit_price is None or _is_at_market(step) else step.unit_price


def _is_at_market(step: Step) -> bool:
    """A fee in coins is no flow: what it cost is lost."""
    return step.kind in AT_MARKET and step.leg != FEE_LEG


def _outside(step: Step, own: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
    if not _is_at_market(step):
        return step.money_in, step.money_out
    if own is None:
        return None, None
    worth = abs(step.quantity) * own
    return (worth, Decimal(0)) if step.quantity > 0 else (Decimal(0), worth)


def _value(
    held: dict[Key, Decimal], step: Step, own: Decimal | None, prices: dict[tuple[int, int], Decimal | None]
) -> Decimal | None:
    value = Decimal(0)
    for (_, asset), quantity in held.items():
        if not quantity:
            continue
        price = own if asset == step.key[1] else prices.get((step.transaction, asset))
        if price is None:
            return None
        value += quantity * price
    return value


def _money_weighted(flows: list[Flow], value: Decimal, now: datetime) -> tuple[float | None, bool]:
    """The money-weighted rate until now, and whether it is a yearly one; un-annualised below 90 days."""
    dated = [(flow.at.date(), flow.money_out - flow.money_in) for flow in flows]
    rate = money_weighted([*dated, (now.date(), value)])
    if rate is None:
        return None, False
    days = (now.date() - dated[0][0]).days
    return (rate, True) if days >= ANNUALISED_FROM else ((1 + rate) ** (days / YEAR) - 1, False)
