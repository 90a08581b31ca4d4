"""The pages of errors: each stands alone, asks no database, offers one way on; ours has a reference."""

import json
import re

import pytest
from django.db import DatabaseError, InterfaceError, OperationalError
from django.test import RequestFactory
from structlog.contextvars import bound_contextvars

from bitfolio import errors
from bitfolio.api.errors import SAID
from portfolios.models import Portfolio
from tests.conftest import signed_in
from tests.security.routes import SITE, address

PAGES = ["400.html", "403.html", "403_csrf.html", "404.html", "415.html", "500.html", "503.html"]


@pytest.mark.parametrize("demo", [False, True])
@pytest.mark.parametrize("template", PAGES)
def test_a_page_asks_no_database_and_offers_one_way_on(template, demo, settings, rf: RequestFactory) -> None:
    """Without the mark of the database any query would fail this test."""
    settings.DEMO = demo
    response = errors.page(rf.get("/x/"), int(template[:3]), template=template)
    text = response.content.decode()
    assert len(re.findall(r'<a class="btn', text)) == 1
    assert len(re.findall(r"<h1>", text)) == 1
    assert "<script" not in text
    assert ("Demo mode" in text) is demo


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/nowhere/", "/portfolios/999999/"])
def test_what_is_not_found_keeps_the_frame_of_who_is_signed_in(path, alice_client, client) -> None:
    framed, alone = alice_client.get(path), client.get("/nowhere/")
    assert (framed.status_code, alone.status_code) == (404, 404)
    for words in ("There is nothing here", 'aria-label="Main"', "Sign out"):
        assert words in framed.content.decode()
    assert "Sign out" not in alone.content.decode()


@pytest.mark.django_db
def test_where_nobody_can_be_asked_who_it_is_what_is_not_found_stands_alone(
    alice_client, monkeypatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(errors, "render", away)
    response = alice_client.get("/nowhere/")
    assert response.status_code == 404
    assert "Sign out" not in response.content.decode()


@pytest.mark.parametrize("status", [400, 403, 404, 415, 500, 503])
def test_programs_read_it_as_json(status, rf: RequestFactory) -> None:
    response = errors.page(rf.get("/api/portfolios/"), status)
    assert (response.status_code, json.loads(response.content)["detail"]) == (status, SAID[status])


def answer_to(request, error: Exception):
    try:
        raise error
    except type(error):
        return errors.server_error(request)


def test_a_fault_of_ours_has_a_reference_that_the_log_knows_and_says_nothing_else(rf, caplog) -> None:
    with bound_contextvars(request_id="0123abcd"):
        response = answer_to(rf.get("/x/"), RuntimeError("s3cret at /work/secret.py"))
    text = response.content.decode()
    reference = re.search(r"reference <code[^>]*>([0-9a-f]{8})</code>", text)
    assert response.status_code == 500
    assert reference is not None
    assert reference[1] in caplog.text
    assert "s3cret at" in caplog.text
    assert "s3cret" not in text
    assert "secret.py" not in text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OperationalError("the database is locked"), 503),
        (InterfaceError("connection already closed"), 503),
        (Portfolio.DoesNotExist("gone"), 404),
        (DatabaseError("no such column"), 500),
    ],
)
def test_the_last_resort_knows_what_the_middleware_knows(error, status, rf) -> None:
    assert answer_to(rf.get("/x/"), error).status_code == status


@pytest.mark.parametrize(
    "said", ["database or disk is full", "could not extend file: No space left on device"]
)
def test_a_full_disk_is_said_and_not_to_be_tried_again_at_once(said, rf) -> None:
    response = answer_to(rf.post("/x/"), OperationalError(said))
    assert (response.status_code, response["Retry-After"]) == (503, "300")
    assert "run out of room" in response.content.decode()


def test_what_may_have_been_saved_is_not_called_lost(rf) -> None:
    request = rf.post("/x/")
    request.was_answered = True
    text = answer_to(request, OperationalError("server closed the connection")).content.decode()
    assert "may be saved" in text
    assert "was not saved" not in text


@pytest.mark.django_db
@pytest.mark.parametrize("session", [True, False])
def test_a_database_that_goes_before_the_view_is_reached_is_a_503_too(
    session, alice_client, monkeypatch
) -> None:
    """The session is read in middleware, where no `process_exception` listens."""

    def away(*_: object, **__: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    where = "django.contrib.sessions.backends.db.SessionStore"
    monkeypatch.setattr(f"{where}.load" if session else f"{where}.save", away)
    alice_client.raise_request_exception = False
    path = "/portfolios/" if session else "/accounts/settings/"
    form = {"section": "profile", "name": "A", "email": "a@example.org"}
    response = alice_client.get(path) if session else alice_client.post(path, form)
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert ("may be saved" in response.content.decode()) is not session


def test_without_collected_files_there_is_an_answer_in_plain_words(rf, monkeypatch) -> None:
    def missing(*_: object, **__: object) -> str:
        raise ValueError("Missing staticfiles manifest entry")

    monkeypatch.setattr(errors, "render_to_string", missing)
    response = answer_to(rf.get("/x/"), RuntimeError("x"))
    assert (response.status_code, response.content.decode()) == (500, SAID[500])


ASKS_FOR_PASSWORDS = {"login", "register", "password_change", "settings", "account-delete"}
PASSWORD_FIELD = re.compile(r"<input(?=[^>]*type=\"password\")[^>]*name=\"(\w+)\"")


@pytest.mark.django_db
def test_what_is_told_of_a_fault_leaves_out_every_password(owner, transaction, client) -> None:
    """Of each page that asks for one, its mail to the administrators blots out what was typed into it."""
    found = {}
    for reader in (client, signed_in(owner)):
        for route in SITE:
            response = reader.get(address(route, transaction))
            fields = set() if response.streaming else set(PASSWORD_FIELD.findall(response.content.decode()))
            if fields and response.status_code == 200:
                found[route.name] = fields
                blotted = getattr(response.wsgi_request, "sensitive_post_parameters", ())
                assert blotted == "__ALL__" or fields <= set(blotted), route.name
    assert found.keys() >= ASKS_FOR_PASSWORDS
