"""What holds before anything else runs: settings documented, the key made once, SQLite's options in force."""

import os
import re
import socket
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings

from bitfolio import secret_key

ROOT = settings.BASE_DIR
READ = re.compile(r"""(?:env(?:\.\w+)?|os\.environ\.get)\(\s*["']([A-Z][A-Z0-9_]*)["']""")
# Names the file in which the others stand, so it cannot stand there itself.
OUTSIDE_THE_FILE = {"ENV_FILE"}


def settings_that_are_read() -> set[str]:
    texts = [(ROOT / name).read_text() for name in ("bitfolio/settings.py", "deploy/gunicorn.conf.py")]
    read = {name for text in texts for name in READ.findall(text)}
    keys = {name for text in texts for name in re.findall(r'env\.provider\(\s*"\w+", "(\w+)"', text)}
    return (read | keys) - OUTSIDE_THE_FILE


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )


SHOW = "import bitfolio.settings as s; print(s.{})"


class TestDocumentation:
    def test_the_example_file_names_exactly_the_settings_that_are_read(self) -> None:
        documented = re.findall(r"^# ([A-Z][A-Z0-9_]*)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
        assert sorted(documented) == sorted(settings_that_are_read())

    def test_every_line_of_the_example_file_is_a_comment_so_that_a_copy_changes_nothing(self) -> None:
        lines = (ROOT / ".env.example").read_text().splitlines()
        assert [line for line in lines if line and not line.startswith("#")] == []

    def test_the_values_of_the_example_file_are_the_ones_that_hold_without_it(self, tmp_path: Path) -> None:
        shown = (ROOT / ".env.example").read_text()
        (tmp_path / "env").write_text(re.sub(r"^# ([A-Z][A-Z0-9_]*=)", r"\1", shown, flags=re.MULTILINE))
        code = (
            "import bitfolio.settings as s;"
            "print({n: v for n, v in sorted(vars(s).items()) if n.isupper() and n not in ('SECRET_KEY',)})"
        )
        bare = {"VAR_DIR": str(tmp_path), "DATABASE_URL": ""}
        with_file = run_python(code, **bare, ENV_FILE=str(tmp_path / "env"))
        without = run_python(code, **bare, ENV_FILE=os.devnull)
        assert without.returncode == 0, without.stderr
        assert with_file.stdout == without.stdout

    def test_every_setting_has_its_line_in_the_documents(self) -> None:
        documented = set(
            re.findall(r"^\| `([A-Z][A-Z0-9_]*)`", (ROOT / "docs/settings.md").read_text(), re.MULTILINE)
        )
        assert documented == settings_that_are_read() | OUTSIDE_THE_FILE


class TestDefaults:
    def test_debug_and_demo_are_off(self) -> None:
        assert run_python(SHOW.format("DEBUG, s.DEMO")).stdout.split() == ["False", "False"]

    def test_a_file_sets_what_the_environment_leaves_open(self, tmp_path: Path) -> None:
        (tmp_path / "env").write_text("PRICE_FETCH_MINUTES=7\n")
        answer = run_python(SHOW.format("PRICE_FETCH_MINUTES"), ENV_FILE=str(tmp_path / "env"))
        assert answer.stdout.strip() == "7"

    def test_the_environment_wins_over_the_file(self, tmp_path: Path) -> None:
        (tmp_path / "env").write_text("PRICE_FETCH_MINUTES=7\n")
        answer = run_python(
            SHOW.format("PRICE_FETCH_MINUTES"), ENV_FILE=str(tmp_path / "env"), PRICE_FETCH_MINUTES="9"
        )
        assert answer.stdout.strip() == "9"

    def test_a_relative_data_folder_lies_beside_manage_py(self) -> None:
        shown = run_python(SHOW.format("DATABASES['default']['NAME']"), VAR_DIR=".venv/var", DATABASE_URL="")
        assert shown.stdout.strip() == str(ROOT / ".venv/var/bitfolio.sqlite3")

    def test_https_makes_cookies_secure_and_says_so_to_browsers(self) -> None:
        shown = run_python(SHOW.format("SESSION_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0"), HTTPS="1")
        assert shown.stdout.split() == ["True", "True"]

    def test_behind_https_no_other_host_and_no_plain_request_sets_the_cookies_that_matter(self) -> None:
        """The prefix is refused by browsers unless the cookie is Secure, of the whole site, of this host."""
        names = SHOW.format("SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.CSRF_COOKIE_SECURE")
        assert run_python(names, HTTPS="1").stdout.split() == ["__Host-sessionid", "__Host-csrftoken", "True"]

    def test_what_a_proxy_says_of_the_protocol_is_believed_where_there_is_one(self) -> None:
        """Without one anybody could write the header, and pages would take a plain request for a safe one."""
        header = SHOW.format("SECURE_PROXY_SSL_HEADER")
        assert run_python(header, HTTPS="0").stdout.strip() == "None"
        assert run_python(header, HTTPS="1").stdout.strip() == "('HTTP_X_FORWARDED_PROTO', 'https')"

    def test_a_data_folder_that_is_made_is_its_owners_alone(self, tmp_path: Path) -> None:
        """SQLite's file in it holds addresses and password hashes, as a backup does."""
        folder = tmp_path / "var"
        run_python(SHOW.format("VAR_DIR"), VAR_DIR=str(folder))
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_task_under_way_is_never_given_out_again() -> None:
    """The queue's clock begins when a task is handed over, and a worker may hold some that wait."""
    queue = settings.Q_CLUSTER
    assert queue["retry"] >= queue["timeout"] * (1 + queue["workers"])
    told = {"max_attempts": 1, "ack_failures": True, "catch_up": False, "bulk": 1, "recycle": 200}
    assert {name: queue[name] for name in told} == told


class TestSecretKey:
    def test_it_is_made_once_and_only_its_owner_reads_it(self, tmp_path: Path) -> None:
        path = tmp_path / "var" / "secret_key"
        first = secret_key.read_or_make(path)
        assert len(first) >= 50
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert secret_key.read_or_make(path) == first

    def test_eight_processes_that_start_at_once_agree_on_one_key(self, tmp_path: Path) -> None:
        environment = {"VAR_DIR": str(tmp_path), "SECRET_KEY": ""}
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: run_python(SHOW.format("SECRET_KEY"), **environment), range(8)))
        assert {answer.stdout.strip() for answer in answers} == {(tmp_path / "secret_key").read_text()}
        assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]

    def test_a_race_lost_between_look_and_link_takes_the_winners_key(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "secret_key"
        path.write_text("the winner's key")
        monkeypatch.setattr(Path, "exists", lambda self: False)
        assert secret_key.read_or_make(path) == "the winner's key"


class TestDatabase:
    def test_sqlite_keeps_what_it_acknowledged_and_waits_for_its_lock(self, tmp_path: Path) -> None:
        answer = run_python(
            "import django; django.setup()\n"
            "from django.db import connection\n"
            "cursor = connection.cursor()\n"
            "for name in ('journal_mode', 'synchronous', 'foreign_keys', 'busy_timeout'):\n"
            "    print(name, cursor.execute(f'PRAGMA {name}').fetchone()[0])\n",
            VAR_DIR=str(tmp_path),
            DATABASE_URL="",
        )
        full = 2
        assert answer.stdout.splitlines() == [
            "journal_mode wal",
            f"synchronous {full}",
            "foreign_keys 1",
            "busy_timeout 20000",
        ]

    def test_a_sqlite_transaction_takes_the_write_lock_as_it_begins(self, tmp_path: Path) -> None:
        answer = run_python(
            "import django, sqlite3; django.setup()\n"
            "from django.db import connection, transaction\n"
            "with transaction.atomic():\n"
            "    connection.cursor().execute('SELECT 1')\n"
            "    other = sqlite3.connect(connection.settings_dict['NAME'], timeout=0)\n"
            "    try:\n"
            "        other.execute('BEGIN IMMEDIATE')\n"
            "    except sqlite3.OperationalError as error:\n"
            "        print(error)\n",
            VAR_DIR=str(tmp_path),
            DATABASE_URL="",
        )
        assert answer.stdout.strip() == "database is locked"

    def test_a_data_folder_with_odd_characters_is_taken_as_it_is(self, tmp_path: Path) -> None:
        folder = tmp_path / "c++ and 100% ?"
        answer = run_python(SHOW.format("DATABASES['default']['NAME']"), VAR_DIR=str(folder), DATABASE_URL="")
        assert answer.stdout.strip() == str(folder / "bitfolio.sqlite3")

    @pytest.mark.parametrize("url", ["mysql://user:password@localhost/name", "oracle://x/y", "nonsense"])
    def test_another_database_is_refused_in_words(self, url: str) -> None:
        answer = run_python(SHOW.format("DATABASES"), DATABASE_URL=url)
        assert answer.returncode != 0
        last_line = answer.stderr.strip().splitlines()[-1]
        assert "DATABASE_URL: Bitfolio runs on SQLite (sqlite:///path) and on PostgreSQL" in last_line

    def test_these_tests_have_a_database_of_their_own(self) -> None:
        assert not str(settings.VAR_DIR).startswith(str(ROOT))
        assert settings.DATABASES["default"]["NAME"] != ROOT / "var" / "bitfolio.sqlite3"


class TestTheTestRun:
    """The seals of conftest.py hold, so that no test depends on this machine."""

    def test_no_test_reaches_the_network(self) -> None:
        with pytest.raises(AssertionError, match="tests never touch the network"):
            socket.create_connection(("example.org", 80), timeout=1)
        with pytest.raises(AssertionError, match="tests never touch the network"):
            socket.create_connection(("192.0.2.1", 80), timeout=1)

    def test_the_settings_of_the_developer_are_not_read(self) -> None:
        assert os.environ["ENV_FILE"] == os.devnull
        assert not {name for name in settings_that_are_read() if name in os.environ} - {
            "VAR_DIR",
            "DATABASE_URL",
        }
