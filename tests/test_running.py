"""What `make run` starts, for real: pages answer; SIGTERM waits for tasks and leaves nothing behind."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
PATIENCE = 300  # seconds; on an idle machine the runs take a twentieth of it


@dataclass
class Run:
    process: subprocess.Popen[bytes]
    folder: Path
    port: int

    def output(self) -> str:
        return (self.folder / "output").read_text()

    def wait_for(self, text: str) -> None:
        give_up = time.monotonic() + PATIENCE
        while text not in self.output():
            assert self.process.poll() is None, self.output()
            assert time.monotonic() < give_up, self.output()
            time.sleep(0.1)


def environment(folder: Path, port: int) -> dict[str, str]:
    return {**os.environ, "VAR_DIR": str(folder), "DATABASE_URL": "", "PORT": str(port), "DEMO": "1"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    port = free_port()
    with (tmp_path / "output").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "tools/run.py"],
            cwd=ROOT,
            env=environment(tmp_path, port),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    yield Run(process, tmp_path, port)
    if process.poll() is None:
        for one in [*psutil.Process(process.pid).children(recursive=True), process]:
            one.kill()
        process.wait()


def test_it_answers_and_stops_without_losing_a_task_or_leaving_a_process(run: Run) -> None:
    run.wait_for("Ctrl-C stops it")
    assert f"http://127.0.0.1:{run.port}/" in run.output()
    with urllib.request.urlopen(f"http://127.0.0.1:{run.port}/", timeout=PATIENCE) as answer:
        assert answer.status == 200
    queue_a_task_that_takes_seconds(run)
    started = psutil.Process(run.process.pid).children(recursive=True)
    assert len(started) > 4  # web and worker, each with children of its own

    run.process.send_signal(signal.SIGTERM)

    assert run.process.wait(PATIENCE) == 0
    assert [process for process in started if lives(process)] == []
    assert tasks(run) == [("under way", True)]


def test_a_port_in_use_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        answer = subprocess.run(
            [sys.executable, "tools/run.py"],
            cwd=ROOT,
            env=environment(tmp_path, port),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    assert answer.returncode == 1
    assert answer.stderr.splitlines() == [
        f"Port {port} cannot be used: Address already in use. Choose another one: make run PORT=8001"
    ]


def queue_a_task_that_takes_seconds(run: Run) -> None:
    """Queue it and give a worker the time to take it: the queue is looked at each second."""
    code = "from django_q.tasks import async_task; async_task('time.sleep', 8, task_name='under way')"
    command = [sys.executable, "manage.py", "shell", "--no-imports", "--command", code]
    subprocess.run(command, cwd=ROOT, env=environment(run.folder, run.port), check=True, timeout=PATIENCE)
    time.sleep(2)


def lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def tasks(run: Run) -> list[tuple[str, bool]]:
    with sqlite3.connect(run.folder / "bitfolio.sqlite3") as database:
        rows = database.execute("SELECT name, success FROM django_q_task WHERE func = 'time.sleep'")
        return [(name, bool(success)) for name, success in rows]
