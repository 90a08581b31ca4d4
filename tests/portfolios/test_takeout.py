"""Everything as one file: whole, exact, one's own alone, harmless in a spreadsheet, without secrets."""

import csv
import io
import json
from zipfile import ZipFile

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from portfolios.services import delete_transaction
from tests.factories import NOW, ApiTokenFactory, PortfolioFactory, SignInFactory, TokenFamilyFactory, record
from tests.portfolios.test_leaving import a_full_life, everything

pytestmark = pytest.mark.django_db
URL = "/accounts/settings/data/export/"
TABLES = {
    "portfolios", "transactions", "deleted_transactions", "transaction_changes", "portfolio_changes",
    "holdings", "lots", "disposals",
}  # fmt: skip
TOLD = {
    "accounts_user", "accounts_signin", "accounts_tokenfamily", "accounts_apitoken", "portfolios_portfolio",
    "portfolios_transaction", "portfolios_holding", "portfolios_lot", "portfolios_disposal",
    "portfolios_historicalportfolio", "portfolios_historicaltransaction",
}  # fmt: skip
FOLLOWS = {"portfolios_booking", "portfolios_dailyposition"}  # from the transactions, as the figures do
# Keys, what the API answered for two days, tries to sign in, what somebody did in the administration.
STAYS = {
    "django_session", "accounts_answer", "axes_accessattempt", "axes_accessfailurelog", "axes_accesslog",
    "django_admin_log",
}  # fmt: skip


def export(client: Client) -> dict[str, str]:
    answer = client.get(URL)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"].startswith('attachment; filename="bitfolio-')
    with ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as packed:
        assert packed.testzip() is None
        return {name: packed.read(name).decode() for name in packed.namelist()}


def rows(files: dict[str, str], table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[f"{table}.csv"], newline="")))


@pytest.fixture
def savings(alice: User):
    return PortfolioFactory(owner=alice, name="=Savings()")


def test_there_is_a_file_for_each_table_even_without_rows(alice_client) -> None:
    files = export(alice_client)
    assert set(files) == {f"{name}.csv" for name in TABLES} | {"README.txt", "account.json"}
    assert all(rows(files, name) == [] for name in TABLES)
    assert all(f"{name}.csv" in files["README.txt"] for name in TABLES)


def test_digits_are_exact_and_formulas_harmless(alice_client, savings) -> None:
    record(savings, "buy", "0.123456789012345678", "2024-01-01 10:00", unit_price="3.14", note="+1 tip")
    record(savings, "sell", "0.1", "2024-02-01", unit_price="4")
    files = export(alice_client)
    bought, sold = rows(files, "transactions")
    assert bought["quantity"] == "0.123456789012345678"
    assert (bought["portfolio"], bought["note"]) == ("'=Savings()", "'+1 tip")
    assert bought["occurred_at"] == "2024-01-01T10:00:00Z"
    assert [one["quantity"] for one in rows(files, "holdings")] == ["0.023456789012345678"]
    assert [one["quantity"] for one in rows(files, "disposals")] == ["0.1"]
    assert [one["open_quantity"] for one in rows(files, "lots")] == ["0.023456789012345678"]
    assert sold["kind"] == "sell"


def test_the_history_and_what_was_deleted_are_in_it(alice_client, alice, savings) -> None:
    gone = record(savings, "buy", "1", "2024-01-01", unit_price="3")
    delete_transaction(transaction=gone, now=NOW)
    files = export(alice_client)
    assert rows(files, "transactions") == []
    assert [one["deleted_at"] for one in rows(files, "deleted_transactions")] == ["2025-01-01T00:00:00Z"]
    changes = rows(files, "transaction_changes")
    assert [(one["act"], one["asset"]) for one in changes] == [("recorded", "BTC"), ("deleted", "BTC")]
    assert [one["name"] for one in rows(files, "portfolio_changes")] == ["'=Savings()"]


def test_nothing_of_anybody_else_is_in_it(alice_client, savings) -> None:
    """Whatever others do and delete, in every table that there is, not one byte of hers is another."""
    record(savings, "buy", "2", "2024-01-01", unit_price="3")
    record(savings, "sell", "1", "2024-02-01", unit_price="3")
    with time_machine.travel(NOW, tick=False):
        export(alice_client)  # which is noted as a visit
        before = export(alice_client)
        a_full_life("charlie")
        assert export(alice_client) == before


def test_what_is_kept_about_a_user_is_in_it_or_named_here(alice_client) -> None:
    """A new table with rows of users turns this red: take it along, or say why it stays."""
    a_full_life("bob")  # and the market, which is nobody's
    before = everything()
    a_full_life("dora")
    grown = {name for name, rows in everything().items() if len(rows) > len(before[name])}
    assert grown == TOLD | FOLLOWS | STAYS


def test_the_account_is_told_without_its_secrets(alice_client, alice) -> None:
    token = ApiTokenFactory(owner=alice, name="Script", prefix="bf_abcde", stamp=alice.stamp)
    family = TokenFamilyFactory(owner=alice, stamp=alice.stamp, current="current-number")
    files = export(alice_client)
    account = json.loads(files["account.json"])
    assert (account["username"], account["email"]) == ("alice", "alice@example.org")
    assert account["settings"]["timezone"] == "UTC"
    assert [one["name"] for one in account["api_tokens"]] == ["Script"]
    whole = "".join(files.values())
    kept = (alice.password, alice.stamp, token.digest, token.prefix, family.current, str(family.key))
    assert not any(secret in whole for secret in kept)
    assert not any(cookie.value in whole for cookie in alice_client.cookies.values())


def test_the_demo_tells_of_nobody_who_is_signed_in(alice_client, alice, settings) -> None:
    settings.DEMO = True
    User.objects.filter(pk=alice.pk).update(is_demo=True)
    SignInFactory(owner=alice, device="Somebody's browser")
    assert json.loads(export(alice_client)["account.json"])["signed_in"] == []


def test_a_visitor_is_sent_to_sign_in(client) -> None:
    assert client.get(URL).status_code == 302
    assert Client().get(URL)["Location"].startswith("/accounts/login/")


def test_the_section_says_what_there_is(alice_client, savings) -> None:
    record(savings, "buy", "1", "2024-01-01", unit_price="3")
    page = alice_client.get("/accounts/settings/data/").content.decode()
    assert "1 portfolio and 1 transaction with" in page
    assert URL in page
