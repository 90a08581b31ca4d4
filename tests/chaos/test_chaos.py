"""Processes are killed at random under mixed load: nothing acknowledged is lost, nothing is there twice.

Where the tests run on PostgreSQL 60 are killed, one as soon as the web side is well after the last; a server
to kill is started for it. What must hold is exact, and no clock is looked at. `make chaos` kills 300, with
the watchdog as it is in life (CHAOS_ANSWER=75), waits for the worker too, and holds both to their times.
CHAOS_SEED is for another order, CHAOS_KILLS for another number, on SQLite too.
"""

import logging
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.by_api import Program
from tests.chaos.by_page import Browser
from tests.chaos.client import Client
from tests.chaos.kills import WORKER_LIMIT, Executioner, Kill, table
from tests.chaos.log import DONE, OPEN, REFUSED, Log, Story
from tests.chaos.postgres import postgresql
from tests.chaos.proof import faults
from tests.chaos.stack import PATIENCE, Stack, standing
from tests.test_running import free_port
from tests.worker.scene import manage

ON_POSTGRESQL = bool(os.environ.get("TEST_DATABASE_URL") or os.environ.get("CHAOS_POSTGRESQL"))
KILLS = int(os.environ.get("CHAOS_KILLS") or 60)
IS_TIMED = "CHAOS_ANSWER" in os.environ
SEED = int(os.environ.get("CHAOS_SEED") or 7)
ANSWER = float(os.environ.get("CHAOS_ANSWER") or 30)  # seconds; in life 75
GRACE = 10  # seconds after a recovery in which a request may still be told that the database was away

logger = logging.getLogger(__name__)
pytestmark = pytest.mark.skipif(
    not ON_POSTGRESQL and "CHAOS_KILLS" not in os.environ, reason="runs on PostgreSQL, or with CHAOS_KILLS=6"
)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    folder = tmp_path / "var"
    folder.mkdir()
    if not ON_POSTGRESQL:
        with standing(folder, free_port(), None, ANSWER) as stack:
            yield stack
        return
    # Not in pytest's folder, which root's next run of pytest closes to everybody else, the server's user too.
    with (
        tempfile.TemporaryDirectory(prefix="bitfolio-chaos-", ignore_cleanup_errors=True) as open_to_it,
        postgresql(Path(open_to_it) / "postgresql") as database,
        standing(folder, free_port(), database, ANSWER) as stack,
    ):
        yield stack


def clients(stack: Stack, log: Log) -> list[Client]:
    """A program and a browser for each of two users, so that both write into the same portfolios."""
    cast = stack.prepare()
    stack.start()
    stack.wait_until(lambda: stack.is_web_well() and stack.is_worker_well(0), "not up")
    found: list[Client] = []
    for number, account in enumerate(cast):
        program = Program(f"program{number}", account, stack.address, log, SEED + 10 * number)
        browser = Browser(f"browser{number}", account, stack.address, log, SEED + 10 * number + 1)
        browser.sign_in()
        found += [program, browser]
    return found


def harass(stack: Stack, load: list[Client]) -> list[Kill]:
    """Load, and the kills into it; both have ended when this returns."""
    executioner = Executioner(stack, SEED, waits=IS_TIMED)
    for client in load:
        client.start()
    try:
        time.sleep(1)
        for number, kind in enumerate(executioner.order(KILLS), 1):
            kill = executioner.kill(kind)
            worker = f", worker {kill.worker:.1f} s" if kill.worker is not None else ""
            logger.info("%d. %s: web %.1f s%s", number, kind, kill.web, worker)
            time.sleep(executioner.chance.uniform(0.1, 0.8))
    finally:
        for client in load:
            client.over.set()
        for client in load:
            client.join(PATIENCE)
    return executioner.done


def test_nothing_acknowledged_is_lost_or_doubled(stack: Stack, tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    load = clients(stack, log)
    kills = harass(stack, load)
    assert [client.name for client in load if client.is_alive()] == []
    ended = time.time()
    stack.wait_until(lambda: stack.is_web_well() and stack.is_worker_well(ended), "not well in the end")
    worker_back = time.time() - ended
    stack.stop()

    story = Story.read(log.path)
    logger.info("\n%s", table(kills))
    counts = sum((client.counts for client in load), Counter())
    told = {verdict: story.count(verdict) for verdict in (DONE, REFUSED, OPEN)}
    logger.info("%d kills; writes %s; worker after the last one %.1f s", len(kills), told, worker_back)
    logger.info("%s", dict(sorted(counts.items())))

    broken = [line for client in load for line in client.broken]
    for line in broken:
        logger.error("%s", line)
    assert broken == []
    assert faults(log.path, stack.environment) == []
    assert "The books are true" in manage(stack.environment, "verify_books")
    assert told[DONE] > KILLS / 3  # there was load
    if IS_TIMED:
        assert calm_refusals(kills, load) == []
        assert [kill for kill in kills if kill.web > kill.allowed or (kill.worker or 0) > WORKER_LIMIT] == []
        assert worker_back < WORKER_LIMIT


def calm_refusals(kills: list[Kill], load: list[Client]) -> list[float]:
    """The times of 503s while nothing was down."""
    times = [at for client in load for at in client.away]
    return [at for at in times if not any(kill.since <= at <= kill.until + GRACE for kill in kills)]
