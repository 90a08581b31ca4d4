"""A worker under its supervisor, as deployed, with a watchdog in a hurry; and its processes, told apart."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import psycopg
from django.conf import settings

ROOT = settings.BASE_DIR
PATIENCE = 240  # seconds; on an idle machine everything takes a tenth of it
WATCH = "watch_worker --silence {silence} --answer {answer} --every 0.5"
CHILDREN = ("worker", "worker", "monitor", "pusher")  # in the order in which a cluster starts them


@contextmanager
def database() -> Iterator[str]:
    """What DATABASE_URL is to say: nothing (SQLite), or a new database on the PostgreSQL of the tests."""
    server = os.environ.get("TEST_DATABASE_URL", "")
    if not server:
        yield ""
        return
    name = f"worker_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield re.sub(r"(://[^/]*)/[^?]*", rf"\1/{name}", server)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def manage(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    answer = subprocess.run(
        command, cwd=ROOT, env=environment, timeout=PATIENCE, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def configuration(folder: Path, answer: float) -> Path:
    """deploy/supervisord.conf without the web side, and with another patience."""
    text = (ROOT / "deploy/supervisord.conf").read_text()
    text = text.split("[program:web]")[0].replace("%(here)s/..", str(ROOT))
    assert "watch_worker" in text
    path = folder / "supervisord.conf"
    path.write_text(text.replace("watch_worker", WATCH.format(answer=answer, silence=max(100, answer * 2.4))))
    return path


@dataclass
class Scene:
    """The supervisor's tree in one environment; `kinds` says what each process of the cluster is."""

    environment: dict[str, str]
    folder: Path
    supervisor: "subprocess.Popen[bytes]"
    kinds: dict[int, str] = field(default_factory=dict)
    main: int = 0

    def output(self) -> str:
        return (self.folder / "output").read_text()

    def status(self) -> dict[str, Any]:
        """The feeder's last whole line; nothing before there is one."""
        lines = (self.folder / "status").read_text().rpartition("\n")[0].splitlines()
        return json.loads(lines[-1]) if lines else {"asked": 0, "unfinished": 1, "beat": 0}

    def wait_until(self, condition: Callable[[], Any], what: str) -> Any:
        give_up = time.monotonic() + PATIENCE
        while not (found := condition()):
            assert self.supervisor.poll() is None, self.output()
            assert time.monotonic() < give_up, f"{what}: {self.status()}\n{self.output()}"
            time.sleep(0.05)
        return found

    def known(self) -> dict[int, str]:
        """By number what each living process of the cluster is; empty while it is not complete."""
        main = int((self.folder / "worker").read_text().split()[0])
        if main != self.main:
            self.main, self.kinds = main, {}
        try:
            sentinels = psutil.Process(main).children()
            children = sorted(sentinels[0].children(), key=lambda each: each.pid) if sentinels else []
            pids = [each.pid for each in children if each.status() != psutil.STATUS_ZOMBIE]
        except psutil.NoSuchProcess:
            return {}
        if len(pids) != len(CHILDREN):
            return {}
        if not self.kinds:
            self.kinds = dict(zip(pids, CHILDREN, strict=True))
        else:
            self._replace(pids)
        return {**self.kinds, main: "main", sentinels[0].pid: "sentinel"}

    def _replace(self, pids: list[int]) -> None:
        """A cluster starts a new process of the same kind for one that is gone."""
        gone = [self.kinds.pop(pid) for pid in list(self.kinds) if pid not in pids]
        for pid in pids:
            if pid not in self.kinds:
                self.kinds[pid] = gone.pop(0)

    def find(self, kind: str, port: int) -> int | None:
        """A process of that kind; a busy worker is one that talks to the provider at that port."""
        known = self.known()
        if "worker" not in kind:
            return next((pid for pid, each in known.items() if each == kind), None)
        for pid in (pid for pid, each in known.items() if each == "worker"):
            if talks(pid, port) == (kind == "busy worker"):
                return pid
        return None

    def stop(self) -> None:
        self.supervisor.send_signal(signal.SIGTERM)
        assert self.supervisor.wait(PATIENCE) == 0, self.output()


def talks(pid: int, port: int) -> bool:
    try:
        found = psutil.Process(pid).net_connections("tcp")
    except psutil.NoSuchProcess:
        return False
    return any(each.raddr and each.raddr.port == port and each.status == "ESTABLISHED" for each in found)


def left_over(folder: Path) -> list[psutil.Process]:
    """Every process on this machine that was started with this scene's folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("VAR_DIR") == str(folder) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


@contextmanager
def playing(environment: dict[str, str], folder: Path, *, answer: float, symbol: str) -> Iterator[Scene]:
    """The supervisor with worker and watchdog, and the feeder, until the block ends."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**environment, "PATH": path, "PYTHONUNBUFFERED": "1"}
    supervisord = [sys.executable, "-m", "supervisor.supervisord", "-c", str(configuration(folder, answer))]
    supervisord += ["--pidfile", str(folder / "supervisord.pid")]
    feeder = [sys.executable, "-m", "tests.worker.feeder", symbol]
    with (folder / "output").open("ab") as output, (folder / "status").open("wb") as status:
        started = [
            subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err
            )
            for command, out, err in ((supervisord, output, output), (feeder, status, output))
        ]
    try:
        yield Scene(environment, folder, started[0])
    finally:
        for process in [*started, *left_over(folder)]:
            process.kill()
        for process in started:
            process.wait()
