"""Database away, locked or full, worker away: reads go on or say so, writes are a 503, nothing half done."""

import os
import re
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from portfolios.models import Portfolio
from portfolios.selectors import differences
from tests.factories import AssetFactory, PortfolioFactory, SnapshotFactory, record

ROOT = settings.BASE_DIR
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite's file")
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="about PostgreSQL's locks")
ASK = """
import django, time
from django.conf import settings
django.setup()
from django.test import Client
settings.ALLOWED_HOSTS = ["testserver"]
client = Client(raise_request_exception=False)
client.cookies["sessionid"] = "x" * 32
for method, path in {asked}:
    began = time.monotonic()
    answer = client.generic(method, path)
    print("said", method, path, answer.status_code, answer.get("Retry-After"), time.monotonic() - began < 60,
          b"database" in answer.content)
"""
ASKED = [
    ("GET", "/"),
    ("GET", "/transactions/"),
    ("GET", "/prices/"),
    ("GET", "/admin/"),
    ("POST", "/accounts/login/"),
    ("POST", "/portfolios/new/"),
    ("GET", "/no/such/page/"),
    ("GET", "/api/health/"),
]


def everywhere_503(url: str, folder: Path) -> None:
    """Whatever is asked of an installation on that database is answered: it is away, ask again then."""
    environment = {
        **os.environ,
        "VAR_DIR": str(folder),
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "bitfolio.settings",
    }
    command = [sys.executable, "-c", ASK.format(asked=ASKED)]
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
    said = [line.split()[1:] for line in answer.stdout.splitlines() if line.startswith("said")]
    assert len(said) == len(ASKED), answer.stderr[-2000:]
    for method, path, status, retry_after, was_quick, names_it in said:
        assert (status, was_quick, names_it) == ("503", "True", "True"), (method, path)
        assert retry_after == "5" or path == "/api/health/", (method, path)
    assert "s3cret" not in answer.stdout + answer.stderr


def test_a_postgresql_that_is_away_is_a_503_everywhere(tmp_path) -> None:
    everywhere_503("postgres://u:s3cret@127.0.0.1:1/x", tmp_path)


@on_postgresql
def test_so_is_one_that_takes_no_more_connections(db, tmp_path) -> None:
    role = f"crowded_{os.getpid()}"
    server_url = os.environ["TEST_DATABASE_URL"]
    url = re.sub(r"//([^/@]*@)?", f"//{role}:s3cret@", server_url, count=1)
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f"CREATE ROLE {role} LOGIN PASSWORD 's3cret' CONNECTION LIMIT 0")
        try:
            with pytest.raises(psycopg.OperationalError, match="too many connections"):
                psycopg.connect(url)
            everywhere_503(url, tmp_path)
        finally:
            server.execute(f"DROP ROLE {role}")


@pytest.fixture
def portfolio(transactional_db, alice) -> Portfolio:
    SnapshotFactory()
    found = PortfolioFactory(owner=alice, name="Savings")
    record(found, "buy", "1", "2024-01-01", unit_price="100")
    return found


def a_purchase(portfolio: Portfolio) -> dict[str, object]:
    coin = AssetFactory().pk
    about = {"kind": "buy", "portfolio": portfolio.pk, "asset": coin, "quantity": "1", "unit_price": "5"}
    return about | {"occurred_at": "2024-02-01T00:00"}


@on_sqlite
def test_while_somebody_holds_sqlites_lock_reads_go_on_and_writes_say_so(portfolio, alice_client) -> None:
    form = a_purchase(portfolio)
    stray = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 300")
    stray.execute("BEGIN IMMEDIATE")
    try:
        for path in ("/", "/transactions/", f"/portfolios/{portfolio.pk}/", "/prices/"):
            assert alice_client.get(path).status_code == 200
        began = time.monotonic()
        response = alice_client.post("/transactions/new/", form)
        assert time.monotonic() - began < 15  # the 300 ms, not the 20 s of before
        assert (response.status_code, response["Retry-After"]) == (503, "5")
        assert "was not saved" in response.content.decode()
    finally:
        stray.execute("ROLLBACK")
        stray.close()
    assert portfolio.transactions.count() == 1
    assert alice_client.post("/transactions/new/", form).status_code == 303
    assert differences(portfolio) == []


def test_a_request_gives_up_on_a_lock_before_the_server_gives_up_on_it() -> None:
    """gunicorn replaces a worker after 40 s (deploy/gunicorn.conf.py); a database is waited for 20 s."""
    options = settings.DATABASES["default"]["OPTIONS"]
    if connection.vendor == "sqlite":
        assert options["timeout"] == 20
    else:
        assert (options["options"], options["connect_timeout"]) == ("-c lock_timeout=20s", 5)


@on_postgresql
def test_while_somebody_holds_a_row_of_postgresql_reads_go_on_and_writes_say_so(
    portfolio, alice_client
) -> None:
    form, stray = a_purchase(portfolio), connection.copy()
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '300ms'")
    stray.set_autocommit(False)
    try:
        with stray.cursor() as cursor:
            cursor.execute("SELECT 1 FROM portfolios_portfolio FOR UPDATE")
        assert alice_client.get("/transactions/").status_code == 200
        assert alice_client.post("/transactions/new/", form).status_code == 503
    finally:
        stray.rollback()
        stray.close()
    assert portfolio.transactions.count() == 1
    assert differences(portfolio) == []


@on_sqlite
def test_a_full_disk_loses_nothing_and_says_so(portfolio, alice_client) -> None:
    form, api = a_purchase(portfolio), f"/api/portfolios/{portfolio.pk}/transactions"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # what other tests deleted would be room
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
        try:
            others = [form | {"note": "x" * 500, "quantity": f"1.{number:03}"} for number in range(1, 61)]
            answers = [alice_client.post("/transactions/new/", each) for each in others]
            said = {name: form[name] for name in ("kind", "quantity", "unit_price")}
            body = said | {"asset": "BTC", "occurred_at": "2024-02-01T00:00:00Z", "note": "x" * 500}
            told = [alice_client.post(api, body, content_type="application/json") for _ in range(60)]
        finally:
            cursor.execute("PRAGMA max_page_count = 1073741823")
    full = [answer for answer in answers if answer.status_code == 503]
    saved = [answer for answer in answers if answer.status_code == 303]
    assert full
    assert len(full) + len(saved) == len(answers)
    assert "run out of room" in full[0].content.decode()
    assert full[0]["Retry-After"] == "300"
    assert {answer.status_code for answer in told} <= {201, 503}
    assert "run out of room" in told[-1].json()["detail"]
    assert told[-1]["Retry-After"] == "300"
    assert portfolio.transactions.count() == 1 + len(saved) + [each.status_code for each in told].count(201)
    assert differences(portfolio) == []
    assert alice_client.get(f"/portfolios/{portfolio.pk}/").status_code == 200


def test_without_worker_and_providers_every_page_is_there_and_says_how_old_prices_are(
    portfolio, alice_client
) -> None:
    """The last price is of 2025, nothing beats, and no provider can be reached from a test."""
    for path in ("/", "/portfolios/", f"/portfolios/{portfolio.pk}/", "/transactions/", "/prices/"):
        response = alice_client.get(path)
        assert response.status_code == 200
        assert "Prices are not being updated" in response.content.decode()
