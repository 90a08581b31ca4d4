"""A restore that is cut off by kill -9, as late as can be: the place is as it was, or as the backup is."""

import os
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command

from operations.backups import archive
from prices.models import Asset, PriceSnapshot
from tests.factories import NOW
from tests.operations.programs import PATIENCE, installation, manage, shell, start

pytestmark = pytest.mark.django_db(transaction=True)
PRICES = 15_000  # enough for a write that takes a while
OLD = """
from django.core.management import call_command
from accounts.models import User
call_command("migrate", verbosity=0)
User.objects.create_user("old", "old@example.org", "a-long-password-of-old")
call_command("backup", "{}", verify=False)
"""
CLEARED = """
SELECT 1 FROM pg_locks JOIN pg_class ON pg_class.oid = relation
WHERE relname = 'accounts_user' AND mode = 'AccessExclusiveLock' AND granted
"""


@pytest.fixture
def backup(history, file) -> Path:
    asset = Asset.objects.get(symbol="TINY")
    rows = [
        PriceSnapshot(asset=asset, at=NOW + timedelta(hours=hour), price=1 + hour, source="kraken")
        for hour in range(PRICES)
    ]
    PriceSnapshot.objects.bulk_create(rows, batch_size=5000)
    call_command("backup", str(file), "--no-verify")
    return file


def parts(file: Path) -> tuple[archive.Part, ...]:
    """The rows of each table, by their checksum."""
    with archive.reading(file) as backup:
        return backup.manifest.parts


def is_amid(environment: dict[str, str]) -> bool:
    """Whether the place itself is being written, no longer the scratch database."""
    if url := environment["DATABASE_URL"]:
        with psycopg.connect(url) as connection:
            return connection.execute(CLEARED).fetchone() is not None
    log = Path(environment["VAR_DIR"]) / "bitfolio.sqlite3-wal"
    return log.exists() and log.stat().st_size > 100_000


def cut_off(environment: dict[str, str], backup: Path, output: Path) -> None:
    command = [sys.executable, "manage.py", "restore", str(backup), "--replace"]
    process = start(command, environment, output)
    give_up = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < give_up and not is_amid(environment):
        time.sleep(0.001)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_one_that_is_killed_leaves_all_or_nothing_and_the_next_one_finishes(backup, tmp_path) -> None:
    old, amid, here = tmp_path / "old.zip", tmp_path / "amid.zip", tmp_path / "var"
    here.mkdir()
    with installation(here) as environment:
        shell(environment, OLD.format(old))
        cut_off(environment, backup, tmp_path / "output")
        answers = [
            manage(environment, "backup", str(amid), "--no-verify"),
            manage(environment, "restore", str(backup), "--replace"),
        ]
        assert [answer.returncode for answer in answers] == [0, 0], [answer.stderr for answer in answers]
        assert parts(amid) in (parts(old), parts(backup))
        assert "the books are true" in answers[1].stdout
