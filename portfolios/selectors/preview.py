"""What a transaction would do, before it is saved; computed as the services would book it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portfolios.drafts import STATED, WITHOUT_AMOUNT, Completed, Draft, amount_of, complete, unit_price_of
from portfolios.ledger import Booked, HoldingWouldBeNegative, Position, total
from portfolios.models import Portfolio, Transaction
from portfolios.selectors.entries import (
    Rated,
    booked_in,
    coins_of,
    connected,
    first_of,
    rated_together,
    rows_of,
)
from prices.models import Asset
from prices.selectors import exchange_rate

LAST = 2**63 - 1  # the number of a row that is not saved yet: higher than that of any other


@dataclass(frozen=True, slots=True)
class Preview:
    """Before and after, in the portfolio's currency; `amount` and `unit_price` in the transaction's."""

    completed: Completed
    amount: Decimal | None  # what is paid or received, fee included
    unit_price: Decimal | None
    before: Position
    after: Position
    gain: Decimal | None  # what it would realise, its fee in coins too; None where it realises nothing


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored of an asset in portfolios that hang together, in each currency, and how it is booked."""

    portfolios: list[Portfolio]
    told: dict[str, list[Rated]]
    booked: dict[str, list[Booked]]


Known = dict[tuple[int, int, int | None], Stored]


def preview(
    draft: Draft,
    *,
    portfolio: Portfolio,
    now: datetime,
    amending: Transaction | None = None,
    known: Known | None = None,
) -> Preview:
    """Book a draft without saving it. Raises what the services would raise.

    The figures are those of the transaction's asset; its other coins, and those that it was about before, are
    tried too. Who asks for several hands the same `known` to each: so what is stored is read once.
    """
    completed = complete(draft, portfolio=portfolio, now=now, before=amending)
    row = drafted(completed, portfolio, amending)
    tried = _try_all(row, portfolio, amending, {} if known is None else known)
    before, after = tried[draft.asset]
    return Preview(
        completed=completed,
        amount=None if draft.kind in WITHOUT_AMOUNT else amount_of(completed.draft),
        unit_price=unit_price_of(completed.draft),
        before=_position(before, portfolio),
        after=_position(after, portfolio),
        gain=_realised(row, portfolio, (one for _, booked in tried.values() for one in booked)),
    )


def _realised(row: Transaction, portfolio: Portfolio, booked: Iterable[Booked]) -> Decimal | None:
    """By all of its legs, as `Transaction.realised` says it of a stored row."""
    mine = (one for one in booked if (one.entry.sequence, one.place) == (row.pk, portfolio.pk))
    gains = [one.gain for one in mine if one.gain is not None]
    return sum(gains, Decimal(0)) if gains else None


def _try_all(
    row: Transaction, portfolio: Portfolio, amending: Transaction | None, known: Known
) -> dict[Asset, tuple[list[Booked], list[Booked]]]:
    booked, refusals = {}, []
    for asset in coins_of(row) | (coins_of(amending) if amending else set()):
        try:
            booked[asset] = _try(row, asset, portfolio, amending, known)
        except HoldingWouldBeNegative as refusal:
            refusals.append(refusal)
    if refusals:
        first = first_of(refusals, portfolio)
        first.is_later = first.at != row.occurred_at
        raise first
    return booked


def _try(
    row: Transaction, asset: Asset, portfolio: Portfolio, amending: Transaction | None, known: Known
) -> tuple[list[Booked], list[Booked]]:
    """Book an asset without and with the drafted row."""
    key = portfolio.pk, asset.pk, row.to_portfolio_id
    if key not in known:
        known[key] = _stored(asset, portfolio, row.to_portfolio)
    stored = known[key]
    drafted = {
        code: [
            *(pair for pair in rows if amending is None or pair[0].pk != amending.pk),
            (row, _rate(row, code)),
        ]
        for code, rows in stored.told.items()
    }
    after = booked_in(stored.portfolios, asset.symbol, drafted)
    return stored.booked[portfolio.currency], after[portfolio.currency]


def _stored(asset: Asset, portfolio: Portfolio, other: Portfolio | None) -> Stored:
    portfolios = connected(portfolio, asset.pk)
    if other and other not in portfolios:
        portfolios = [portfolio, other]
    told = rated_together(rows_of(portfolios).about(asset.pk), portfolios, portfolio.currency)
    return Stored(portfolios, told, booked_in(portfolios, asset.symbol, told))


def _rate(row: Transaction, currency: str) -> Decimal | None:
    is_own = row.portfolio.currency == currency
    return row.fx_rate if is_own else exchange_rate(row.currency, currency, row.occurred_at)


def _position(booked: list[Booked], portfolio: Portfolio) -> Position:
    return total(one.change for one in booked if one.place == portfolio.pk)


def drafted(completed: Completed, portfolio: Portfolio, amending: Transaction | None) -> Transaction:
    """The row that a draft would become; a new one comes after all others of its instant."""
    draft = completed.draft
    return Transaction(
        pk=amending.pk if amending else LAST,
        portfolio=portfolio,
        fx_rate=completed.fx_rate,
        fee_price=completed.fee_price.price,
        **{name: getattr(draft, name) for name in STATED},
    )
