"""kill -9 of the worker's processes while it fetches years of history: no hour is lost or doubled.

The short form kills three times. WORKER_KILLS=20 asks for more, WORKER_HOURS for another span, WORKER_SEED
for another order, WORKER_ANSWER=75 for the patience that the watchdog has in life.
"""

import json
import logging
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.prices.fake_provider import FakeProvider, price_of, running
from tests.prices.provider.coinbase import unix
from tests.worker.scene import Scene, database, left_over, manage, playing

KILLS = int(os.environ.get("WORKER_KILLS", "3"))
HOURS = int(os.environ.get("WORKER_HOURS", "20000"))
SEED = int(os.environ.get("WORKER_SEED", "4"))
KINDS = ("idle worker", "busy worker", "sentinel", "pusher", "monitor", "main")
ANSWER = float(os.environ.get("WORKER_ANSWER", "8"))  # seconds; in life 75
RECOVERED = 180  # seconds

ASK = f"""
from datetime import timedelta
from django.utils import timezone
from prices.models import Asset, Backfill
from prices.services import newest_close, sync_catalogue
sync_catalogue()
Asset.objects.exclude(symbol="BTC").update(is_tracked=False)
btc = Asset.objects.get(symbol="BTC")
now = timezone.now()
newest = newest_close(now)
since = newest - timedelta(hours={HOURS} - 1)
row = Backfill.objects.create(asset=btc, since=since, until=newest, cursor=since - timedelta(hours=1))
print(row.since.timestamp(), row.until.timestamp(), row.closes)
"""
READ = """
import json
from prices.models import PriceSnapshot
rows = PriceSnapshot.objects.filter(asset__symbol="BTC").order_by("at").values_list("at", "price")
print(json.dumps([[at.timestamp(), str(price)] for at, price in rows]))
"""

logger = logging.getLogger(__name__)


@dataclass
class Pace:
    """The provider's clock, which is asked once for each answer: `delay` is how many seconds that takes."""

    delay: float = 1.5 if KILLS < 6 else 5  # many kills need a history that lasts as long

    def __call__(self) -> float:
        time.sleep(self.delay)
        return time.time()


@pytest.fixture
def pace() -> Pace:
    return Pace()


@pytest.fixture
def provider(pace: Pace) -> Iterator[FakeProvider]:
    with running(now=pace) as server:
        yield server


@pytest.fixture
def environment(tmp_path: Path, provider: FakeProvider) -> Iterator[dict[str, str]]:
    with database() as url:
        yield {
            **os.environ,
            "VAR_DIR": str(tmp_path),
            "DATABASE_URL": url,
            "DEMO": "0",
            "PRICE_SOURCES": "coinbase",
            "COINBASE_BASE_URL": provider.url,
            "DJANGO_SETTINGS_MODULE": "tests.worker.settings",
            "LOG_LEVEL": "WARNING",
        }


def order() -> list[str]:
    """As many kinds as there are kills, each as often as the others, at random but the same each time."""
    chance = random.Random(SEED)
    rounds = [chance.sample(KINDS, len(KINDS)) for _ in range(KILLS // len(KINDS) + 1)]
    return [kind for one in rounds for kind in one][:KILLS]


def kill(scene: Scene, kind: str, port: int) -> float:
    """Seconds from the kill of a process of that kind until the worker is whole, beats, and fetches again."""
    pid = scene.wait_until(lambda: scene.find(kind, port), f"no {kind}")
    begun = time.time()
    os.kill(pid, signal.SIGKILL)
    scene.wait_until(lambda: pid not in (scene.known() or [pid]), f"not whole after the kill of {kind}")
    whole, asked = time.time(), scene.status()["asked"]
    scene.wait_until(lambda: scene.status()["beat"] > whole, f"no heartbeat after the kill of {kind}")
    scene.wait_until(
        lambda: scene.status()["asked"] > asked or not scene.status()["unfinished"],
        f"no progress after the kill of {kind}",
    )
    return time.time() - begun


def test_every_hour_is_there_exactly_once(environment, provider, pace, tmp_path) -> None:
    manage(environment, "migrate", "-v0")
    since, until, closes = map(float, manage(environment, "shell", "--no-imports", "--command", ASK).split())
    assert closes == HOURS
    took: list[tuple[str, float]] = []
    with playing(environment, tmp_path, answer=ANSWER, symbol="BTC") as scene:
        scene.wait_until(lambda: scene.status()["asked"], "no beginning")
        for kind in order():
            took.append((kind, kill(scene, kind, provider.server_port)))
            logger.info("%s: %.1f s; %s", *took[-1], scene.status())
        pace.delay = 0
        scene.wait_until(lambda: not scene.status()["unfinished"], "not finished")
        scene.wait_until(scene.known, "no whole cluster at the end")
        scene.stop()
        feeders = [each for each in left_over(tmp_path) if "tests.worker.feeder" not in each.cmdline()]
        assert feeders == []
    assert max(seconds for _, seconds in took) < RECOVERED

    rows = json.loads(manage(environment, "shell", "--no-imports", "--command", READ))
    inside = [(at, price) for at, price in rows if since <= at <= until]
    assert [at for at, _ in inside] == [since + 3600 * number for number in range(int(closes))]
    assert all(float(price) == float(price_of("bitcoin", int(at))) for at, price in inside)
    again = Counter(unix(query["start"]) for query in provider.asked("/candles"))
    doubled = sum(again.values()) - len(again)
    logger.info("requests: %d, of them again: %d", sum(again.values()), doubled)
    # The page under way at a kill is asked for again, and the one at the end of a worker that froze by it.
    assert doubled <= 2 * KILLS
