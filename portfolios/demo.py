"""The demo account: three portfolios on real dates and the stored prices of those dates.

Everything is recorded through the services, as a user would; nothing here states a figure of the market.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction as database

from accounts.models import DEMO_NAME, DEMO_PASSWORD, User
from portfolios.drafts import Draft
from portfolios.ledger import HoldingWouldBeNegative
from portfolios.models import Kind, Portfolio
from portfolios.services import create_portfolio, record_transaction
from prices.models import Asset


class NameTakenError(ValueError):
    """Somebody else has the demo's username; the message is fit for an administrator."""


@dataclass(frozen=True, slots=True)
class Line:
    """One demo transaction; without a price it is booked at the stored price of its hour."""

    day: str
    kind: str
    symbol: str
    quantity: str
    fee: str = "0"
    note: str = ""
    cost: str | None = None


def _savings_plan() -> Iterator[Line]:
    """A little Bitcoin on the 5th of every month from 2021 to 2024, and what happened in between."""
    for year, quantity in ((2021, "0.012"), (2022, "0.02"), (2023, "0.018"), (2024, "0.008")):
        for month in range(1, 13):
            yield Line(f"{year}-{month:02}-05 09:30", Kind.BUY, "BTC", quantity, "1.49", "Savings plan")


COLD_STORAGE = (
    Line("2020-03-16 14:00", Kind.BUY, "BTC", "0.25", "12.50", "First coins"),
    Line("2020-10-21 10:15", Kind.BUY, "BTC", "0.15", "9.20"),
    *_savings_plan(),
    Line("2021-11-09 16:40", Kind.SELL, "BTC", "0.12", "18.90", "Kitchen"),
    Line("2022-06-20 08:05", Kind.BUY, "BTC", "0.08", "6.40", "The dip"),
    Line("2023-02-01 12:00", Kind.DEPOSIT, "BTC", "0.05", note="From an old paper wallet", cost="310"),
    Line("2024-03-13 11:20", Kind.SELL, "BTC", "0.2", "29.60", "Rebalancing"),
    Line("2024-08-06 19:30", Kind.WITHDRAWAL, "BTC", "0.03", note="To my sister's wallet"),
)

LONG_TERM_ALTS = (
    Line("2020-07-28 10:00", Kind.BUY, "ETH", "4", "7.75"),
    Line("2021-01-11 15:30", Kind.BUY, "ETH", "1.5", "9.10"),
    Line("2021-08-16 09:45", Kind.BUY, "SOL", "40", "8.20"),
    Line("2022-06-15 13:10", Kind.BUY, "ETH", "2", "5.90"),
    Line("2022-12-30 18:00", Kind.BUY, "SOL", "60", "3.10"),
    *(
        Line(f"{year}-{month:02}-28 00:30", Kind.INCOME, "SOL", "1.6", note="Staking reward")
        for year, month in (
            (2023, 3),
            (2023, 6),
            (2023, 9),
            (2023, 12),
            (2024, 3),
            (2024, 6),
            (2024, 9),
            (2024, 12),
        )
    ),
    Line("2024-03-18 10:05", Kind.SELL, "SOL", "30", "14.80"),
    Line("2024-12-06 20:15", Kind.SELL, "ETH", "1.2", "11.40"),
)

TRADING = (
    Line("2021-04-20 09:00", Kind.BUY, "BNB", "12", "14.20"),
    Line("2021-05-19 17:25", Kind.SELL, "BNB", "12", "9.80", "Stopped out"),
    Line("2023-10-16 08:50", Kind.BUY, "BTC", "0.3", "20.30"),
    Line("2024-01-11 21:00", Kind.SELL, "BTC", "0.3", "27.10", "The ETF day"),
    Line("2024-08-05 07:40", Kind.BUY, "ETH", "3", "8.60"),
    Line("2024-10-29 14:10", Kind.BUY, "BTC", "0.06", "6.90"),
    Line("2024-11-12 12:30", Kind.BUY, "BNB", "5", "4.70"),
    Line("2024-12-17 16:20", Kind.SELL, "BTC", "0.035", "7.30"),
)

SAMPLE = "Sample: {}"
NO_PRICES = "There are no prices of that time on this server yet, so the sample data can't be loaded."
PORTFOLIOS = {"Cold storage": COLD_STORAGE, "Long-term alts": LONG_TERM_ALTS, "Trading": TRADING}

SYMBOLS = {line.symbol for lines in PORTFOLIOS.values() for line in lines}


@database.atomic
def load_demo(*, now: datetime) -> User:
    """Create the demo user with its portfolios, unless they are there. Needs the price pack.

    NameTakenError when the name, in any case, is an ordinary user's.
    """
    user = User.objects.filter(username__iexact=DEMO_NAME).first()
    if user is None:
        return _create(now)
    if not user.is_demo:
        raise NameTakenError(f"the username {user.username!r} is taken by an ordinary account")
    return user


@database.atomic
def load_samples(*, owner: User, now: datetime) -> list[Portfolio]:
    """Record the demo's portfolios in somebody's own account, named as samples.

    ValidationError, and nothing done, where they are there already or where prices of that time are missing.
    """
    User.objects.select_for_update().get(pk=owner.pk)  # once, however often it is asked for at once
    names = [SAMPLE.format(name) for name in PORTFOLIOS]
    if Portfolio.objects.owned_by(owner).filter(name__in=names).exists():
        raise ValidationError("The sample data is loaded already.")
    if Asset.objects.crypto().filter(symbol__in=SYMBOLS).count() < len(SYMBOLS):
        raise ValidationError(NO_PRICES)
    made = [create_portfolio(owner=owner, name=name, currency="USD") for name in names]
    try:
        for portfolio, lines in zip(made, PORTFOLIOS.values(), strict=True):
            _record(portfolio, lines, now)
    except (ValidationError, HoldingWouldBeNegative) as error:
        raise ValidationError(NO_PRICES) from error
    return made


def _create(now: datetime) -> User:
    user = User.objects.create_user(
        DEMO_NAME, "demo@example.org", DEMO_PASSWORD, first_name="Demo", is_demo=True
    )
    for name, lines in PORTFOLIOS.items():
        _record(create_portfolio(owner=user, name=name, currency="USD"), lines, now)
    return user


def _record(portfolio: Portfolio, lines: tuple[Line, ...], now: datetime) -> None:
    assets = {asset.symbol: asset for asset in Asset.objects.crypto()}
    for line in lines:
        draft = Draft(
            kind=line.kind,
            asset=assets[line.symbol],
            quantity=Decimal(line.quantity),
            occurred_at=datetime.fromisoformat(line.day).replace(tzinfo=UTC),
            currency=portfolio.currency,
            fee=Decimal(line.fee),
            cost=None if line.cost is None else Decimal(line.cost),
            note=line.note,
        )
        record_transaction(portfolio=portfolio, draft=draft, now=now)
