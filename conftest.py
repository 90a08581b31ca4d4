"""Seals a test run off from the machine, before the settings are read: no `.env`, no `var/`, no network.

It stands at the top because pytest loads this file first, whatever is asked to run. The cast of the tests is
in tests/conftest.py.
"""

import atexit
import os
import re
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Any

import django
from django.conf import settings

ROOT = Path(__file__).resolve().parent
IS_XDIST_WORKER = "PYTEST_XDIST_WORKER" in os.environ  # workers inherit what the first process has set
LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1", ""}


def forget_the_settings_of_this_machine() -> None:
    for name in re.findall(r"^#? ?([A-Z][A-Z0-9_]*)=", (ROOT / ".env.example").read_text(), re.MULTILINE):
        os.environ.pop(name, None)
    scratch = tempfile.mkdtemp(prefix="bitfolio-tests-")
    atexit.register(shutil.rmtree, scratch, ignore_errors=True)
    os.environ["ENV_FILE"] = os.devnull
    os.environ["VAR_DIR"] = scratch
    os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL", "")


def adjust_settings_for_tests() -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.AXES_ENABLED = False  # tests of the lock-out turn it on
    settings.ACCOUNT_FORMS_PER_HOUR = settings.LOGIN_FAILURES_PER_HOUR = 0  # so do those of the throttle
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.STATIC_ROOT.mkdir(exist_ok=True)  # or WhiteNoise warns of its absence
    database = settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        # A file, as in life: what is kept in memory has no write-ahead log and locks in another way.
        database.setdefault("TEST", {})["NAME"] = str(settings.VAR_DIR / "test.sqlite3")


class NetworkForbiddenError(AssertionError):
    """A test tried to leave this machine."""


def stay_on_this_machine() -> None:
    connect, resolve = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in LOCAL_HOSTS:
            raise NetworkForbiddenError(f"tests never touch the network, but something connects to {address}")
        connect(self, address)

    def guarded_resolve(host: Any, *arguments: Any, **options: Any) -> Any:
        if host is not None and host not in LOCAL_HOSTS:
            raise NetworkForbiddenError(f"tests never touch the network, but something looks up {host!r}")
        return resolve(host, *arguments, **options)

    socket.socket.connect = guarded_connect  # type: ignore[method-assign]
    socket.getaddrinfo = guarded_resolve


if not IS_XDIST_WORKER:
    forget_the_settings_of_this_machine()
os.environ["DJANGO_SETTINGS_MODULE"] = "bitfolio.settings"
adjust_settings_for_tests()
stay_on_this_machine()
django.setup()
