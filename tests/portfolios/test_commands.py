"""load_demo, verify_books and rebuild_books, as an administrator runs them."""

from decimal import Decimal
from io import StringIO

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from accounts.models import User
from portfolios.demo import PORTFOLIOS
from portfolios.models import Holding, Kind, Transaction
from portfolios.selectors import overviews
from prices.services import load_price_pack
from tests.factories import NOW, PortfolioFactory, record

pytestmark = pytest.mark.django_db


def output(command: str) -> str:
    out = StringIO()
    call_command(command, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.fixture
def demo_mode(monkeypatch) -> None:
    monkeypatch.setattr(settings, "DEMO", True)


def test_the_demo_needs_demo_mode() -> None:
    with pytest.raises(CommandError, match="DEMO=1"):
        output("load_demo")
    assert not User.objects.exists()


def test_the_demo_needs_the_price_pack_and_leaves_nothing_half_done(demo_mode) -> None:
    with pytest.raises(CommandError, match="price pack"):
        output("load_demo")
    assert not User.objects.exists()


def test_the_demo_has_something_true_for_every_part_of_the_dashboard(demo_mode) -> None:
    load_price_pack(now=NOW)
    output("load_demo")
    output("load_demo")
    user = User.objects.get()
    portfolios = list(user.portfolios.all())
    assert [each.name for each in portfolios] == list(PORTFOLIOS)
    assert {row.kind for row in Transaction.objects.all()} >= {
        Kind.BUY, Kind.SELL, Kind.DEPOSIT, Kind.WITHDRAWAL, Kind.INCOME,
    }  # fmt: skip
    together, each = overviews(portfolios, currency="USD", now=NOW)
    assert together.books_balance
    assert not together.prices.missing
    assert len(together.open_holdings) == 4
    for figure in (
        "value",
        "cost_basis",
        "unrealised",
        "realised",
        "income",
        "fees",
        "money_in",
        "money_out",
    ):
        assert getattr(together, figure) > 0
    assert any(not holding.is_open for one in each.values() for holding in one.holdings) or each


@pytest.mark.parametrize("name", ["demo", "Demo"])
def test_a_name_that_is_taken_is_said_and_nothing_is_done(demo_mode, name: str) -> None:
    load_price_pack(now=NOW)
    User.objects.create_user(name, password="somebody-elses-password")
    with pytest.raises(CommandError, match=f"'{name}' is taken.*DEMO=0"):
        output("load_demo")
    assert not User.objects.get().portfolios.exists()


def test_the_demo_signs_in_in_demo_mode_alone(demo_mode, monkeypatch, rf) -> None:
    User.objects.create_user("demo", password="demo", is_demo=True)
    request = rf.post("/accounts/login/")
    assert authenticate(request, username="demo", password="demo")
    monkeypatch.setattr(settings, "DEMO", False)
    assert authenticate(request, username="demo", password="demo") is None


def test_leaving_demo_mode_ends_the_demos_sessions(demo_mode, monkeypatch, client) -> None:
    client.force_login(
        User.objects.create_user("demo", is_demo=True), backend="accounts.backends.AccountBackend"
    )
    assert client.get("/portfolios/").status_code == 200
    monkeypatch.setattr(settings, "DEMO", False)
    assert client.get("/portfolios/").status_code == 302


def test_verify_books_is_silent_on_true_books_and_names_each_difference(alice) -> None:
    record(PortfolioFactory(owner=alice), "buy", "1", "2024-01-01", unit_price="100")
    assert "no difference" in output("verify_books")
    Holding.objects.update(cost_basis=Decimal(99))
    with pytest.raises(CommandError, match="differences"):
        output("verify_books")


def test_verify_books_names_transactions_that_can_not_be_true(alice) -> None:
    portfolio = PortfolioFactory(owner=alice)
    record(portfolio, "buy", "1", "2024-01-01", unit_price="100")
    sold = record(portfolio, "sell", "1", "2024-01-02", unit_price="100")
    Transaction.objects.filter(pk=sold.pk).update(quantity=Decimal(2))
    errors = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_books", stdout=StringIO(), stderr=errors)
    assert "You held 1 BTC" in errors.getvalue()


def test_verify_books_names_what_was_changed_past_the_audit_trail(alice) -> None:
    row = record(PortfolioFactory(owner=alice), "buy", "1", "2024-01-01", unit_price="100")
    Transaction.objects.update(note="forged", deleted_at=None)
    errors = StringIO()
    with pytest.raises(CommandError, match="1 differences"):
        call_command("verify_books", stdout=StringIO(), stderr=errors)
    said = f"{row.portfolio_id} transaction {row.pk}: note is forged, the audit trail says "
    assert said in errors.getvalue()
    Transaction.history.all().delete()
    assert "no difference" in output("verify_books")


def test_rebuild_books_mends_what_verify_books_found(alice) -> None:
    record(PortfolioFactory(owner=alice), "buy", "1", "2024-01-01", unit_price="100")
    Holding.objects.update(cost_basis=Decimal(99))
    assert "1 portfolios" in output("rebuild_books")
    assert "no difference" in output("verify_books")
