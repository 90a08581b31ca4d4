"""Bitfolio's own programs, started as in life, on a database of their own and on this machine alone."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from django.conf import settings

from tests.worker.scene import database

ROOT = settings.BASE_DIR
PATIENCE = 300  # seconds; on an idle machine everything takes a twentieth of it
SOURCES = ("CRYPTO_API", "COINBASE", "KRAKEN", "BINANCE", "CRYPTOCOMPARE", "MEMPOOL", "FRANKFURTER")
NOBODY = "http://127.0.0.1:9"  # the discard port: refused at once


@contextmanager
def installation(folder: Path, **settings_of_it: str) -> Iterator[dict[str, str]]:
    """An environment of an installation whose database is empty; SQLite or PostgreSQL, as the tests run."""
    with database() as url:
        here = {
            **{name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
            **{f"{name}_BASE_URL": NOBODY for name in SOURCES},
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "VAR_DIR": str(folder),
            "DATABASE_URL": url,
            "ENV_FILE": os.devnull,
            "PYTHONUNBUFFERED": "1",
        }
        yield {**here, **settings_of_it}


def start(command: list[str], environment: dict[str, str], output: Path) -> "subprocess.Popen[bytes]":
    with output.open("ab") as file:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            process_group=0,
        )


def manage(environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        stdin=subprocess.DEVNULL,
    )


def shell(environment: dict[str, str], code: str) -> str:
    answer = manage(environment, "shell", "--no-imports", "--command", code)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()


def end(process: "subprocess.Popen[bytes]") -> None:
    """By SIGTERM to the main process; then whatever is left of its group."""
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(condition, what: str, output: Path) -> None:
    give_up = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < give_up, f"{what}\n{output.read_text()}"
        time.sleep(0.5)


def lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def commands(text: str) -> dict[str, str]:
    """The lines of a Procfile by name."""
    return dict(re.findall(r"^(\w+): (.+)$", text, re.MULTILINE))
