"""The time machine: a page shows what was, says so, keeps to it, and finds the way back."""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from portfolios.models import Portfolio
from portfolios.selectors import overviews
from portfolios.views.moments import AHEAD, TOO_EARLY, UNREADABLE, at_of
from tests.factories import NOW, PortfolioFactory, SnapshotFactory, day, record
from tests.portfolios.eventful import eventful
from tests.portfolios.page import Page, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]
VIENNA = ZoneInfo("Europe/Vienna")


@pytest.fixture
def savings(alice) -> Portfolio:
    """One coin in June at 100, another in September at 150; 200 at the new year."""
    for at, price in (("2024-06-01", 100), ("2024-06-02", 110), ("2024-09-01", 150), ("2025-01-01", 200)):
        SnapshotFactory(at=day(at), price=Decimal(price))
    portfolio = PortfolioFactory(owner=alice, name="Savings")
    record(portfolio, "buy", "1", "2024-06-01", unit_price="100")
    record(portfolio, "buy", "1", "2024-09-01", unit_price="150")
    return portfolio


def seen(client: Client, path: str) -> Page:
    response = client.get(path)
    assert response.status_code == 200
    return Page(response)


class TestTheMoment:
    def test_a_date_is_the_end_of_that_day_where_the_reader_is(self) -> None:
        found = at_of("2024-06-30", now=NOW, zone=VIENNA)
        assert found.at == datetime(2024, 6, 30, 21, 59, 59, 999999, UTC)
        assert (found.is_past, found.error, found.day.isoformat()) == (True, "", "2024-06-30")
        assert (found.query, found.more) == ("?at=2024-06-30", "&at=2024-06-30")

    @pytest.mark.parametrize(
        "text", ["2024-06-30T14:30", "2024-06-30 14:30", "2024-06-30T12:30Z", "2024-06-30T12:30:00+00:00"]
    )
    def test_a_time_without_a_zone_is_the_readers(self, text) -> None:
        assert at_of(text, now=NOW, zone=VIENNA).at == datetime(2024, 6, 30, 12, 30, tzinfo=UTC)

    def test_today_and_nothing_are_now(self) -> None:
        for text in ("", "  ", "2025-01-01"):
            found = at_of(text, now=NOW, zone=ZoneInfo("UTC"))
            assert (found.at, found.is_past, found.error, found.query) == (NOW, False, "", "")

    @pytest.mark.parametrize(
        ("text", "error"),
        [
            ("2025-01-02", AHEAD), ("9999-12-31", UNREADABLE), ("2025-01-01T00:00:01Z", AHEAD),
            ("2009-01-01", TOO_EARLY), ("0001-01-01", TOO_EARLY), ("2024-02-30", UNREADABLE),
            ("yesterday", UNREADABLE), ("\x00", UNREADABLE), ("2024", UNREADABLE), ("٢٠٢٤-٠١-٠١", UNREADABLE),
            ("x" * 5000, UNREADABLE), ("0001-01-01T00:00+14:00", UNREADABLE),
        ],
    )  # fmt: skip
    def test_what_can_not_be_gone_to_says_why_and_changes_nothing(self, text, error) -> None:
        for zone in (ZoneInfo("UTC"), VIENNA, ZoneInfo("Pacific/Auckland"), ZoneInfo("America/Los_Angeles")):
            found = at_of(text, now=NOW, zone=zone)
            assert found.error in {error} | ({TOO_EARLY, UNREADABLE} if text[:4] == "0001" else set()) | (
                {AHEAD} if text[:4] == "9999" else set()
            )
            assert (found.at, found.query) == (NOW, "")


class TestThePages:
    def test_figures_are_those_of_then(self, alice_client, savings) -> None:
        page = seen(alice_client, "/?at=2024-06-30")
        assert "Figures as of 30 Jun 2024 23:59 UTC" in page.text
        assert "$110.00" in page.region("hero")
        assert page.tile("Unrealised gain") == "+$10.00"
        own = seen(alice_client, f"/portfolios/{savings.pk}/?at=2024-06-30")
        assert own.tile("Value") == "$110.00"
        assert len(own.rows) == 1
        asset = seen(alice_client, f"/portfolios/{savings.pk}/assets/BTC/?at=2024-06-30")
        assert asset.under("Value") == "1.00000000 BTC"
        assert len(asset.rows) == 1
        assert "1–1 of 1" in asset.region("lots")

    def test_figures_equal_the_selectors(self, alice_client, alice) -> None:
        both = eventful(alice)
        whole = overviews(both, currency="USD", now=at_of("2023-07-01", now=NOW, zone=ZoneInfo("UTC")).at)[0]
        html = alice_client.get("/?at=2023-07-01").content.decode()
        for value in (whole.value, whole.unrealised, whole.realised, whole.net_result):
            assert f'value="{format(value.normalize(), "f")}"' in html

    def test_lines_end_then_and_are_not_mixed_up_with_those_of_now(self, alice_client, savings) -> None:
        for path in ("/", f"/portfolios/{savings.pk}/"):
            for query, newest in (
                ("", "2025-01-01"),
                ("?at=2024-07-15T12:00", "2024-06-02"),
                ("", "2025-01-01"),
            ):
                html = alice_client.get(path + query).content.decode()
                data = json.loads(
                    re.search(r'<script id="(?:value|price)-series"[^>]*>(.*?)</script>', html)[1]
                )
                assert data["main"][-1][0] == round(day(newest).timestamp() * 1000)

    def test_the_same_day_at_two_times_is_not_mixed_up(self, alice_client, savings) -> None:
        record(savings, "buy", "1", "2024-10-05 10:00", unit_price="1")
        for time, rows in (("09:00", 2), ("11:00", 3), ("09:00", 2)):
            own = seen(alice_client, f"/portfolios/{savings.pk}/?at=2024-10-05T{time}")
            assert len(own.rows) == rows

    def test_the_sidebar_is_of_that_moment_too(self, alice_client, savings) -> None:
        other = PortfolioFactory(owner=savings.owner, name="Later")
        record(other, "buy", "2", "2024-12-01", unit_price="1")
        side = r'<nav id="side-portfolios".*?</nav>'
        now = words(re.search(side, alice_client.get("/").content.decode(), re.DOTALL)[0])
        then = words(re.search(side, alice_client.get("/?at=2024-06-30").content.decode(), re.DOTALL)[0])
        assert "Savings 50% Later 50%" in now
        assert "Savings 100% Later" in then

    def test_links_keep_to_it_and_one_leads_back(self, alice_client, savings) -> None:
        html = alice_client.get("/?at=2024-06-30&range=1M").content.decode()
        assert f'href="/portfolios/{savings.pk}/?at=2024-06-30"' in html
        assert 'href="/explain/value/?at=2024-06-30"' in html
        assert '<a href="?range=1M">Back to now</a>' in html
        assert 'href="?at=2024-06-30&amp;range=1Y"' in html
        assert '<input type="hidden" name="at" value="2024-06-30" data-state>' in html

    def test_nothing_ticks_and_nothing_is_edited_in_the_past(self, alice_client, savings) -> None:
        for path in ("/", f"/portfolios/{savings.pk}/", f"/portfolios/{savings.pk}/assets/BTC/"):
            now = alice_client.get(path).content.decode()
            then = alice_client.get(f"{path}?at=2024-06-30").content.decode()
            assert 'data-live="off"' in then
            assert 'data-live="off"' not in now
            main = then[then.index("<main") : then.index("</main>")]
            for act in ('/edit/"', "/delete/", "/transactions/new/"):
                assert act not in main.replace(f"/portfolios/{savings.pk}/edit/#method", "")
        assert "/delete/" in now

    def test_before_the_first_transaction_nothing_was_held(self, alice_client, savings) -> None:
        for path in ("/", f"/portfolios/{savings.pk}/", f"/portfolios/{savings.pk}/assets/BTC/"):
            page = seen(alice_client, f"{path}?at=2024-01-01")
            assert "Nothing was held yet" in page.text
            assert "Add your first transaction" not in page.text
        assert alice_client.get(f"/portfolios/{savings.pk}/assets/ETH/?at=2024-01-01").status_code == 404

    @pytest.mark.parametrize("at", ["2031-01-01", "1999-01-01", "soon", "\x00", "x" * 3000])
    def test_a_moment_that_is_none_shows_now_and_says_why(self, alice_client, savings, at) -> None:
        paths = (
            "/",
            f"/portfolios/{savings.pk}/",
            f"/portfolios/{savings.pk}/assets/BTC/",
            "/explain/value/",
            "/books/",
        )
        for path in paths:
            page = seen(alice_client, f"{path}?at={at}")
            assert "Figures as of 1 Jan 2025" not in page.text
            if "explain" not in path:
                assert 'id="at_error"' in page.html
                assert '<details class="travel" open>' in page.html
        assert "$400.00" in seen(alice_client, f"/?at={at}").region("hero")

    def test_todays_prices_do_not_stand_beside_the_figures_of_then(self, alice_client, savings) -> None:
        assert 'id="ticker"' in seen(alice_client, "/").html
        assert 'id="ticker"' not in seen(alice_client, "/?at=2024-06-30").html

    def test_strangers_and_visitors_learn_nothing_by_it(self, charlie_client, savings) -> None:
        assert charlie_client.get(f"/portfolios/{savings.pk}/?at=2024-06-30").status_code == 404
        assert "Create account" in seen(Client(), "/?at=2024-06-30").text
