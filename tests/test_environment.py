"""A value that cannot be meant stops the program in one line that names the variable."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from bitfolio.environment import Environment

ROOT = settings.BASE_DIR
BAD = [
    ("PRICE_FETCH_MINUTES", "abc"),
    ("PRICE_FETCH_MINUTES", "-5"),
    ("PRICE_FETCH_MINUTES", "0"),
    ("PRICE_FETCH_MINUTES", "99999"),
    ("PRICE_FETCH_MINUTES", "1" + "0" * 5000),
    ("LOGIN_FAILURE_LIMIT", "five"),
    ("LOG_LEVEL", "foo"),
    ("EMAIL_URL", "foo"),
    ("EMAIL_URL", "smtp://user:s3cret@host:abc"),
    ("DATABASE_URL", "garbage"),
    ("DATABASE_URL", "mysql://user:s3cret@host/name"),
    ("DATABASE_URL", "postgres://user:s3cret@host:abc/name"),
]


def read(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> object:
    monkeypatch.setenv(name, value)
    env = Environment()
    readers = {
        "PRICE_FETCH_MINUTES": lambda: env.whole(name, default=5, most=1440),
        "LOGIN_FAILURE_LIMIT": lambda: env.whole(name, default=5, most=1000),
        "LOG_LEVEL": lambda: env.level(name, default="INFO"),
        "EMAIL_URL": lambda: env.mail(name, default="consolemail://"),
        "DATABASE_URL": lambda: env.database(name, value),
    }
    return readers[name]()


@pytest.mark.parametrize("name, value", BAD)
def test_what_cannot_be_meant_is_named_without_a_secret(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"^{name}[ :]") as caught:
        read(monkeypatch, name, value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "name, value, meant",
    [
        ("PRICE_FETCH_MINUTES", "1", 1),
        ("PRICE_FETCH_MINUTES", " 1440 ", 1440),
        ("LOG_LEVEL", "debug", "DEBUG"),
    ],
)
def test_what_can_be_meant_is_read(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, meant: object
) -> None:
    assert read(monkeypatch, name, value) == meant


@pytest.mark.parametrize("program", [["manage.py", "check"], ["tools/run.py"]])
@pytest.mark.parametrize(
    "name, value",
    [("PRICE_FETCH_MINUTES", "0"), ("LOG_LEVEL", "foo"), ("EMAIL_URL", "foo"), ("DATABASE_URL", "garbage")],
)
def test_a_program_says_it_in_one_line(tmp_path: Path, program: list[str], name: str, value: str) -> None:
    done = subprocess.run(
        [sys.executable, *program],
        cwd=ROOT,
        env={**os.environ, "VAR_DIR": str(tmp_path), "DATABASE_URL": "", "PORT": "0", name: value},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert name in done.stderr
