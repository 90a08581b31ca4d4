"""Prices from a CSV file, through the gate. What is refused is named by its line; the rest is stored.

Times may be ISO (UTC unless they say otherwise) or Unix seconds, milliseconds or microseconds, also mixed.
"""

import csv
import gzip
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from prices.models import Asset
from prices.selectors import OLDEST_PRICE, is_dollar, snapshots_between
from prices.services.gate import record_snapshots
from prices.services.offers import Offer

CHUNK = 10_000  # rows in one database transaction
MOST_ERRORS = 1000  # that are named; the rest is counted
HEADER_WITHIN = 5  # lines; exports begin with a banner or two
NUMBER = re.compile(
    r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?|[+-]?(nan|inf|infinity)", re.IGNORECASE
)
UNIX = re.compile(r"([0-9]{1,17})(\.0*)?")
NO_RATE = "there is no exchange rate of the seven days before it"


class FileRefusedError(ValueError):
    """A file that cannot be read as prices at all; the message is fit for a user."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a line holds what: names of columns, or their numbers from 1. `candle`: the time is the start
    of a candle so long, whose close the price is; it is stored at its end.
    """

    time: str = "timestamp"
    price: str = "price"
    candle: timedelta = timedelta(0)


@dataclass(slots=True)
class Imported:
    """How many prices are new, how many were there already, how many were refused; `errors` by line."""

    stored: int = 0
    known: int = 0
    refused: int = 0
    errors: dict[str, str] = field(default_factory=dict)

    def refuse(self, place: str, reason: str, value: object) -> None:
        self.refused += 1
        if len(self.errors) < MOST_ERRORS:
            self.errors[place] = f"{place}: {reason} ({value!s:.60})"

    def release(self, place: str) -> None:
        """What was refused as a jump has been confirmed by a later line."""
        if self.errors.pop(place, None):
            self.refused -= 1


def import_prices(
    path: Path,
    *,
    asset: Asset,
    now: datetime,
    currency: Asset | None = None,
    layout: Layout = Layout(),
    source: str = "file",
    on_progress: Callable[[int], None] = lambda _rows: None,
) -> Imported:
    """Store the file's prices of one asset, streaming; run again it stores nothing new.

    `currency` is what the prices are in, dollars unless given: each is converted at the rate of its own
    time. FileRefusedError when the file has no such columns; OSError when it cannot be read.
    """
    done = Imported()
    offers = _offers(path, asset, layout)
    while chunk := list(islice(offers, CHUNK)):
        if currency is not None and not is_dollar(currency):
            chunk = list(_in_dollars(chunk, currency, done))
        recorded = record_snapshots(chunk, now=now, source=source)
        done.stored += len(recorded.stored) + len(recorded.released)
        done.known += len(recorded.known)
        for refusal in recorded.refused:
            done.refuse(refusal.offer.place, refusal.reason, refusal.offer.price)
        for offer in recorded.released:
            done.release(offer.place)
        on_progress(done.stored + done.known + done.refused)
    return done


def instant(text: str) -> datetime | str:
    """The instant that a text names; the text itself where it names none, for the gate to refuse."""
    try:
        if unix := UNIX.fullmatch(text):
            digits = unix[1]
            unit = 10**6 if len(digits) <= 11 else 10**3 if len(digits) <= 14 else 1
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(digits) * unit)
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return text


def number(text: str) -> Decimal | str:
    """The number that a text names; the text itself where it names none."""
    return Decimal(text) if NUMBER.fullmatch(text) else text


def _offers(path: Path, asset: Asset, layout: Layout) -> Iterator[Offer]:
    """One offer for each line with something on it."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", errors="replace", newline="") as file:
        rows = _rows(csv.reader(file))
        first = list(islice(rows, HEADER_WITHIN))
        time, price, header = _columns(first, layout)
        for line, row in _after(header, first, rows):
            at = instant(_cell(row, time))
            if isinstance(at, datetime):
                at += layout.candle
            yield Offer(asset, at, number(_cell(row, price)), place=f"line {line}")  # type: ignore[arg-type]


def _rows(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Lines with something on them, each with its number; one that is no CSV comes with what it is not."""
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            row = [str(error)]
        if any(row):
            yield reader.line_num, row


def _columns(first: list[tuple[int, list[str]]], layout: Layout) -> tuple[int, int, int]:
    """Which cells hold time and price, and the number of the line with their names, or 0."""
    wanted = (layout.time, layout.price)
    if all(name.isascii() and name.isdigit() and int(name) > 0 for name in wanted):
        return int(layout.time) - 1, int(layout.price) - 1, 0
    for line, row in first:
        names = [name.strip().lower() for name in row]
        if all(name.lower() in names for name in wanted):
            return names.index(layout.time.lower()), names.index(layout.price.lower()), line
    if first and layout == Layout(candle=layout.candle) and _is_a_price(first[0][1]):
        return 0, 1, 0
    seen = ", ".join(first[0][1])[:200] if first else "nothing at all"
    raise FileRefusedError(f"There are no columns {' and '.join(wanted)}. The file begins with: {seen}.")


def _after(
    header: int, first: list[tuple[int, list[str]]], rows: Iterator[tuple[int, list[str]]]
) -> Iterator[tuple[int, list[str]]]:
    yield from ((line, row) for line, row in first if line > header)
    yield from rows


def _is_a_price(row: list[str]) -> bool:
    return isinstance(instant(_cell(row, 0)), datetime) and isinstance(number(_cell(row, 1)), Decimal)


def _cell(row: list[str], column: int) -> str:
    return row[column].strip() if column < len(row) else ""


def _in_dollars(chunk: Iterable[Offer], currency: Asset, done: Imported) -> Iterator[Offer]:
    """The offers converted, each at the last rate before it; without one within 7 days it is refused."""
    chunk = list(chunk)
    moments = [offer.at for offer in chunk if isinstance(offer.at, datetime)]
    since = min(moments, default=datetime.max.replace(tzinfo=UTC)) - OLDEST_PRICE
    until = max(moments, default=since)
    rates = snapshots_between(currency, since=since, until=until)
    times = [rate.at for rate in rates]
    for offer in chunk:
        if not isinstance(offer.at, datetime) or not isinstance(offer.price, Decimal):
            yield offer
            continue
        number = bisect_right(times, offer.at) - 1
        if number < 0 or offer.at - times[number] > OLDEST_PRICE:
            done.refuse(offer.place, NO_RATE, offer.at)
        else:
            yield replace(offer, price=offer.price * rates[number].price)
