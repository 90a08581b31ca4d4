"""Figures through the API: those of pages and selectors; lists in parts, refusals, how much is read."""

from decimal import Decimal

import pytest
from django.urls import reverse

from portfolios.selectors import gains, overview, overviews
from prices.fields import canonical
from prices.schemas import cut
from tests.api.golden import ROUTES, g1, g3, g4, market, some
from tests.factories import NOW, AssetFactory, FiatFactory, SnapshotFactory, day, record
from tests.portfolios.eventful import eventful
from tests.portfolios.page import Page

pytestmark = pytest.mark.django_db


def test_gains_in_a_time_with_their_sums_and_in_parts(read, portfolio) -> None:
    ether = AssetFactory(symbol="ETH")
    g4(portfolio)
    record(portfolio, "buy", "1", "2024-05-01", unit_price="10", asset=ether)
    record(portfolio, "sell", "1", "2024-06-01", unit_price="12", asset=ether)
    found = read("gains", portfolio, method="fifo")
    assert [some(one, "asset", "acquired_at", "disposed_at", "gain") for one in found["items"]] == [
        ("BTC", "2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z", "25"),
        ("BTC", "2024-01-01T00:00:00Z", "2024-04-01T00:00:00Z", "50"),
        ("ETH", "2024-05-01T00:00:00Z", "2024-06-01T00:00:00Z", "2"),
    ]
    assert (found["count"], found["totals"]["gain"]) == (3, "77")
    part = read("gains", portfolio, method="fifo", limit="1", offset="1")
    assert ([one["gain"] for one in part["items"]], part["count"], part["totals"]["gain"]) == (
        ["50"],
        3,
        "77",
    )
    inside = read("gains", portfolio, **{"from": "2024-02-01T00:00:00Z", "to": "2024-04-01T00:00:00Z"})
    assert [one["gain"] for one in inside["items"]] == ["25", "0"]
    assert read("gains", portfolio, **{"from": "2024-04-02"})["totals"]["gain"] == "2"
    assert read("gains", portfolio, asset="ETH")["count"] == 1


@pytest.mark.parametrize("name", ["holdings", "lots", "gains"])
def test_a_part_of_a_list_says_how_many_there_are(read, portfolio, name) -> None:
    eventful(portfolio.owner)
    whole = read(name, method="fifo")
    part = read(name, method="fifo", limit="2", offset="1")
    assert (part["items"], part["count"]) == (whole["items"][1:3], whole["count"])


def test_page_partial_and_api_show_the_same_figures(read, alice_client, portfolio) -> None:
    g3(portfolio)
    address = reverse("portfolio", args=[portfolio.pk])
    page = Page(alice_client.get(address))
    part = Page(alice_client.get(address, headers={"HX-Request": "true", "HX-Target": "holdings"}))
    told, (holding,) = read("summary", portfolio), read("holdings", portfolio)["items"]

    def money(name: str) -> str:
        return f"${Decimal(told[name]):,.2f}"

    assert page.tile("Value") == money("value") == f"${Decimal(holding['value']):,.2f}"
    assert page.tile("Net result") == f"+{money('net_result')}"
    assert page.tile("Realised gain") == f"+{money('realised')}"
    assert page.tile("Unrealised gain") == f"+{money('unrealised')}"
    for figure in ("cost-basis", "average-price", "money-in", "money-out", "fees"):
        assert page.figure(figure) == money(figure.replace("-", "_"))
    assert page.figure("roi") == f"+{Decimal(told['roi']) * 100:.2f}%"
    assert page.figure("unrealised") == f"+{Decimal(told['unrealised_ratio']) * 100:.2f}%"
    assert page.figure("twr") == f"+{Decimal(read('performance', portfolio)['twr']) * 100:.2f}%"
    assert "<html" not in part.html
    for shown in (money("value"), money("average_price")):
        assert shown in part.text
        assert shown in page.region("holdings")
    gained = Page(alice_client.get(reverse("portfolio-gains", args=[portfolio.pk])))
    assert f"${Decimal(read('gains', portfolio)['totals']['gain']):,.2f}" in gained.text


def test_figures_are_those_of_the_selectors_to_the_last_digit(read, alice) -> None:
    first, second = eventful(alice)
    for currency in ("USD", "EUR"):
        for at in ("2023-04-15", "2024-03-01", "2025-01-01"):
            query = {"currency": currency, "at": at}
            whole = overviews([first, second], currency=currency, now=day(at))[0]
            told = read("summary", **query)
            for name in ("value", "cost_basis", "realised", "income", "fees", "net_result", "day_change"):
                assert told[name] == canonical(getattr(whole, name))
            for name in ("roi", "unrealised_ratio", "day_change_ratio"):
                assert told[name] == canonical(cut(getattr(whole, name)))
            held = overview(first, currency=currency, now=day(at)).open_holdings
            shown = read("holdings", first, **query)["items"]
            assert [one["asset"] for one in shown] == [each.asset.symbol for each in held]
            for name in ("quantity", "value", "cost_basis", "net_result"):
                assert [one[name] for one in shown] == [canonical(getattr(each, name)) for each in held]
            lots = read("lots", first, limit="1000", **query)["items"]
            for each in held:
                costs = [Decimal(lot["cost"]) for lot in lots if lot["asset"] == each.asset.symbol]
                assert sum(costs) == each.cost_basis
            found = gains([first, second], currency=currency, at=day(at), zone=NOW.tzinfo)
            assert read("gains", **query)["totals"]["gain"] == canonical(found.sums.gain)
            assert found.sums.gain == whole.realised


@pytest.mark.parametrize("name", ROUTES)
def test_somebody_elses_are_not_found(stranger, program, portfolio, name) -> None:
    g1(portfolio)
    path = f"/api/portfolios/{portfolio.pk}/{name}"
    absent = stranger.get(f"/api/portfolios/999999/{name}")
    said = stranger.get(path)
    assert (said.status_code, said.content) == (404, absent.content)
    theirs = stranger.get(f"/api/analytics/{name}").content.decode()
    assert "BTC" not in theirs
    assert program.get(path).status_code == 200


@pytest.mark.parametrize("name", ROUTES)
@pytest.mark.parametrize(
    "query,field",
    [("colour=red", "colour"), ("at=soon", "at"), ("at=2008-01-01", "at"), ("at=2025-01-03", "at"),
     ("currency=XXX", "currency"), ("currency=ETH", "currency"), ("currency=", "currency"),
     ("method=best", "method"), ("at=1&at=2", "at")],
)  # fmt: skip
def test_what_is_not_declared_or_not_sound_is_refused(program, portfolio, name, query, field) -> None:
    AssetFactory(symbol="ETH")
    for start in (f"/portfolios/{portfolio.pk}", "/analytics"):
        said = program.get(f"/api{start}/{name}?{query}")
        assert (said.status_code, list(said.json()["errors"])) == (422, [field]), said.json()


@pytest.mark.parametrize(
    "name,query,field",
    [("holdings", "status=sold", "status"), ("holdings", "asset=BTC", "asset"), ("lots", "asset=XX", "asset"),
     ("gains", "from=2024-02-01&to=2024-01-01", "from"), ("gains", "limit=0", "limit"),
     ("history", "interval=week", "interval"), ("history", "limit=5", "limit"),
     ("summary", "limit=5", "limit"), ("performance", "from=2024-02-01&to=2024-01-01", "from")],
)  # fmt: skip
def test_what_a_route_does_not_take_is_refused(program, portfolio, name, query, field) -> None:
    said = program.get(f"/api/portfolios/{portfolio.pk}/{name}?{query}")
    assert (said.status_code, list(said.json()["errors"])) == (422, [field]), said.json()


@pytest.mark.parametrize("name", ROUTES)
@pytest.mark.parametrize("query", ["", "method=lifo", "currency=EUR", "at=2024-05-01"])
def test_the_number_of_queries_does_not_grow(
    program, alice, portfolio, django_assert_max_num_queries, name, query
) -> None:
    """Of three coins and six transactions as many as of one and two."""
    euro = FiatFactory()
    SnapshotFactory(asset=euro, at=day("2024-01-01"), price=Decimal("1.25"))
    market(d2024_01_01="100", d2025_01_01="200")

    def trade(symbol: str) -> None:
        asset = AssetFactory(symbol=symbol)
        SnapshotFactory(asset=asset, at=day("2024-01-02"), price=Decimal(3))
        record(portfolio, "buy", "2", "2024-01-02", unit_price="100", asset=asset, currency="USD")
        record(portfolio, "sell", "1", "2024-01-03", unit_price="110", asset=asset)

    def asked() -> int:
        with django_assert_max_num_queries(200) as counted:
            for path in (f"/portfolios/{portfolio.pk}", "/analytics"):
                assert program.get(f"/api{path}/{name}?{query}").status_code == 200
        return len(counted)

    trade("BTC")
    few = asked()
    trade("ETH")
    trade("SOL")
    assert asked() <= few
    assert few < 160
