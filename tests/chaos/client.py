"""One client: acts at random (by a seed), repeats what got no answer, and notes what it was told."""

import random
import re
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any

import requests

from tests.chaos.log import DONE, OPEN, REFUSED, Log

FIRST = datetime(2025, 3, 1, tzinfo=UTC)
COINS = ("BTC", "ETH", "SOL")
PATIENCE = (5, 60)  # seconds to connect, and to be answered
HANG_UP = (5, 0.02)  # the same for a client that does not wait for its answer
LOSES = 0.25  # how often the first reply to a write is lost on purpose
GIVES_UP = 0.15  # how often a client walks away instead of asking until it is told
UNDONE = ("nothing was done", "was not saved")  # what a 503 says that is sure of it: it is held to that
Answer = requests.Response
Send = Callable[[tuple[float, float]], Answer]


class Client(Thread, ABC):
    """What API and pages share. `broken` collects what no client should ever be told, `away` every 503."""

    def __init__(self, name: str, account: dict[str, Any], address: str, log: Log, seed: int) -> None:
        super().__init__(name=name, daemon=True)
        self.account, self.address, self.log = account, address, log
        self.chance = random.Random(seed)
        self.session = requests.Session()
        self.over = Event()
        self.rows: list[dict[str, Any]] = []  # those whose state is known, with label and pk
        self.made = 0
        self.broken: list[str] = []
        self.away: list[float] = []
        self.counts: Counter[str] = Counter()

    def run(self) -> None:
        try:
            while not self.over.is_set():
                self.act()
                time.sleep(self.chance.uniform(0.01, 0.1))
        except Exception as error:  # noqa: BLE001 (a thread's last words must reach the test)
            self.broken.append(f"{self.name} fell over: {error!r}")

    @abstractmethod
    def act(self) -> None:
        """One thing that such a client does."""

    # --- What is stated ---------------------------------------------------------------------------------

    def new_row(self) -> dict[str, Any]:
        """A purchase early in the month, or something late in it that takes coins and may be refused."""
        self.made += 1
        kind = self.chance.choices(["buy", "sell", "transfer"], [10, 6, 3])[0]
        day = self.chance.randrange(10) + (0 if kind == "buy" else 12)
        portfolio, other = self.chance.sample(self.account["portfolios"], 2)
        return {
            "label": f"{self.name}-{self.made}",
            "portfolio": portfolio,
            "kind": kind,
            "asset": self.chance.choice(COINS),
            "at": f"{FIRST + timedelta(days=day, seconds=self.chance.randrange(86_400)):%Y-%m-%dT%H:%M:%S}",
            **self.figures(kind),
            "to": other if kind == "transfer" else None,
            "is_deleted": False,
            "version": 1,
        }

    def figures(self, kind: str) -> dict[str, Any]:
        price = None if kind == "transfer" else str(self.chance.randint(11, 99))
        return {"quantity": str(self.chance.randint(1, 4)), "unit_price": price}

    def known(self, *, deleted: bool = False) -> dict[str, Any] | None:
        rows = [row for row in self.rows if row["is_deleted"] == deleted]
        return self.chance.choice(rows) if rows else None

    # --- How it is written ------------------------------------------------------------------------------

    def write(
        self,
        what: str,
        rows: list[dict[str, Any]],
        send: Send,
        read: Callable[[Answer, bool], str],
    ) -> tuple[str, Answer | None]:
        """Send until there is an answer, or walk away; `read` says what the answer means."""
        act = self.log.asked(what, {row["label"]: stated(row) for row in rows})
        verdict, answer = self._settled(what, send, read)
        self.log.told(act, verdict)
        self.counts[f"{what} {verdict}"] += 1
        return verdict, answer

    def _settled(
        self, what: str, send: Send, read: Callable[[Answer, bool], str]
    ) -> tuple[str, Answer | None]:
        is_unsure = False  # whether an earlier try may have been carried out
        wait = HANG_UP if self.chance.random() < LOSES else PATIENCE
        gives_up = self.chance.random() < GIVES_UP
        while True:
            answer = self.answered(send, wait)
            if answer is not None and answer.status_code != 503:
                verdict = read(answer, is_unsure)
                if not verdict:
                    self.complain(what, answer)
                self.counts["told in the end"] += is_unsure and verdict == DONE
                return verdict or OPEN, answer
            is_unsure = is_unsure or answer is None or not any(words in answer.text for words in UNDONE)
            if wait is PATIENCE and gives_up:
                return OPEN if is_unsure else REFUSED, None
            wait = PATIENCE
            time.sleep(self.chance.uniform(0.05, 0.3))

    def answered(self, send: Send, wait: tuple[float, float] = PATIENCE) -> Answer | None:
        """None where there was no whole answer. A 5xx is only ever a 503 that says when to come back."""
        try:
            answer = send(wait)
        except requests.RequestException:
            self.counts["no answer"] += 1
            return None
        if answer.status_code == 503 and answer.headers.get("Retry-After", "").isdigit():
            self.away.append(time.time())
            self.counts["503"] += 1
        elif answer.status_code >= 500:
            self.complain("answer", answer)
        return answer

    def complain(self, what: str, answer: Answer) -> None:
        asked = f"{answer.request.method} {answer.request.path_url}"
        self.broken.append(f"{what}: {asked} answered {answer.status_code}: {words_of(answer)}")

    def look(self, path: str, **options: Any) -> Answer | None:
        """Read an address: 200, or nothing worth reading."""
        answer = self.answered(lambda wait: self.session.get(self.address + path, timeout=wait, **options))
        if answer is None or answer.status_code == 503:
            return None
        if answer.status_code != 200:
            self.complain("read", answer)
            return None
        self.counts["read"] += 1
        return answer


def words_of(answer: Answer) -> str:
    """What a person reads of it, from the page's heading on."""
    main = answer.text[max(0, answer.text.find("<main")) :]
    return " ".join(re.sub("<[^>]*>", " ", main).split())[:2000]


def stated(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in {"label", "pk"}}


__all__ = ["DONE", "OPEN", "REFUSED", "Answer", "Client", "stated"]
