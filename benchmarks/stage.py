"""A database made for a measurement and dropped after it, and a user, coins, prices and portfolios in it."""

import contextlib
from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, transaction

from accounts.models import User
from benchmarks.workload import COINS, HOURLY, SINCE, UNTIL, Trade, daily_prices, hours_of, trades
from portfolios.drafts import Draft
from portfolios.models import Portfolio
from portfolios.services import create_portfolio, record_batch
from prices.models import Asset, PriceSnapshot

NOW = UNTIL + timedelta(days=1)
METHOD = "fifo"
BATCH = 500  # rows in one statement
SOON = 10_000  # up to so many transactions a turn that doesn't count can be spared


@contextlib.contextmanager
def database() -> Iterator[str]:
    """A new database beside the one that the settings name, which is left alone; yields what kind it is."""
    if connection.vendor == "sqlite":  # a file, as in life
        connection.settings_dict["TEST"]["NAME"] = str(settings.VAR_DIR / "bench.sqlite3")
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield connection.display_name
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def coins() -> dict[str, Asset]:
    return {
        symbol: Asset.objects.get_or_create(symbol=symbol, defaults={"name": symbol})[0] for symbol in COINS
    }


def portfolio(name: str) -> Portfolio:
    """A new portfolio of a user of its own."""
    owner = User.objects.create_user(name, f"{name}@example.org", "a-long-enough-password")
    return create_portfolio(owner=owner, name=name, currency="USD", cost_method=METHOD)


def prices() -> None:
    """Daily closes of every coin, and hourly ones of the first, where they are not there yet."""
    if PriceSnapshot.objects.exists():
        return
    assets = coins()
    rows = [
        PriceSnapshot(asset=assets[symbol], at=SINCE + timedelta(days=day), price=price, source="pack")
        for symbol, closes in daily_prices().items()
        for day, price in enumerate(closes)
    ]
    rows += [
        PriceSnapshot(asset=assets[HOURLY], at=SINCE + timedelta(hours=hour), price=price, source="pack")
        for hour, price in enumerate(hours_of(daily_prices()[HOURLY]))
        if hour % 24
    ]
    PriceSnapshot.objects.bulk_create(rows, batch_size=BATCH)


def drafts(found: Sequence[Trade], assets: dict[str, Asset]) -> list[Draft]:
    return [
        Draft(
            kind=trade.kind,
            asset=assets[trade.asset],
            quantity=trade.quantity,
            occurred_at=trade.at,
            currency="USD",
            unit_price=trade.unit_price,
            fee=trade.fee,
        )
        for trade in found
    ]


def import_all(portfolio: Portfolio, drafts: Sequence[Draft]) -> None:
    record_batch(portfolio=portfolio, drafts=drafts, now=NOW)


def history(size: int) -> Portfolio:
    """A portfolio with so many transactions: the one that is there, or a new one."""
    name = f"with{size}"
    there = Portfolio.objects.filter(name=name).first()
    if there:
        return there
    with transaction.atomic():
        new = portfolio(name)
        import_all(new, drafts(list(trades(size)), coins()))
    if connection.vendor == "postgresql":  # it would by itself, a minute later
        connection.cursor().execute("ANALYZE")
    return new


def clear() -> None:
    """Empty the tables of portfolios, and whatever points at them."""
    tables = [model._meta.db_table for model in apps.get_app_config("portfolios").get_models()]
    statements = connection.ops.sql_flush(no_style(), tables, reset_sequences=False, allow_cascade=True)
    connection.check_constraints()  # now, not at the end: PostgreSQL empties no table that waits for this
    connection.ops.execute_sql_flush(statements)
    User.objects.all().delete()
