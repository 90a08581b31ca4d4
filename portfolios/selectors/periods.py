"""The result in a period, as a bridge from the value at its start to the value at its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portfolios.ledger import ratio
from portfolios.models import Portfolio
from portfolios.selectors.books import fees_between
from portfolios.selectors.figures import HoldingFigures, Overview
from portfolios.selectors.formulas import less, plus
from portfolios.selectors.memory import Memory, forgetful
from portfolios.selectors.overview import overviews
from portfolios.selectors.unpriced import Unpriced, unvalued
from prices.models import Asset

Amount = Decimal | None


@dataclass(frozen=True, slots=True)
class Bridge:
    """start value + net flows + realised + unrealised + income + fees = end value, to the last digit.

    Amounts in one currency. Realised and unrealised are what they would be without fees, which stand by
    themselves and are negative. What needs a price that is unknown at either end is None, and `missing` names
    the assets without one, as `unrated` those whose cost is unknown in this currency.
    """

    start: Overview
    end: Overview
    start_value: Amount
    net_flows: Amount
    realised: Amount
    unrealised: Amount
    income: Amount
    fees: Amount
    end_value: Amount
    missing: tuple[str, ...] = ()
    unrated: tuple[str, ...] = ()

    @property
    def unvalued(self) -> Unpriced | None:
        """What keeps an end from having a value; None where both have one."""
        return unvalued(self.start) or unvalued(self.end)

    @property
    def result(self) -> Amount:
        """Change of value less net flows: a deposit is never a profit."""
        return less(self.end_value, self.start_value, self.net_flows)

    @property
    def steps(self) -> tuple[Amount, ...]:
        """What leads from the value at the start to the value at the end."""
        return self.net_flows, self.realised, self.unrealised, self.income, self.fees

    @property
    def base(self) -> Amount:
        """Value at the start + money in during the period: from the beginning on, what ROI divides by."""
        return plus(self.start_value, self.end.money_in - self.start.money_in)

    @property
    def result_ratio(self) -> Amount:
        """Result ÷ (value at the start + money in during the period)."""
        return ratio(self.result, self.base)


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one asset earned in a period: change of its net result, and that ÷ what `result_ratio` divides by.

    Over the assets of a bridge both add up to the whole, to the last digit. None where a price or an exchange
    rate that it needs is unknown.
    """

    asset: Asset
    result: Amount
    ratio: Amount


def contributions(found: Bridge) -> tuple[Contribution, ...]:
    """Return what each asset contributed that was held in the period or earned something; most first."""
    before = {each.asset.pk: each for each in found.start.holdings}
    after = {each.asset.pk: each for each in found.end.holdings}
    told = [_contribution(found, before.get(pk), each) for pk, each in after.items()]
    return tuple(sorted((each for each in told if each), key=_most_first))


def _contribution(found: Bridge, before: HoldingFigures | None, after: HoldingFigures) -> Contribution | None:
    result = less(after.net_result, before.net_result if before else Decimal(0))
    was_open = after.is_open or (before is not None and before.is_open)
    return Contribution(after.asset, result, ratio(result, found.base)) if was_open or result != 0 else None


def _most_first(one: Contribution) -> tuple[bool, Decimal, str]:
    return one.result is None, -(one.result or Decimal(0)), one.asset.symbol


def bridge(
    portfolios: Sequence[Portfolio],
    *,
    currency: str,
    since: datetime,
    until: datetime,
    end: Overview | None = None,
    memory: Memory | None = None,
) -> Bridge:
    """Return what led from the value of these portfolios together at `since` to that at `until`.

    `end`: their overview of then, where it is there already. With a memory, what was up to the last midnight
    is found only once.
    """
    recall = memory or forgetful(until)
    start = _overview(portfolios, currency, since, recall)
    end = end or _overview(portfolios, currency, until, recall)
    missing = tuple(sorted({*start.prices.missing, *end.prices.missing}))
    unrated = tuple(sorted({*start.prices.unrated, *end.prices.unrated}))
    if missing or unrated or None in (start.value, end.value, start.unrealised, end.unrealised):
        return Bridge(start, end, *(None,) * 7, missing, unrated)
    bought, sold = _fees(portfolios, currency, since, until, recall)
    return Bridge(
        start=start,
        end=end,
        start_value=start.value,
        net_flows=less(end.net_money_in, start.net_money_in),
        realised=end.realised - start.realised + sold,
        unrealised=plus(less(end.unrealised, start.unrealised), bought),
        income=end.income - start.income,
        fees=-(bought + sold),
        end_value=end.value,
    )


def _overview(portfolios: Sequence[Portfolio], currency: str, at: datetime, recall: Memory) -> Overview:
    def find() -> Overview:
        return overviews(portfolios, currency=currency, now=at)[0]

    return recall.recall(f"overview:{at}", find) if at <= recall.until else find()


def _fees(
    portfolios: Sequence[Portfolio], currency: str, since: datetime, until: datetime, recall: Memory
) -> tuple[Decimal, Decimal]:
    """The fees for what came and for what left, of which those until the last midnight are remembered."""
    last = min(max(since, recall.until), until)
    name = f"fees:{since}:{last}"
    bought, sold = recall.recall(name, lambda: fees_between(portfolios, currency, since, last))
    more = fees_between(portfolios, currency, last, until)
    return bought + more[0], sold + more[1]
