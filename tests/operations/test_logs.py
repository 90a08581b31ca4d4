"""Log lines can be followed from a page's error to its cause, and never say what is nobody's business."""

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection, connections
from django.test import Client
from structlog.contextvars import bound_contextvars

from operations.logs import GIVEAWAYS, Formatter
from operations.slow_queries import timed
from portfolios.views import portfolios as doors
from prices.tasks import note_heartbeat
from tests.factories import PortfolioFactory

pytestmark = pytest.mark.django_db
SECRETS = ["a-secret-key-of-long-words", "short", "pässwörd-with-ümlauts"]


@pytest.fixture(params=["line", "json"])
def log(request) -> Iterator[StringIO]:
    """Everything that is logged, as it would be written."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(Formatter(style=request.param, secrets=[*SECRETS, settings.SECRET_KEY]))
    root = logging.getLogger()
    root.addHandler(handler)
    yield written
    root.removeHandler(handler)


class TestTheNumber:
    def test_each_answer_carries_its_own(self, client) -> None:
        numbers = {client.get("/prices/")["X-Request-ID"] for _ in range(3)}
        assert len(numbers) == 3

    def test_that_of_a_proxy_is_taken(self, client) -> None:
        given = "0af7651916cd43dd-8448eb211c80319c"
        assert client.get("/prices/", headers={"X-Request-ID": given})["X-Request-ID"] == given

    @pytest.mark.parametrize(
        "given", ["", "short", "x" * 65, "a b c d e f g", "evil\x1b[31mevil", "é" * 10, "<b>bold</b>"]
    )
    def test_what_cannot_be_one_is_not_repeated(self, given, client) -> None:
        assert client.get("/prices/", headers={"X-Request-ID": given})["X-Request-ID"] != given

    def test_lines_carry_it(self, log) -> None:
        with bound_contextvars(request_id="the-number"):
            logging.getLogger("somewhere").warning("it %s", "happened")
        assert "it happened" in log.getvalue()
        assert "the-number" in log.getvalue()
        assert "WARNING" in log.getvalue().upper()

    def test_what_django_says_once_the_answer_is_there_carries_it_too(self, log, client) -> None:
        answer = client.generic("POST", "/prices/", b"x", content_type="text/plain; charset=hex")
        line = next(line for line in log.getvalue().splitlines() if "Unsupported Media Type" in line)
        assert answer["X-Request-ID"] in line

    def test_it_is_gone_with_the_request(self, log, client) -> None:
        number = client.get("/prices/")["X-Request-ID"]
        logging.getLogger("somewhere").warning("later")
        assert number not in log.getvalue().splitlines()[-1]


class TestErrors:
    def test_a_page_that_breaks_shows_the_number_that_the_log_has(self, log, alice, monkeypatch) -> None:
        response = broken(alice, monkeypatch, RuntimeError("a bug"))
        assert response.status_code == 500
        number = response["X-Request-ID"]
        assert number in response.content.decode()
        raised = next(line for line in log.getvalue().splitlines() if "Internal Server Error" in line)
        assert number in raised
        assert "RuntimeError: a bug" in log.getvalue()

    def test_a_busy_database_is_a_503_with_the_number(self, alice, monkeypatch) -> None:
        response = broken(alice, monkeypatch, OperationalError("database is locked"))
        assert response.status_code == 503
        assert response["X-Request-ID"] in response.content.decode()

    @pytest.mark.parametrize("path", ["/prices/", "/api/portfolios"])
    def test_why_the_database_was_away_stands_in_the_log_under_that_number(
        self, path, log, alice, monkeypatch
    ) -> None:
        """The answer says no more than "busy or away": whoever runs the site looks here for the rest."""
        client = signed_in(alice)
        away(monkeypatch)
        response = client.get(path)
        assert response.status_code == 503
        cause = next(line for line in log.getvalue().splitlines() if "could not connect to server" in line)
        assert response["X-Request-ID"] in cause

    @pytest.mark.parametrize("path", ["/", "/portfolios/new/", "/prices/", "/accounts/login/", "/staff/"])
    def test_a_database_that_is_away_is_a_503_on_every_page(self, path, alice, monkeypatch) -> None:
        """Also where it is asked before any view: for the session, for the user."""
        client = signed_in(alice)
        away(monkeypatch)
        response = client.get(path)
        assert (response.status_code, response["Retry-After"]) == (503, "5")
        assert "busy or away" in response.content.decode()

    def test_programs_are_told_in_json(self, alice, monkeypatch) -> None:
        client = signed_in(alice)
        away(monkeypatch)
        response = client.get("/api/something/")
        if response.status_code != 404:
            assert response.status_code == 503
            assert response["X-Request-ID"]
        assert client.get("/api/health").status_code == 503


def signed_in(user: Any) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="accounts.backends.AccountBackend")
    return client


def broken(user: Any, monkeypatch: pytest.MonkeyPatch, error: Exception) -> Any:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(doors, "create_portfolio", fail)
    return signed_in(user).post("/portfolios/new/", {"name": "Savings", "currency": "USD"})


def away(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("could not connect to server")

    monkeypatch.setattr(connections["default"], "cursor", fail)


class TestForPrograms:
    def test_json_is_one_object_a_line(self) -> None:
        record = logging.LogRecord("here", logging.ERROR, "", 0, "line one\nline %s", ("two",), None)
        text = Formatter(style="json", secrets=[]).format(record)
        assert "\n" not in text
        said = json.loads(text)
        assert (said["event"], said["level"], said["logger"]) == ("line one\nline two", "error", "here")
        assert said["timestamp"].endswith("Z")


class TestWhatIsNeverSaid:
    @pytest.mark.parametrize(
        "text, gone",
        [
            ("key a-secret-key-of-long-words here", "a-secret-key"),
            ("pässwörd-with-ümlauts", "pässwörd"),
            ("Not Found: /accounts/reset/MQ/c1x2y3-abcdef/", "c1x2y3"),
            ("Authorization: Bearer abc.def", "abc.def"),
            ("token eyJhbGciOi.eyJzdWIi.c2ln", "c2ln"),
            ("Not Found: /api/bf_rHbZB2L1mxuJ4YFnBQg0W3cwO0Njb", "rHbZB2L1"),
            ("GET /portfolios/1/?quantity=12.5&price=4", "12.5"),
            ("null value\nDETAIL:  Failing row contains (1, 12.345678)", "12.345678"),
            ("postgres://bitfolio:hunter2222@db/x", "hunter2222"),
        ],
    )
    def test_secrets_are_blotted_out(self, text, gone, log) -> None:
        logging.getLogger("somewhere").warning(text)
        assert gone not in log.getvalue()
        assert "…" in log.getvalue() or "\\u2026" in log.getvalue()

    def test_they_are_blotted_out_of_what_was_raised_too(self, log) -> None:
        try:
            raise ValueError("the key is a-secret-key-of-long-words")
        except ValueError:
            logging.getLogger("somewhere").exception("oh")
        assert "a-secret-key-of-long-words" not in log.getvalue()
        assert "ValueError" in log.getvalue()

    @pytest.mark.parametrize("text", ["What now? yes", "12:30:15", "short", "/prices/BTC/", "a is b=c"])
    def test_innocent_words_stay(self, text, log) -> None:
        assert not GIVEAWAYS.search(text)
        logging.getLogger("somewhere").warning(text)
        assert text in log.getvalue()


class TestRequests:
    def test_a_line_for_each_answer_if_wanted_with_routes_in_place_of_addresses(
        self, log, alice, settings
    ) -> None:
        portfolio = PortfolioFactory(owner=alice)
        client = signed_in(alice)
        client.get(f"/portfolios/{portfolio.pk}/")
        assert "/portfolios/<int:pk>/" not in log.getvalue()
        settings.LOG_REQUESTS = True
        client.get(f"/portfolios/{portfolio.pk}/?q=my-own-words")
        assert "/portfolios/<int:pk>/" in log.getvalue()
        assert "my-own-words" not in log.getvalue()


class TestSlowQueries:
    def test_a_slow_statement_is_said_without_its_values(self, log, client, settings, monkeypatch) -> None:
        settings.SLOW_QUERY_MS = 1
        ticks = iter(range(100_000))
        monkeypatch.setattr("operations.slow_queries.monotonic", lambda: next(ticks))
        number = client.get("/prices/BTC/?since=31337")["X-Request-ID"]
        lines = [line for line in log.getvalue().splitlines() if "slow query" in line]
        assert lines
        assert "SELECT" in lines[0]
        assert all(number in line for line in lines)
        assert not any("'BTC'" in line for line in lines)

    def test_a_task_of_the_worker_is_told_of_too(self, log, db, settings, monkeypatch) -> None:
        settings.SLOW_QUERY_MS = 1
        ticks = iter(range(100_000))
        monkeypatch.setattr("operations.slow_queries.monotonic", lambda: next(ticks))
        note_heartbeat(None)
        lines = [line for line in log.getvalue().splitlines() if "slow query" in line]
        assert any("prices_heartbeat" in line for line in lines)

    def test_one_of_many_rows_is_enough(self, log, settings, monkeypatch) -> None:
        """Said by hand: Django writes many rows in this form on SQLite alone."""
        settings.SLOW_QUERY_MS = 1
        ticks = iter(range(100_000))
        monkeypatch.setattr("operations.slow_queries.monotonic", lambda: next(ticks))
        sql = f"INSERT INTO some (one, other) VALUES {', '.join(['(%s, %s)'] * 50)} RETURNING id"
        assert timed(lambda *_: "done", sql, (), many=False, context=None) == "done"
        line = next(line for line in log.getvalue().splitlines() if "slow query" in line)
        assert line.count("(%s, %s)") == 1
        assert "VALUES (%s, %s), " in line
        assert "RETURNING id" in line

    def test_every_new_connection_is_watched_once(self, transactional_db) -> None:
        for _ in range(3):
            connection.close()
            connection.ensure_connection()
        assert connection.execute_wrappers.count(timed) == 1

    def test_fast_ones_are_not_mentioned_nor_any_when_it_is_off(
        self, log, client, settings, monkeypatch
    ) -> None:
        client.get("/prices/")
        settings.SLOW_QUERY_MS = 0
        ticks = iter(range(100_000))
        monkeypatch.setattr("operations.slow_queries.monotonic", lambda: next(ticks))
        client.get("/prices/")
        assert "slow query" not in log.getvalue()
