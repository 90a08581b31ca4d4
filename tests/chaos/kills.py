"""Who is killed when, and how long it takes until all is well again."""

import os
import random
import signal
import time
from dataclasses import dataclass, field
from itertools import cycle

from tests.chaos.stack import Stack

# How often out of 60: the quick ones often, so that many kills fit into minutes.
SHARES = {
    "web worker": 22,
    "database backend": 22,
    "web master": 5,
    "postmaster": 6,
    "task worker": 2,
    "task cluster": 2,
    "everything": 1,
    "database away": 1,
}
OF_THE_DATABASE = {"database backend", "postmaster", "database away"}
OF_THE_WORKER = {"task worker", "task cluster", "everything", "database away"}
AWAY = (3, 30, 300)  # seconds, in turn; the first alone where no clock is looked at
WEB_LIMIT, WORKER_LIMIT = 10, 180  # seconds
BARE_START = 3  # seconds that the application needs to start, of the ten; twice what an idle machine takes


@dataclass
class Kill:
    """`web`, `worker`: seconds until they were well again, of which `allowed` to the web side."""

    kind: str
    since: float
    until: float = 0
    web: float = 0
    worker: float | None = None
    allowed: float = WEB_LIMIT


@dataclass
class Executioner:
    """With `waits` the next kill comes when the worker has given a sign of life too, and times count."""

    stack: Stack
    seed: int
    waits: bool = True
    done: list[Kill] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.absences = cycle(AWAY if self.waits else AWAY[:1])

    def order(self, kills: int) -> list[str]:
        """As many kinds as there are kills, by their shares, at random but the same each time."""
        shares = {k: n for k, n in SHARES.items() if self.stack.database or k not in OF_THE_DATABASE}
        whole = sum(shares.values())
        kinds = [kind for kind, share in shares.items() for _ in range(max(1, round(kills * share / whole)))]
        kinds += self.chance.choices(list(shares), list(shares.values()), k=max(0, kills - len(kinds)))
        return self.chance.sample(kinds, len(kinds))[:kills] if kills >= len(shares) else kinds[:kills]

    def kill(self, kind: str) -> Kill:
        """Kill one of that kind and wait until all is well that is waited for."""
        kill = Kill(kind, time.time())
        self.done.append(kill)
        gone, again = self._strike(kind)
        time.sleep(0.1)
        self.stack.wait_until(lambda: self.stack.is_web_well(gone), f"web not well after {kind}")
        kill.web = time.time() - again
        if self.waits and kill.web > WEB_LIMIT:  # a machine with other work may need most for a bare start
            kill.allowed *= max(1, self.stack.bare_start() / BARE_START)
        if self.waits and kind in OF_THE_WORKER:
            self.stack.wait_until(
                lambda: self.stack.is_worker_well(kill.since, gone), f"worker not well after {kind}"
            )
            kill.worker = time.time() - again
        kill.until = time.time()
        return kill

    def _strike(self, kind: str) -> tuple[int, float]:
        """The number of what was killed, and from when recovery counts: the test restarts what init would."""
        stack = self.stack
        if kind == "everything":
            stack.kill_whole()
            if stack.database:
                stack.database.kill_whole()
                stack.database.start()
            begun = time.time()
            stack.start()
            return 0, begun
        if kind in OF_THE_DATABASE - {"database backend"}:
            stack.database.kill()
            time.sleep(next(self.absences) if kind == "database away" else 0)
            stack.database.start()
            return 0, time.time()
        pid = stack.wait_until(lambda: self._find(kind), f"no {kind}")
        os.kill(pid, signal.SIGKILL)
        return pid, time.time()

    def _find(self, kind: str) -> int:
        master, workers = self.stack.web()
        if kind == "web master":
            return master
        if kind == "web worker":
            found = workers
        elif kind == "database backend":
            found = self.stack.database.backends()
        else:
            wanted = {"task worker": "worker", "task cluster": "main"}[kind]
            found = [pid for pid, each in self.stack.cluster().items() if each == wanted]
        return self.chance.choice(sorted(found)) if found else 0


def table(kills: list[Kill]) -> str:
    """Recovery by kind: how often, and seconds in the middle and at worst."""
    lines = [f"{'killed':18}{'times':>6}{'web: median':>13}{'worst':>8}{'worker: median':>16}{'worst':>8}"]
    for kind in SHARES:
        own = [kill for kill in kills if kill.kind == kind]
        if own:
            web = _middle_and_worst([kill.web for kill in own])
            worker = _middle_and_worst([kill.worker for kill in own if kill.worker is not None])
            lines.append(
                f"{kind:18}{len(own):6}{web[0]:>13}{web[1]:>8}{worker[0]:>16}{worker[1]:>8}".rstrip()
            )
    return "\n".join(lines)


def _middle_and_worst(seconds: list[float]) -> tuple[str, str]:
    if not seconds:
        return "", ""
    return f"{sorted(seconds)[len(seconds) // 2]:.1f} s", f"{max(seconds):.1f} s"
