"""The worker for real: its schedule fetches prices from a provider on this machine, without being asked."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from prices.fields import SourceField
from tests.prices.fake_provider import FakeProvider, running

PATIENCE = 300  # seconds; on an idle machine it takes a thirtieth of it
CATALOGUE = "from prices.services import sync_catalogue; sync_catalogue()"


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with running() as server:
        yield server


@pytest.fixture
def environment(tmp_path: Path, provider: FakeProvider) -> dict[str, str]:
    names = ("CRYPTO_API", "COINBASE", "KRAKEN", "BINANCE", "CRYPTOCOMPARE", "MEMPOOL", "FRANKFURTER")
    sources = {f"{name}_BASE_URL": provider.url for name in names}
    return {**os.environ, "VAR_DIR": str(tmp_path), "DATABASE_URL": "", "DEMO": "0", **sources}


def manage(environment: dict[str, str], *arguments: str) -> None:
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, check=True, timeout=PATIENCE, capture_output=True
    )


def stored(folder: Path, symbol: str) -> list[tuple[str, str]]:
    query = (
        "SELECT snapshot.source, snapshot.price FROM prices_pricesnapshot snapshot"
        " JOIN prices_asset asset ON asset.id = snapshot.asset_id WHERE asset.symbol = ?"
    )
    with sqlite3.connect(folder / "bitfolio.sqlite3", timeout=PATIENCE) as database:
        return database.execute(query, [symbol]).fetchall()


def test_the_schedule_fetches_latest_prices_and_history(environment, provider, tmp_path) -> None:
    manage(environment, "migrate", "-v0")
    manage(environment, "shell", "--no-imports", "--command", CATALOGUE)
    manage(environment, "sync_schedules")
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "qcluster"],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        give_up = time.monotonic() + PATIENCE
        # A latest price, and the hours of the last week that its asset lacks.
        while len(stored(tmp_path, "BTC")) < 100:
            assert worker.poll() is None
            assert time.monotonic() < give_up
            time.sleep(0.2)
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE) == 0
    assert provider.asked("/simple/price")
    assert {source for source, _ in stored(tmp_path, "BTC")} == {SourceField.CODES["coingecko"]}
    assert stored(tmp_path, "ETH")
