"""How a lot stands: what acquired it, what left of it, and what is left, to the last digit."""

import re
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from portfolios.models import Portfolio
from portfolios.selectors import UnknownFigure, overviews
from portfolios.selectors.explain import explain_lot
from portfolios.views.asset_lots import closed_lots, open_lots, valued
from prices.models import PriceSnapshot
from prices.privacy import COOKIE
from tests.factories import NOW, AssetFactory, FiatFactory, PortfolioFactory, SnapshotFactory, day, record
from tests.portfolios.eventful import MOMENTS
from tests.portfolios.test_pages_explain import DIALOG, EXACT, answer, links, told, value_in
from tests.portfolios.uneven import uneven

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]
METHODS = ("average", "fifo", "lifo", "hifo")


def path_of(portfolio: Portfolio, number: int = 1, symbol: str = "BTC") -> str:
    return reverse("lot", args=[portfolio.pk, symbol, number])


def lots_in(client, path: str) -> list[tuple[str, str]]:
    """Where the figures of the lots of a page open, and their markup."""
    return [(href, shown) for href, shown, _ in links(client, path) if "/lots/" in href]


def figures(story) -> dict[str, Decimal | None]:
    return {each.figure: each.result for each in (*story.stands, *story.realised)}


@pytest.mark.parametrize("currency", ["USD", "EUR"])
@pytest.mark.parametrize("method", METHODS)
def test_every_lot_at_any_moment_is_what_its_page_shows_and_adds_up(alice, currency, method) -> None:
    seen = 0
    for portfolio in uneven(alice, method):
        for moment in map(day, MOMENTS):
            holdings = overviews([portfolio], currency=currency, now=moment)[0].holdings
            for asset, price in ((one.asset, one.price) for one in holdings):
                asked = {"currency": currency, "at": moment, "price": price}
                for lot in valued(open_lots(portfolio, asset, currency, moment), price, moment):
                    story = explain_lot(portfolio, asset, lot.number, **asked)
                    names = ("open_quantity", "open_cost", "open_unit_cost", "value", "unrealised")
                    told_of = figures(story)
                    for name in (*names, "unrealised_ratio"):
                        assert told_of[name] == getattr(lot, name), (portfolio, moment, lot.number, name)
                    assert (story.adds_up, story.came.result) == (True, lot.cost)
                    rest = [term.value for term in story.stands[1].terms if "divided" in term.name]
                    assert all(abs(each) < Decimal("1e-16") for each in rest)
                    assert lot.quantity - sum(each.piece.quantity for each in story.left) == lot.open_quantity
                    seen += 1
                for one in closed_lots(portfolio, asset, currency, moment):
                    story = explain_lot(portfolio, asset, one.lot.number, **asked)
                    told_of = figures(story)
                    for name in ("cost", "proceeds", "gain"):
                        assert told_of.get(name) == getattr(one, name), (portfolio, moment, one.lot, name)
                    assert (story.adds_up, story.stands) == (True, ())
                    assert sum(each.piece.quantity for each in story.left) == one.lot.quantity
                    seen += 1
    assert seen > 60


def test_what_no_division_shares_evenly_is_told_by_itself(alice) -> None:
    mine = PortfolioFactory(owner=alice, cost_method="average")
    for month, total in ((1, "10"), (2, "10"), (3, "11")):
        record(mine, "buy", "1", f"2024-0{month}-01", total=total)
    stories = [
        explain_lot(mine, AssetFactory(), number, currency="USD", at=NOW, price=Decimal(7))
        for number in (1, 2, 3)
    ]
    shared = [story.stands[1] for story in stories]
    assert all(story.adds_up for story in stories)
    assert sum(each.result for each in shared) == mine.holdings.get().cost_basis
    assert "What can't be divided" in {term.name for term in shared[2].terms}


def test_under_the_average_method_it_leads_to_the_cost_and_the_quantity_of_all(alice_client, alice) -> None:
    first = uneven(alice, "average")[0]
    page = told(alice_client, path_of(first, 2), **DIALOG)
    for name, figure in (("Cost of all units held", "cost_basis"), ("Units held", "quantity")):
        href = reverse("asset-explain", args=[first.pk, "BTC", figure])
        shown = re.search(rf'<dt><a href="{href}"[^>]*>{name}.*?</dt><dd>(.*?)</dd>', page.html, re.DOTALL)[1]
        assert value_in(answer(told(alice_client, href, **DIALOG))) == value_in(shown)


class TestThePage:
    @pytest.fixture
    def lots(self, alice) -> Portfolio:
        """A lot of which half was sold and a tenth withdrawn."""
        for at, price in (("2024-06-01", 100), ("2025-01-01", 200)):
            SnapshotFactory(at=day(at), price=Decimal(price))
        made = PortfolioFactory(owner=alice, name="Lots", cost_method="fifo")
        record(made, "buy", "1", "2024-06-01", unit_price="100", fee="1")
        record(made, "sell", "0.5", "2024-06-02", unit_price="150", fee="2")
        record(made, "withdrawal", "0.1", "2024-06-03")
        return made

    def test_tells_what_came_what_left_and_what_is_left(self, alice_client, lots) -> None:
        page = told(alice_client, path_of(lots))
        for words in (
            "Lot 1 Bitcoin, Lots · 1 Jan 2025 00:00 UTC",
            "0.40000000 BTC of 1.00000000 BTC is still here, held 214 days",
            "Buy 1 Jun 2024 00:00 +1.00000000 BTC What was paid for the coins $100.00 Fee $1.00",
            "Cost when it came = what was paid for the coins + fee $101.00",
            "Withdrawal 3 Jun 2024 00:00 −0.10000000 — $10.10 — left at cost",
            "Sell 2 Jun 2024 00:00 −0.50000000 $73.00 $50.50 +$22.50",
            "Gain = proceeds − cost of the units sold +$22.50",
            "Cost of what left $60.60 Cost of what is open = cost when it came − cost of what left $40.40",
            "Cost a unit = cost ÷ what is open $101.00",
            "Latest price , how it came about $200.00 Value = what is open × latest price $80.00",
            "Unrealised gain = value − cost +$39.60",
            EXACT,
        ):
            assert words in page.text

    def test_every_figure_of_a_lot_opens_it_as_a_dialog_too(self, alice_client, lots) -> None:
        found = lots_in(alice_client, f"/portfolios/{lots.pk}/assets/BTC/")
        assert [href for href, _ in found] == [path_of(lots)] * 6
        page = told(alice_client, found[0][0], **DIALOG)
        assert page.html.strip().startswith("<section")
        assert "<h1" not in page.html
        for _, shown in found:
            if value := value_in(shown):
                assert f'value="{value}"' in page.html
        record(lots, "sell", "0.4", "2024-07-01", unit_price="100")
        closed = lots_in(alice_client, f"/portfolios/{lots.pk}/assets/BTC/?lots=closed")
        assert [href for href, _ in closed] == [path_of(lots)] * 3
        page = told(alice_client, closed[0][0])
        assert "Closed nothing of 1.00000000 BTC is left since 1 Jul 2024, after 30 days" in page.text
        assert all(f'value="{value_in(shown)}"' in page.html for _, shown in closed)

    def test_its_disposals_open_in_turn_in_the_same_unit(self, alice_client, alice, lots) -> None:
        for unit in ("currency", "sats"):
            alice.unit = unit
            alice.save()
            page = told(alice_client, path_of(lots), **DIALOG)
            (href, shown) = re.findall(
                r'<a href="(/transactions/[^"]*gain[^"]*)"[^>]*>(.*?)<span', page.html
            )[0]
            assert value_in(answer(told(alice_client, unescape(href), **DIALOG))) == value_in(shown)

    def test_what_came_by_a_transfer_leads_to_the_lot_that_it_was(self, alice_client, alice) -> None:
        first, second, _ = uneven(alice, "fifo")
        page = told(alice_client, path_of(second))
        assert "Acquired first by Buy" in page.text
        assert "Came by Transfer , of lot 2 in First" in page.text
        assert "Cost when it came = what it had cost where it came from $39.19" in page.text
        assert f'href="{path_of(first, 2)}"' in page.html

    def test_what_left_at_cost_says_why_there_is_no_gain(self, alice_client, alice) -> None:
        mine = PortfolioFactory(owner=alice, name="Mine")
        record(mine, "buy", "1", "2024-06-01", unit_price="100")
        record(mine, "withdrawal", "1", "2024-06-03")
        assert "nothing was realised here" in told(alice_client, path_of(mine)).text

    def test_without_a_price_or_a_rate_it_says_what_is_unknown(self, alice_client, alice) -> None:
        FiatFactory()
        mine = PortfolioFactory(owner=alice, name="Mine", currency="EUR")
        record(
            mine, "buy", "1", "2024-01-01", unit_price="5", currency="EUR", asset=AssetFactory(symbol="XYZ")
        )
        page = told(alice_client, path_of(mine, symbol="XYZ"))
        assert "Value = what is open × latest price —" in page.text
        assert "No price of XYZ is stored" in page.text
        alice.unit = "btc"
        alice.save()
        PriceSnapshot.objects.all().delete()
        page = told(alice_client, path_of(mine, symbol="XYZ"))
        assert "Its cost is unknown: no BTC exchange rate is stored" in page.text
        assert "Cost a unit = cost ÷ what is open —" in page.text
        assert EXACT not in page.text

    def test_it_goes_back_in_time(self, alice_client, lots) -> None:
        at = "?at=2024-06-02"
        ((href, _), *_) = lots_in(alice_client, f"/portfolios/{lots.pk}/assets/BTC/{at}")
        assert href == path_of(lots) + at
        page = told(alice_client, href)
        assert "Withdrawal" not in page.text
        assert "at=2024-06-02" in re.search(r'<a href="(/transactions/[^"]*gain[^"]*)"', page.html)[1]
        assert alice_client.get(path_of(lots) + "?at=2024-05-01").status_code == 404

    def test_hidden_amounts_stay_on_the_server(self, alice_client, lots) -> None:
        alice_client.cookies[COOKIE] = "1"
        for headers in ({}, DIALOG):
            html = told(alice_client, path_of(lots), **headers).html
            assert 'value="' not in re.sub(r"<(input|button)[^>]*>", "", html)
            assert "50.50" not in html

    def test_what_there_is_not_is_not_found_and_neither_is_anothers(
        self, alice_client, charlie_client, lots
    ) -> None:
        for number, symbol in ((2, "BTC"), (0, "BTC"), (1, "ETH"), (10**30, "BTC")):
            assert alice_client.get(path_of(lots, number, symbol)).status_code == 404
        assert charlie_client.get(path_of(lots)).status_code == 404

    def test_what_left_comes_by_pages_at_the_same_number_of_queries(
        self, alice_client, lots, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        def asked() -> int:
            with django_assert_max_num_queries(40) as counted:
                told(alice_client, path_of(lots), **DIALOG)
            return len(counted)

        few = asked()
        for minute in range(25):
            record(lots, "sell", "0.01", f"2024-07-01 10:{minute:02}", unit_price="3")
        assert asked() <= few
        page = told(alice_client, path_of(lots))
        assert "1–20 of 27" in page.text
        assert "21–27 of 27" in told(alice_client, f"{path_of(lots)}?rows=2").text


def test_there_is_no_lot_before_it_came(alice) -> None:
    mine = PortfolioFactory(owner=alice)
    record(mine, "buy", "1", "2024-06-01", unit_price="100")
    with pytest.raises(UnknownFigure):
        explain_lot(mine, AssetFactory(), 1, currency="USD", at=day("2024-05-31"))


def test_a_price_that_can_not_be_converted_is_not_said_to_be_missing(alice_client, alice) -> None:
    FiatFactory()
    SnapshotFactory(price=Decimal(200))
    portfolio = PortfolioFactory(owner=alice, currency="EUR")
    record(portfolio, "buy", "1", "2024-06-01", unit_price="100", currency="EUR")
    page = told(alice_client, path_of(portfolio))
    assert "The price of Bitcoin can’t be converted, no EUR exchange rate is stored" in page.text
    PriceSnapshot.objects.all().delete()
    assert "No price of Bitcoin is stored" in told(alice_client, path_of(portfolio)).text
