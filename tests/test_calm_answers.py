"""What goes wrong beneath a view reaches the visitor as an answer, never as a 500."""

import psycopg
import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError

from bitfolio.away import may_be_saved
from portfolios import services
from portfolios.models import Portfolio
from portfolios.views import portfolios as doors
from tests.factories import PortfolioFactory, record

pytestmark = pytest.mark.django_db


def test_a_busy_database_is_a_503_that_says_when_to_come_back(alice, alice_client, monkeypatch) -> None:
    def busy(**_: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(doors, "create_portfolio", busy)
    response = alice_client.post("/portfolios/new/", {"name": "Savings", "currency": "USD"})
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert "not saved" in response.content.decode()


def test_a_session_that_the_database_could_not_take_is_no_bad_request(alice_client, monkeypatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    form = {"name": "Savings", "currency": "USD"}
    monkeypatch.setattr(SessionStore.get_model_class(), "save", away)
    response = alice_client.post("/portfolios/new/", form)  # saved, and then its message is not
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert "may be saved" in response.content.decode()


@pytest.mark.parametrize(
    "said, method, is_open",
    [
        ("server closed the connection unexpectedly", "POST", True),
        ("server closed the connection unexpectedly", "GET", False),
        ("connection failed: connection refused", "POST", False),
    ],
)
def test_a_change_whose_connection_broke_may_be_saved(rf, said, method, is_open) -> None:
    error = OperationalError(said)
    error.__cause__ = psycopg.OperationalError(said)
    assert may_be_saved(rf.generic(method, "/"), error) is is_open


def test_a_portfolio_that_goes_while_it_is_renamed_is_not_found(alice, alice_client, monkeypatch) -> None:
    portfolio = PortfolioFactory(owner=alice)

    def too_late(**_: object) -> None:
        Portfolio.objects.all().delete()
        services.rename_portfolio(portfolio=portfolio, name="New")

    monkeypatch.setattr(doors, "rename_portfolio", too_late)
    response = alice_client.post(f"/portfolios/{portfolio.pk}/edit/", {"name": "New"})
    assert response.status_code == 404


def test_a_return_past_all_sense_does_not_break_its_page(alice, alice_client) -> None:
    portfolio = PortfolioFactory(owner=alice)
    for month in ("01", "02"):
        record(portfolio, "buy", "1", f"2024-{month}-01", unit_price="0.000000000000000001")
        record(portfolio, "sell", "1", f"2024-{month}-02", unit_price="9" * 19)
    assert alice_client.get(f"/portfolios/{portfolio.pk}/").status_code == 200
