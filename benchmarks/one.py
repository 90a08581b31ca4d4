"""Measures one subject in a process of its own, and prints its lines as JSON.

A subject is a module beside this one. Its ROWS are functions that are given the sizes to measure at and yield
lines; `ON_A_DATABASE` says that they want one, which is made for the subject and dropped after it.
"""

import contextlib
import importlib
import json
import signal
import sys
import traceback
from collections.abc import Callable, Iterator

import django

from benchmarks.measure import Line, failure
from benchmarks.workload import SIZES

Row = Callable[[tuple[int, ...]], Iterator[Line]]


def main(name: str, largest: int) -> None:
    stage = importlib.import_module("benchmarks.stage")  # models can be imported now, not before
    subject = importlib.import_module(f"benchmarks.{name}")
    sizes = tuple(size for size in SIZES if size <= largest)
    around = stage.database() if subject.ON_A_DATABASE else contextlib.nullcontext("")
    with around as database:
        for row in subject.ROWS:
            for line in whatever_happens(row, sizes):
                named = f"{database}: {line.what}" if database else line.what
                print(json.dumps(line._replace(what=named)), flush=True)


def whatever_happens(row: Row, sizes: tuple[int, ...]) -> Iterator[Line]:
    """The lines of a row; where it fails, a line that says so, and the other rows go on."""
    try:
        yield from row(sizes)
    except Exception as error:  # noqa: BLE001 (it is told in the table)
        traceback.print_exc()
        what = (row.__doc__ or row.__name__).strip().partition("\n")[0]
        yield failure(what, " ".join(f"{type(error).__name__}: {error}".split())[:200])


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leave by the `finally`s, as Ctrl-C does
    django.setup()
    main(sys.argv[1], int(sys.argv[2]))
