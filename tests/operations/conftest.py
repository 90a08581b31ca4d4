"""A database with something of everything in it, and what two of them have to have in common."""

import hashlib
import json
from pathlib import Path

import pytest
from django.db import connection

from accounts.models import User
from operations.backups.making import read_database
from operations.backups.tables import kept, tables
from portfolios.models import Portfolio
from prices.models import Asset, PriceSnapshot
from tests.factories import AssetFactory, SnapshotFactory, day, record
from tests.portfolios.eventful import eventful

AWKWARD = "“quotes” \\N \t tab \n line \u2028 مرحبا 🪙 ',\"\\"


@pytest.fixture
def history(transactional_db: None) -> Portfolio:
    """Two portfolios with every kind of transaction, names that need care, the longest amounts there are."""
    owner = User.objects.create_user("alice", "alice@example.org", "alice-has-a-long-password")
    first, _ = eventful(owner)
    record(first, "buy", "0.000000000000000001", "2024-12-31", unit_price="1", note=AWKWARD)
    tiny = AssetFactory(symbol="TINY", name=AWKWARD, provider_ids={"coingecko": AWKWARD, "kraken": "x"})
    SnapshotFactory(
        asset=tiny, at=day("2024-01-01 12:30:15.000001"), price="99999999999999999999.999999999999999999"
    )
    SnapshotFactory(asset=tiny, at=day("2024-01-01 12:30:15.5"), price="0.000000000000000001")
    SnapshotFactory(asset=tiny, at=day("2024-01-01 12:30:15"), price="1E+3")
    gone = Asset.objects.create(symbol="GONE", name="gone")
    gone.delete()
    return first


def digests() -> dict[str, str]:
    """By table, what its rows come to; JSON by its meaning, as PostgreSQL keeps no more of it."""
    found = {}
    with read_database() as reader:
        for table in kept(tables(connection)):
            text = hashlib.sha256()
            for row in reader.rows(table):
                values = [
                    json.loads(value) if column.kind == "json" and value else value
                    for column, value in zip(table.columns, row, strict=True)
                ]
                text.update(json.dumps(values, sort_keys=True).encode())
            found[table.name] = text.hexdigest()
    return found


def last_numbers() -> dict[str, int]:
    with read_database() as reader:
        return {table.name: reader.last_number(table) for table in kept(tables(connection)) if table.number}


def empty_everything() -> None:
    """As after `flush`, but for what `migrate` itself writes."""
    User.objects.all().delete()
    PriceSnapshot.objects.all().delete()
    Asset.objects.all().delete()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "some.zip"
