"""The rows of a golden case, booked; what stands at the end of a day, and what happened in a period."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from operator import sub
from typing import Any

from portfolios.ledger import Against, Booked, Flow, Position, book, ratio, time_weighted_return, total
from portfolios.ledger.risk import max_drawdown
from portfolios.selectors.xirr import money_weighted
from tests.ledger.golden import COMES, ZERO, Case, row


class Books:
    """A case under one method in one currency: the figures of one asset, or of all together.

    The methods that take a day are the figures of product and documents, under their own names, at the end of
    that day; None is "not known".
    """

    def __init__(self, case: Case, block: dict[str, Any]) -> None:
        self.case, self.asset = case, block.get("of")
        self.currency = block.get("in", case["currency"])
        self.rows = {number: row(number, line) for number, line in enumerate(case["rows"], start=1)}
        by_asset = defaultdict(list)
        for each in self.rows.values():
            by_asset[each.asset] += each.entries(self._rate(each.at.date()))
        booked = [step for entries in by_asset.values() for step in book(entries, block["by"])]
        self.booked: list[Booked] = sorted(booked, key=lambda step: step.entry.order)
        coming = [number for number, each in self.rows.items() if each.kind in COMES]
        self.lot_names = {number: str(at) for at, number in enumerate(coming, start=1)}

    def price(self, asset: str, day: date) -> Decimal | None:
        """The last price on or before the day, in the book's currency; None where there is none so early."""
        if asset == self.case["currency"]:
            return self._rate(day)
        price = _last(self.case.get("prices", {}).get(asset, {}), day)
        return None if price is None else price * self._rate(day)

    def _rate(self, day: date) -> Decimal:
        if self.currency == self.case["currency"]:
            return Decimal(1)
        rate = _last(self.case["rates"][self.currency], day)
        assert rate is not None
        return rate

    def until(self, day: date) -> list[Booked]:
        return [step for step in self.booked if step.entry.at.date() <= day]

    def position(self, day: date, asset: str | None = None) -> Position:
        asset = asset or self.asset
        return total(step.change for step in self.until(day) if asset in {None, step.entry.asset})

    def quantity(self, day: date) -> Decimal:
        return self.position(day).quantity

    def cost_basis(self, day: date) -> Decimal:
        return self.position(day).cost_basis

    def average_price(self, day: date) -> Decimal | None:
        return self.position(day).average_price

    def realised(self, day: date) -> Decimal:
        return self.position(day).realised

    def income(self, day: date) -> Decimal:
        return self.position(day).income

    def fees(self, day: date) -> Decimal:
        return self.position(day).fees

    def value(self, day: date) -> Decimal | None:
        value = ZERO
        for asset in {self.asset} if self.asset else {each.asset for each in self.rows.values()}:
            quantity, price = self.position(day, asset).quantity, self.price(asset, day)
            if quantity and price is None:
                return None
            value += quantity * (price or ZERO)
        return value

    def unrealised(self, day: date) -> Decimal | None:
        value = self.value(day)
        return None if value is None else value - self.cost_basis(day)

    def unrealised_share(self, day: date) -> Decimal | None:
        return ratio(self.unrealised(day), self.cost_basis(day))

    def net_result(self, day: date) -> Decimal | None:
        """Value + money out − money in, which is realised + unrealised + income to the last digit."""
        stands, value = self.position(day), self.value(day)
        if value is None:
            return None
        result = value + stands.money_out - stands.money_in
        assert result == stands.realised + value - stands.cost_basis + stands.income
        return result

    def roi(self, day: date) -> Decimal | None:
        return ratio(self.net_result(day), self.position(day).money_in)

    def twr(self, day: date) -> Decimal | None:
        return time_weighted_return([self._flow(step) for step in self.until(day)], self.value(day) or ZERO)

    def daily_return(self, day: date) -> Decimal:
        return (1 + (self.twr(day) or ZERO)) / (1 + (self.twr(day - timedelta(days=1)) or ZERO)) - 1

    def xirr(self, day: date) -> float | None:
        changes = [(step.entry.at.date(), step.change) for step in self.until(day)]
        flows = [(at, change.money_out - change.money_in) for at, change in changes]
        return money_weighted([*flows, (day, self.value(day) or ZERO)])

    def max_drawdown(self, day: date) -> float | None:
        """Of the growth that the time-weighted return describes, over the days with a price."""
        days = {date.fromisoformat(at) for series in self.case["prices"].values() for at in series}
        first = self.booked[0].entry.at.date()
        return max_drawdown(1 + (self.twr(at) or ZERO) for at in sorted(days) if first <= at <= day)

    def _flow(self, step: Booked) -> Flow:
        """What goes on in a step: its own asset at the price of the trade, the others at the market's."""
        entry, change, day = step.entry, step.change, step.entry.at.date()
        traded = self.rows[entry.sequence].price
        own = self.price(entry.asset, day) if traded is None else traded * self._rate(day)
        assert own is not None
        before = ZERO
        for earlier in self.booked[: self.booked.index(step)]:
            asset = earlier.entry.asset
            price = own if asset == entry.asset else self.price(asset, day)
            assert price is not None
            before += earlier.change.quantity * price
        money_out = entry.quantity * own if entry.against is Against.COST else change.money_out
        return Flow(entry.at, before, change.money_in, money_out, before + change.quantity * own)

    def period(self, since: date, until: date) -> dict[str, Decimal]:
        """What happened after the day `since`, to the end of the day `until`."""
        change = Position(*map(sub, self.position(until), self.position(since)))
        start, end = self.value(since), self.value(until)
        flows = change.money_in - change.money_out
        found = {"period_flows": flows, "period_income": change.income, "period_fees": change.fees}
        if start is None or end is None:
            return found
        return found | {
            "start_value": start,
            "end_value": end,
            "period_result": end - start - flows,
            "period_unrealised": end - start - change.cost_basis,
        }


def _last(series: dict[str, str], day: date) -> Decimal | None:
    known = [at for at in series if at <= day.isoformat()]
    return Decimal(series[max(known)]) if known else None
