"""What clients asked for and what they were told, outside of the system under test: append-only, on disk.

A write stands in the log before it is sent (`asked`), and its verdict before the client goes on: `done` or
`refused` are acknowledged; `open` is a client that walked away without knowing.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

Row = Mapping[str, object]  # how a row reads: its statements, whether it is deleted, its version
DONE, REFUSED, OPEN = "done", "refused", "open"


class Log:
    """Safe to write from several threads; each line is on the disk when `_write` returns."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = Lock()
        self.file = path.open("ab")
        self.acts = 0

    def asked(self, what: str, rows: Mapping[str, Row]) -> int:
        """Note which rows (by label) are to read how; the number of this act."""
        with self.lock:
            self.acts += 1
            self._write({"act": self.acts, "what": what, "rows": rows})
            return self.acts

    def told(self, act: int, verdict: str) -> None:
        with self.lock:
            self._write({"act": act, "verdict": verdict})

    def _write(self, line: Mapping[str, object]) -> None:
        self.file.write(json.dumps(line).encode() + b"\n")
        self.file.flush()
        os.fsync(self.file.fileno())


@dataclass
class Act:
    """One write, as the log tells it; `verdict` is OPEN where none was noted."""

    what: str
    rows: dict[str, dict[str, object]]
    verdict: str = OPEN


@dataclass
class Story:
    """How each row may read at the end: the last acknowledged state, and what was left open after it."""

    acts: dict[int, Act] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "Story":
        story = cls()
        for line in map(json.loads, path.read_text().splitlines()):
            if "verdict" in line:
                story.acts[line["act"]].verdict = line["verdict"]
            else:
                story.acts[line["act"]] = Act(line["what"], line["rows"])
        return story

    def count(self, verdict: str) -> int:
        return sum(act.verdict == verdict for act in self.acts.values())

    def possible(self) -> dict[str, list[dict[str, object] | None]]:
        """By label: every way in which the row may read; None is that there is no such row."""
        found: dict[str, list[dict[str, object] | None]] = {}
        for act in self.acts.values():
            for label, row in act.rows.items():
                ways = found.setdefault(label, [None])
                if act.verdict == DONE:
                    ways[:] = [row]
                elif act.verdict == OPEN:
                    ways.append(row)
        return found

    def together(self) -> Iterator[list[str]]:
        """The labels of each batch: all of them are there, or none."""
        for act in self.acts.values():
            if act.what == "batch":
                yield list(act.rows)
