"""Everything that Bitfolio keeps about a user, as one ZIP: tables as CSV, the account as JSON, a README.

Amounts are exact, times are UTC, and what a spreadsheet would take for a formula is harmless, as in every
file that leaves (`csv_files`). Secrets stay: no hash of a password, no token. The archive is written to a
temporary file row by row, so that a long history needs no memory.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.db.models import QuerySet

from accounts.models import User
from accounts.selectors import api_tokens_of, places_of
from portfolios.models import Disposal, Holding, Lot, Portfolio, Transaction
from portfolios.views.csv_files import cell, csv_lines
from portfolios.views.exports import CHUNK, COLUMNS

SETTINGS = "currency unit timezone theme locale gain hides_amounts".split()
LINE = {"at": "history_date", "act": "history_change_reason", "by_user": "history_user_id"}
OF_A_COIN = {"portfolio": "portfolio__name", "asset": "asset__symbol"}
FIGURES = "quantity cost_basis realised income fees money_in money_out"
LOT = "number acquired_at arrived_at quantity cost open_quantity open_cost is_open origin_id"
USED = "transaction_id lot acquired_at disposed_at quantity cost proceeds"
README = """Bitfolio: everything kept about {username}, as of {now} (UTC).

account.json              who you are, how you like to see figures, where you are
                          signed in, your API tokens by name
portfolios.csv            your portfolios, with currency and cost method
transactions.csv          every transaction, in the columns of the transaction export
deleted_transactions.csv  those you deleted
transaction_changes.csv   who recorded, changed, deleted or restored a transaction,
                          when, and how it stood then
portfolio_changes.csv     the same of portfolios
holdings.csv, lots.csv, disposals.csv
                          what follows from the transactions, in the currency of the
                          portfolio: what you hold, in which lots, and which of them
                          a sale used

Amounts are exact, with a dot; times are ISO 8601 in UTC; unknown is empty. Text
that a spreadsheet would take for a formula has an apostrophe before it. "by_user"
is a number: {pk} is you; empty is a command or a task of the server. A price with a
"price_source" was filled in from the market, the others you stated.

Not in here: market prices, which are nobody's; and your password (its hash alone is
stored), sessions and tokens, which are keys.
"""


@dataclass(frozen=True, slots=True)
class Table:
    """A file of the archive: its rows, and by column the name of the field that fills it."""

    name: str
    rows: QuerySet[Any]
    columns: dict[str, str]


def archive(user: User, *, now: datetime) -> IO[bytes]:
    """The archive as an open file that is gone when it is closed, at its beginning."""
    file = TemporaryFile()  # noqa: SIM115 - who sends it closes it
    with ZipFile(file, "w", ZIP_DEFLATED) as packed:
        said = README.format(username=user.username, pk=user.pk, now=f"{cell(now)}")
        _put(packed, "README.txt", [said], now)
        _put(packed, "account.json", [json.dumps(_account(user, now), indent=2, ensure_ascii=False)], now)
        for table in tables(user):
            rows = table.rows.values_list(*table.columns.values()).iterator(chunk_size=CHUNK)
            _put(packed, f"{table.name}.csv", csv_lines(tuple(table.columns), rows), now)
    file.seek(0)
    return file


def tables(user: User) -> Iterator[Table]:
    """What belongs to this user, and nothing else."""
    own = Transaction.objects.owned_by(user)
    kept, deleted = own.kept().in_booking_order(), own.exclude(deleted_at=None).in_booking_order()
    yield Table(
        "portfolios", Portfolio.objects.owned_by(user), _same("id name currency cost_method created_at")
    )
    yield Table("transactions", kept, COLUMNS)
    yield Table("deleted_transactions", deleted, COLUMNS | {"deleted_at": "deleted_at"})
    lines = Transaction.history.filter(portfolio__owner=user).order_by("history_id")
    yield Table("transaction_changes", lines, LINE | _tracked(lines))
    lines = Portfolio.history.filter(owner=user).order_by("history_id")
    yield Table("portfolio_changes", lines, LINE | _tracked(lines))
    for kind, fields in ((Holding, FIGURES), (Lot, LOT), (Disposal, USED)):
        rows = kind.objects.filter(portfolio__owner=user).order_by("pk")
        yield Table(f"{kind.__name__.lower()}s", rows, OF_A_COIN | _same(fields))


def _same(names: str) -> dict[str, str]:
    return {name: name for name in names.split()}


def _tracked(lines: QuerySet[Any]) -> dict[str, str]:
    """How the row stood: every field that the trail keeps, keys as numbers, a coin by its symbol."""
    found = {field.name: field.attname for field in lines.model.tracked_fields}
    coins = {name: f"{name}__symbol" for name in ("asset", "fee_asset", "to_asset") if name in found}
    return found | coins


def _account(user: User, now: datetime) -> dict[str, object]:
    places = [
        {"device": each.device, "since": cell(each.began_at), "last_seen": cell(each.seen_at)}
        for each in places_of(user, here=None, now=now)
    ]
    tokens = [
        {"name": each.name, "may_write": each.may_write, "created": cell(each.created_at)}
        for each in api_tokens_of(user, now=now)
    ]
    return {
        "username": user.username,
        "name": user.get_full_name(),
        "email": user.email,
        "joined": cell(user.date_joined),
        "last_sign_in": cell(user.last_login),
        "settings": {name: getattr(user, name) for name in SETTINGS},
        "signed_in": places,
        "api_tokens": tokens,
    }


def _put(packed: ZipFile, name: str, parts: Iterable[str], now: datetime) -> None:
    """One file, written as it comes: as large as it may become, dated now."""
    entry = ZipInfo(name, date_time=now.timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED
    with packed.open(entry, "w", force_zip64=True) as file:
        for part in parts:
            file.write(part.encode())
