"""migrate at once and cut off: on an empty database, by processes as in life."""

import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import connection

from operations.locks import alone
from tests.operations.programs import PATIENCE, end, installation, manage, start

AT_ONCE = 3
CUT_OFF_AFTER = (0.9, 1.3, 1.8, 2.4)  # seconds: before, amid and after the first tables
MIGRATE = [sys.executable, "manage.py", "migrate", "-v1"]


def is_whole(environment) -> bool:
    return manage(environment, "migrate", "--check").returncode == 0


def test_several_at_once_make_one_database(tmp_path) -> None:
    with installation(tmp_path) as environment:
        outputs = [tmp_path / f"output-{number}" for number in range(AT_ONCE)]
        processes = [start(MIGRATE, environment, output) for output in outputs]
        try:
            codes = [process.wait(PATIENCE) for process in processes]
        finally:
            for process in processes:
                end(process)
        said = [output.read_text() for output in outputs]
        assert codes == [0] * AT_ONCE, said
        assert sum("Applying accounts.0001_initial" in text for text in said) == 1
        assert sum("No migrations to apply" in text for text in said) == AT_ONCE - 1
        assert is_whole(environment)


def test_one_that_is_killed_midway_leaves_what_the_next_one_finishes(tmp_path) -> None:
    with installation(tmp_path) as environment:
        for seconds in CUT_OFF_AFTER:
            process = start(MIGRATE, environment, tmp_path / "output")
            time.sleep(seconds)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        answer = manage(environment, "migrate")
        assert answer.returncode == 0, answer.stderr
        assert is_whole(environment)
        assert "no difference" in manage(environment, "verify_books").stdout


@pytest.mark.django_db(transaction=True)
def test_whoever_comes_meanwhile_waits() -> None:
    """Those above may miss each other by a moment; this one comes while the lock is held."""
    order: list[str] = []

    def come() -> None:
        try:
            with alone(connection):
                order.append("second")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        with alone(connection):
            second = thread.submit(come)
            time.sleep(1)  # time enough to get in where nothing holds it back
            order.append("first")
        second.result(PATIENCE)
    assert order == ["first", "second"]


@pytest.mark.django_db(transaction=True)
def test_the_lock_is_given_back_also_after_a_failure() -> None:
    with pytest.raises(RuntimeError), alone(connection):
        raise RuntimeError("a migration that fails")
    call_command("migrate", verbosity=0)
