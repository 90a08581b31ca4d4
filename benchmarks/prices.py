"""Stored prices on PostgreSQL: taking them in, one at a moment, the latest of many, and their room."""

import contextlib
import gc
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import cycle
from random import Random

import psycopg
from django.db import connection, transaction

from benchmarks import stage
from benchmarks.measure import Line, compared, in_turns
from benchmarks.workload import COINS, SEED, SINCE, UNTIL, hourly_prices
from prices.fields import SourceField
from prices.models import Asset, PriceSnapshot
from prices.selectors import latest_prices, price_at
from prices.services import Offer, record_snapshots

ON_A_DATABASE = True
OFFERED = 3  # prices taken in for each transaction of the largest history: 300,000
ASSETS, LATEST = (
    100,
    50,
)  # each with as many hourly prices as the largest history has transactions: 10 million
QUESTIONS = 1_001
MOST_BYTES = 91
SOURCE = "pack"

COPY = "COPY prices_pricesnapshot (asset_id, at, price, source) FROM STDIN (FORMAT BINARY)"
# Eight digits, as far before or after the point as the coin's number says.
HOURS = """
    INSERT INTO prices_pricesnapshot (asset_id, at, price, source)
    SELECT %(asset)s, %(until)s::timestamptz - hour * interval '1 hour',
        round((1 + random())::numeric * 10::numeric ^ %(tens)s, 7 - %(tens)s), %(source)s
    FROM generate_series(%(hours)s - 1, 0, -1) AS hour"""
SIZE = "SELECT pg_total_relation_size('prices_pricesnapshot')"


def ingestion(sizes: tuple[int, ...]) -> Iterator[Line]:
    """Taking prices in.

    Ours go through the gate, which keeps what is there already; the other side is COPY of rows that are ready
    made, without a question asked, into the same table with the same key. First into an empty table, then the
    same prices once more.
    """
    found = offers(sizes[-1] * OFFERED)
    rows = [(each.asset.pk, each.at, each.price, SourceField.CODES[SOURCE]) for each in found]

    def take_in() -> int:
        return len(record_snapshots(found, now=stage.NOW, source=SOURCE).stored)

    def copied() -> None:
        copy(rows)

    what = f"Taking in {len(found):,} prices through the gate, against COPY of the bare rows"
    yield compared(what, in_turns(take_in, copied, before_ours=empty, before_other=empty), 3)
    assert (take_in(), PriceSnapshot.objects.count()) == (0, len(found))
    analyze()
    yield compared(f"{what}; they are there already", in_turns(take_in, copied, before_other=empty), 3)


def stored(sizes: tuple[int, ...]) -> Iterator[Line]:
    """Asking for prices, and the room they take.

    The questions go through the selectors, each about another moment, and come back as what these return.
    """
    assets = fill(hours=sizes[-1])
    count = PriceSnapshot.objects.count()
    chance = Random(SEED)
    moments = [
        (chance.choice(assets), UNTIL - timedelta(minutes=chance.randrange(sizes[-1] * 60 - 60)))
        for _ in range(QUESTIONS)
    ]
    spots, chosen = cycle(moments), chance.sample(assets, LATEST)
    assert all(price_at(asset, moment) for asset, moment in moments)
    yield questioned(f"Price at or before a moment, of {count:,}", lambda: price_at(*next(spots)), 2.5)
    what = f"Latest prices of {LATEST} coins, of {count:,}"
    yield questioned(what, lambda: latest_prices(chosen, now=UNTIL), 30)
    yield room(count)


def questioned(what: str, ours: Callable[[], object], goal: float) -> Line:
    with unburdened():  # and each side has just been asked: after the other's its first answer is a slow one
        sides = in_turns(ours, select_1, pairs=QUESTIONS, before_ours=ours, before_other=select_1)
    return compared(f"{what}, against SELECT 1", sides, goal)


def room(count: int) -> Line:
    with connection.cursor() as cursor:
        cursor.execute(SIZE)
        size = cursor.fetchone()[0]
    what = f"Room that a price takes with its key, of {count:,}"
    return Line(what, size / count, MOST_BYTES, f"{size / 1e6:,.0f} MB in all", "", unit=" B")


def offers(count: int) -> list[Offer]:
    """Hourly prices of ten coins."""
    assets, each = list(stage.coins().values()), count // len(COINS)
    return [
        Offer(asset, SINCE + timedelta(hours=hour), price)
        for asset, prices in zip(assets, hourly_prices(len(assets)), strict=True)
        for hour, price in enumerate(prices[:each])
    ]


def copy(rows: list[tuple]) -> None:
    with transaction.atomic(), connection.cursor() as cursor, cursor.copy(COPY) as into:
        into.set_types(["int8", "timestamptz", "numeric", "text"])
        for row in rows:
            into.write_row(row)


def fill(hours: int) -> list[Asset]:
    """So many hourly prices up to the end of the workload, of every asset; nothing else is in the table."""
    empty()
    assets = [Asset.objects.create(symbol=f"C{number}", name=f"C{number}") for number in range(ASSETS)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        for number, asset in enumerate(
            assets
        ):  # in a transaction each, which keeps what it has to check small
            cursor.execute(
                HOURS,
                {"asset": asset.pk, "until": UNTIL, "tens": number % 9 - 4, "hours": hours, "source": "pk"},
            )
    analyze()
    return assets


def empty() -> None:
    connection.check_constraints()  # now, not at the end: PostgreSQL empties no table that waits for this
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE prices_pricesnapshot")


def analyze() -> None:
    """It would by itself, a minute later."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def select_1() -> None:
    """The least that a question costs on this connection: prepared, and without Django around it."""
    psycopg.Cursor(connection.connection).execute("SELECT 1", prepare=True).fetchone()


@contextlib.contextmanager
def unburdened() -> Iterator[None]:
    """Garbage is collected before each turn; questions this short are not to pay for walking through all that
    was made before them."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


ROWS = (ingestion, stored)
