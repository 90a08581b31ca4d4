"""What holds on every route: exact numbers, times of any offset, refusals by field, never a 500."""

from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.test import Client

from portfolios.models import Transaction
from tests.api.test_transactions import BUY
from tests.conftest import signed_in
from tests.factories import record

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "pk", ["0", "-1", "9223372036854775807", "9223372036854775808", "1" + "0" * 30, "x", "1.0", "٣"]
)
def test_numbers_that_no_row_has_are_not_found(program, portfolio, address, pk) -> None:
    for path in (f"/portfolios/{pk}", f"/portfolios/{pk}/transactions", f"{address}/{pk}"):
        for method in ("get", "patch", "delete"):
            body = {"name": "x"} if method == "patch" else None
            assert program.send(method, path, body).status_code in {404, 405}


@pytest.mark.parametrize(
    "query,field",
    [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=x", "limit"),
        ("limit=1_0", "limit"),
        ("limit=１", "limit"),
        ("limit=1.0", "limit"),
        ("limit=", "limit"),
        ("offset=-1", "offset"),
        ("offset=1" + "0" * 30, "offset"),
        ("page=2", "page"),
        ("limit=1&limit=2", "limit"),
        ("Limit=1", "Limit"),
        ("asset=NOPE", "asset"),
        ("asset=%00", "asset"),
        ("kind=hodl", "kind"),
        ("from=x", "from"),
        ("to=2008-01-01", "to"),
        ("since=2024-01-01", "since"),
    ],
)
def test_queries_are_declared_and_sound(program, address, query, field) -> None:
    said = program.send("get", f"{address}?{query}")
    assert (said.status_code, list(said.json()["errors"])) == (422, [field])


def test_paths_answer_with_and_without_the_slash(program, address) -> None:
    assert program.send("post", f"{address}/", BUY).status_code == 201
    assert program.send("post", "/portfolios", {"name": "A"}).status_code == 201
    assert program.send("get", f"{address}/?limit=1").json()["count"] == 1


def test_a_database_that_is_busy_or_away_is_a_503_with_the_time_to_wait(program, address) -> None:
    with patch("portfolios.services.record_transaction", side_effect=OperationalError("locked")):
        said = program.send("post", address, BUY)
    assert (said.status_code, said["Retry-After"], said.json()["errors"]) == (503, "5", {})
    with patch("bitfolio.api.authentication.bearer_of", side_effect=OperationalError("gone")):
        assert program.send("get", address).status_code == 503


def test_what_breaks_all_the_same_is_told_in_json(program, address) -> None:
    with patch("portfolios.services.record_transaction", side_effect=ArithmeticError):
        said = program.send("post", address, BUY)
    assert (said.status_code, said.json()) == (
        500,
        {"detail": "Something broke here; it was noted.", "errors": {}},
    )


def test_a_host_that_is_not_ours_is_told_in_json(program) -> None:
    said = program.get("/api/portfolios/", headers={"host": "evil.example"})
    assert (said.status_code, said.json()["errors"]) == (400, {})


class TestWhoAsks:
    @pytest.mark.parametrize("token", ["", "x", "a.b.c", "bf_x", "x" * 100_000, "\xff"])
    def test_a_token_that_is_not_good_is_a_401(self, address, token) -> None:
        said = Client().get(f"/api{address}", headers={"authorization": f"Bearer {token}"})
        assert (said.status_code, said["WWW-Authenticate"], said.json()["errors"]) == (401, "Bearer", {})

    def test_nobody_is_a_401_before_anything_else(self, address) -> None:
        for path in (address, f"{address}?what=1", "/portfolios/999", f"{address}/1"):
            assert Client().get(f"/api{path}").status_code == 401
        assert Client().post(f"/api{address}", b"{", content_type="x/y").status_code == 401

    def test_a_disabled_user_is_a_401(self, program, alice, address) -> None:
        alice.is_active = False
        alice.save()
        assert program.send("get", address).status_code == 401

    def test_a_session_reads_and_changes_with_its_csrf_token_alone(self, alice, portfolio, address) -> None:
        browser = Client(enforce_csrf_checks=True)
        browser.cookies = signed_in(alice).cookies
        assert browser.get(f"/api{address}").status_code == 200
        refused = browser.post(f"/api{address}", BUY, content_type="application/json")
        assert (refused.status_code, "X-CSRFToken" in refused.json()["detail"]) == (403, True)
        browser.get("/api/docs")
        token = {"X-CSRFToken": browser.cookies["csrftoken"].value}
        sent = browser.post(f"/api{address}", BUY, content_type="application/json", headers=token)
        assert sent.status_code == 201

    def test_a_bad_token_beside_a_session_is_a_401(self, alice, address) -> None:
        browser = signed_in(alice)
        assert browser.get(f"/api{address}", headers={"authorization": "Bearer x"}).status_code == 401

    def test_the_audit_trail_knows_whose_token_it_was(self, program, alice, address) -> None:
        program.send("post", address, BUY)
        assert Transaction.history.get().history_user == alice


class TestHeaders:
    def test_nothing_is_kept_by_a_cache(self, program, address) -> None:
        said = program.send("get", address)
        assert said["Cache-Control"] == "private, no-store"
        assert {"Authorization", "Cookie"} <= set(said["Vary"].replace(",", "").split())

    def test_answers_to_tokens_are_compressed_and_answers_to_sessions_are_not(
        self, program, alice, portfolio, address
    ) -> None:
        for day in range(1, 10):
            record(portfolio, "buy", "1", f"2024-01-0{day}", unit_price="100")
        wanted = {"accept-encoding": "gzip"}
        assert program.send("get", address, Accept_Encoding="gzip")["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in signed_in(alice).get(f"/api{address}", headers=wanted)
