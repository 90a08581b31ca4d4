"""The installation under test, as deployed: supervisor with web, worker, watchdog; its processes by kind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import requests

from tests.chaos.postgres import Postgres
from tests.worker.scene import ROOT, WATCH, Scene, left_over, manage

PATIENCE = 480  # seconds for anything at all; what must be quicker is measured
WEB_WORKERS = 2
TWICE = 3  # answers in a row that make a web side well

CAST = """
import json
from django.utils import timezone
from accounts.models import User
from accounts.services import make_api_token
from portfolios.services import create_portfolio
from prices.models import Asset
from prices.services import sync_catalogue
sync_catalogue()
coins = dict(Asset.objects.filter(symbol__in=["BTC", "ETH", "SOL"]).values_list("symbol", "pk"))
cast = []
for name in ("alice", "charlie"):
    password = f"{name}-has-a-long-password"
    owner = User.objects.create_user(name, f"{name}@example.org", password)
    portfolios = [create_portfolio(owner=owner, name=each, currency="USD").pk for each in ("Old", "New")]
    token = make_api_token(owner=owner, name="chaos", may_write=True, days=None, now=timezone.now())
    cast.append(
        {"name": name, "password": password, "portfolios": portfolios, "token": token, "coins": coins}
    )
print(json.dumps(cast))
"""


class Stack:
    """`answer` is the watchdog's patience in seconds; 75 in life."""

    def __init__(self, folder: Path, port: int, database: Postgres | None, answer: float) -> None:
        self.folder, self.database = folder, database
        self.address = f"http://127.0.0.1:{port}"
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        self.environment = {
            **os.environ,
            "VAR_DIR": str(folder),
            "DATABASE_URL": database.url if database else "",
            "DEMO": "0",
            "PORT": str(port),
            "WEB_CONCURRENCY": str(WEB_WORKERS),
            "DJANGO_SETTINGS_MODULE": "tests.worker.settings",
            "LOG_LEVEL": "WARNING",
            "PATH": path,
            "PYTHONUNBUFFERED": "1",
        }
        self.configuration = _configuration(folder, answer)
        self.supervisor: subprocess.Popen[bytes] | None = None
        self.scene: Scene | None = None

    def prepare(self) -> list[dict[str, Any]]:
        """Tables, files, two users with two portfolios each: the users, as clients need to know them."""
        manage(self.environment, "migrate", "-v0")
        manage(self.environment, "collectstatic", "-v0", "--no-input")
        found: list[dict[str, Any]] = json.loads(
            manage(self.environment, "shell", "--no-imports", "--command", CAST)
        )
        return found

    def start(self) -> None:
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(self.configuration)]
        command += ["--pidfile", str(self.folder / "supervisord.pid")]
        with (self.folder / "output").open("ab") as output:
            self.supervisor = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        self.scene = Scene(self.environment, self.folder, self.supervisor)

    def stop(self) -> None:
        """In good order: nothing may be left behind."""
        self.supervisor.send_signal(signal.SIGTERM)
        assert self.supervisor.wait(PATIENCE) == 0, self.output()
        assert left_over(self.folder) == []

    def kill_whole(self) -> None:
        if self.supervisor:
            self.supervisor.kill()  # the first, or it would start anew what the others were
        for process in left_over(self.folder):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        if self.supervisor:
            self.supervisor.wait()

    def output(self) -> str:
        return (self.folder / "output").read_text(errors="replace")[-6000:]

    def bare_start(self) -> float:
        """Seconds in which this machine, as busy as it is, loads the application and does nothing."""
        begun = time.monotonic()
        manage(self.environment, "shell", "--no-imports", "--command", "import bitfolio.urls")
        return time.monotonic() - begun

    # --- How it stands ----------------------------------------------------------------------------------

    def health(self) -> dict[str, Any] | None:
        """What /api/health says while nothing fails but perhaps the worker; None for anything else."""
        try:
            answer = requests.get(f"{self.address}/api/health", timeout=30)
        except requests.RequestException:
            return None
        said = answer.json() if answer.status_code in {200, 503} else {}
        return said if said.get("failing") in ([], ["worker"]) else None

    def beat(self) -> float:
        """When the worker's last heartbeat was, by the wall clock; 0 if nobody knows."""
        said = (self.health() or {}).get("worker_seen_at")
        return datetime.fromisoformat(said).timestamp() if said else 0

    def web(self) -> tuple[int, list[int]]:
        """gunicorn's master and its workers; 0 for none."""
        with suppress(psutil.Error):
            for each in psutil.Process(self.supervisor.pid).children():
                if "gunicorn" in each.cmdline():
                    workers = [one for one in each.children() if one.status() != psutil.STATUS_ZOMBIE]
                    return each.pid, [one.pid for one in workers]
        return 0, []

    def cluster(self) -> dict[int, str]:
        """What each process of the task cluster is; empty while it is not whole."""
        with suppress(OSError, ValueError, IndexError, psutil.Error):
            return self.scene.known()
        return {}

    def wait_until(self, condition: Callable[[], Any], what: str) -> Any:
        give_up = time.monotonic() + PATIENCE
        while not (found := condition()):
            assert self.supervisor.poll() is None, self.output()
            assert time.monotonic() < give_up, f"{what} in {PATIENCE} s\n{self.output()}"
            time.sleep(0.05)
        return found

    def is_web_well(self, gone: int = 0) -> bool:
        """Whether all of it runs, without the process that was killed, and answers again and again."""
        master, workers = self.web()
        if gone in {master, *workers} or len(workers) != WEB_WORKERS:
            return False
        return all(self.health() for _ in range(TWICE))

    def is_worker_well(self, since: float, gone: int = 0) -> bool:
        """Whether all of it runs, without the process that was killed, and has given a sign since then."""
        known = self.cluster()
        return bool(known) and gone not in known and self.beat() > since


def _configuration(folder: Path, answer: float) -> Path:
    """deploy/supervisord.conf, with a watchdog in a hurry; in life it looks every 5 s."""
    text = (ROOT / "deploy/supervisord.conf").read_text()
    text = text.replace("%(here)s/..", str(ROOT)).replace("%(here)s", str(ROOT / "deploy"))
    watch = WATCH.format(answer=answer, silence=max(100, answer * 2.4))
    assert "watch_worker" in text
    path = folder / "supervisord.conf"
    path.write_text(text.replace("watch_worker", watch))
    return path


@contextmanager
def standing(folder: Path, port: int, database: Postgres | None, answer: float) -> Iterator[Stack]:
    """The installation until the block ends; whatever is left of it then is killed."""
    stack = Stack(folder, port, database, answer)
    try:
        yield stack
    finally:
        stack.kill_whole()
