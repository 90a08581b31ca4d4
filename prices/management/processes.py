"""The processes of the worker's cluster, found and ended from outside: a group, led by its main one.

The main process leaves its number and its starting time in a file, so that a number which another program
has got since is never taken for it. A group outlives its leader, and its number is not given away while it
does: what a killed main process leaves behind is found by it. Where there is no /proc the group is unknown
but for its leader.
"""

import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
STATE, GROUP, STARTED = 0, 2, 19  # places in /proc/…/stat, counted from behind the program's name
Member = tuple[int, str]  # number and starting time


@dataclass(frozen=True, slots=True)
class Cluster:
    """The process group that a main process led when it wrote its file."""

    pid: int
    started: str

    def members(self) -> frozenset[Member]:
        """Those that live, zombies left out; none when the number belongs to somebody else by now."""
        leader = _stat(self.pid)
        if leader and leader[STARTED] != self.started:
            return frozenset()
        if not PROC.exists():
            return frozenset([(self.pid, "")] if _exists(self.pid) else [])
        stats = {int(path.name): _stat(int(path.name)) for path in PROC.iterdir() if path.name.isdigit()}
        alive = {pid: stat for pid, stat in stats.items() if stat and stat[STATE] not in "ZX"}
        return frozenset((pid, stat[STARTED]) for pid, stat in alive.items() if stat[GROUP] == str(self.pid))

    def is_led(self) -> bool:
        """Whether the main process itself lives."""
        return any(pid == self.pid for pid, _ in self.members())

    def kill(self) -> None:
        """End all of them at once, by SIGKILL: a frozen one no longer hears anything else."""
        if self.members():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)


def write(path: Path) -> bool:
    """Leave this process's number in a file; False where it leads no group, and so must not be watched."""
    if os.getpgrp() != os.getpid():
        path.unlink(missing_ok=True)
        return False
    own = _stat(os.getpid())
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(f"{os.getpid()} {own[STARTED] if own else ''}")
    draft.replace(path)
    return True


def read(path: Path) -> Cluster | None:
    """The cluster that a file names; None without a file, or with one that nobody can read."""
    try:
        pid, _, started = path.read_text().partition(" ")
        return Cluster(int(pid), started)
    except (OSError, ValueError):
        return None


def _stat(pid: int) -> list[str]:
    """The columns of /proc/…/stat behind the name, which may hold anything; none for no such process."""
    try:
        return (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
