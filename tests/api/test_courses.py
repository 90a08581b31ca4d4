"""History and performance through the API: over time, with gaps where nothing is known."""

from datetime import timedelta
from decimal import Decimal

import pytest

from portfolios.selectors import overviews, value_history
from prices.fields import canonical
from tests.api.golden import g1, g3, market, some
from tests.factories import NOW, AssetFactory, FiatFactory, PortfolioFactory, SnapshotFactory, day, record
from tests.portfolios.eventful import eventful

pytestmark = pytest.mark.django_db
COLUMNS = ("at", "value", "money_in", "money_out", "net_result")


@pytest.fixture
def week(portfolio):
    """Bought on the 1st at noon, half of it sold on the 4th; prices by day, none between the 5th and 20th."""
    for number, price in enumerate(("100", "110", "120", "130", "140"), 1):
        SnapshotFactory(at=day(f"2024-03-0{number}"), price=Decimal(price))
    SnapshotFactory(at=day("2024-03-20"), price=Decimal(200))
    record(portfolio, "buy", "2", "2024-03-01 12:00", unit_price="100", fee="1")
    record(portfolio, "sell", "1", "2024-03-04 18:00", unit_price="135")
    return portfolio


def test_history_is_columns_by_midnight_and_at_both_ends(read, week) -> None:
    told = read("history", week, to="2024-03-05T06:00:00Z")
    assert some(told, "currency", "cost_method", "interval", "missing") == ("USD", "average", "day", [])
    assert list(zip(*some(told, *COLUMNS), strict=True)) == [
        ("2024-03-01T12:00:00Z", "200", "201", "0", "-1"),
        ("2024-03-02T00:00:00Z", "220", "201", "0", "19"),
        ("2024-03-03T00:00:00Z", "240", "201", "0", "39"),
        ("2024-03-04T00:00:00Z", "260", "201", "0", "59"),
        ("2024-03-05T00:00:00Z", "140", "201", "135", "74"),
        ("2024-03-05T06:00:00Z", "140", "201", "135", "74"),
    ]
    assert read("history", to="2024-03-05T06:00:00Z") == told


def test_where_no_price_is_known_history_has_a_gap_and_invents_nothing(read, week) -> None:
    told = read("history", week, from_="2024-03-11", to="2024-03-21")
    assert told["at"][0] == "2024-03-11T00:00:00Z"
    known = dict(zip(told["at"], told["value"], strict=True))
    assert known["2024-03-12T00:00:00Z"] == "140"  # a week old
    assert {known[f"2024-03-{number}T00:00:00Z"] for number in range(13, 20)} == {None}
    assert known["2024-03-20T00:00:00Z"] == "200"
    result = dict(zip(told["at"], told["net_result"], strict=True))
    assert (result["2024-03-15T00:00:00Z"], result["2024-03-20T00:00:00Z"]) == (None, "134")
    assert set(told["money_in"]) == {"201"}


def test_history_by_the_hour(read, week) -> None:
    told = read("history", week, from_="2024-03-04T16:30:00Z", to="2024-03-04T19:00:00Z", interval="hour")
    assert told["at"] == [f"2024-03-04T{hour}:00Z" for hour in ("16:30", "17:00", "18:00", "19:00")]
    assert told["value"] == ["260", "260", "130", "130"]
    assert told["money_out"] == ["0", "0", "135", "135"]


def test_hours_are_told_of_a_bounded_span(program, read, week) -> None:
    path = f"/api/portfolios/{week.pk}/history?interval=hour"
    for query in ("", "&from=2024-03-02", "&to=2024-06-10"):
        said = program.get(path + query)
        assert (said.status_code, list(said.json()["errors"])) == (422, ["from"])
        assert "at most 92 days" in said.json()["detail"]
    assert (
        len(read("history", week, interval="hour", from_="2024-05-01", to="2024-08-01")["at"]) == 92 * 24 + 1
    )
    assert len(read("history", week, interval="hour", to="2024-03-03")["at"]) == 37


def test_history_ends_at_the_figures_of_its_end(read, alice) -> None:
    portfolios = eventful(alice)
    for at in ("2023-04-02T12:00:00Z", "2024-06-01T12:00:00Z"):
        for query in ({}, {"currency": "EUR"}, {"method": "lifo"}):
            told, summary = read("history", at=at, **query), read("summary", at=at, **query)
            for name in ("value", "money_in", "money_out", "net_result"):
                assert told[name][-1] == summary[name], (name, query)
            one, own = (read(name, portfolios[0], at=at, **query) for name in ("history", "summary"))
            assert one["money_out"][-1] == own["money_out"]


def test_history_is_the_line_that_pages_draw(read, alice) -> None:
    portfolios = eventful(alice)
    for currency in ("USD", "EUR"):
        for of in (None, portfolios[0]):
            since, until = day("2023-06-01"), day("2024-06-30")
            mine = [of] if of else portfolios
            drawn = value_history(mine, currency=currency, since=since, until=until)
            told = read("history", of, from_="2023-06-01", to="2024-06-30", currency=currency)
            assert len(told["at"]) == (until - since).days + 1
            exact = {
                at: (value, put_in, out)
                for at, value, put_in, out in zip(*some(told, *COLUMNS[:4]), strict=True)
            }
            for at, value, net in zip(drawn.at, drawn.value, drawn.net_money_in, strict=True):
                worth, put_in, out = exact[f"{at:%Y-%m-%dT%H:%M:%SZ}"]
                assert (worth is None) == (value is None)
                assert value is None or float(worth) == pytest.approx(value)
                assert float(Decimal(put_in) - Decimal(out)) == pytest.approx(net)


def test_a_coin_that_never_had_a_price_is_left_out_and_named(read, week) -> None:
    record(week, "buy", "3", "2024-03-02", unit_price="7", asset=AssetFactory(symbol="ODD"))
    told = read("history", week, to="2024-03-04")
    assert told["missing"] == ["ODD"]
    assert some(told, "value", "money_in")[1] == ["201"] * 4


def test_history_before_anything_is_empty(read, program, portfolio, week) -> None:
    told = read("history", week, at="2024-02-01")
    assert {name: told[name] for name in COLUMNS} == {name: [] for name in COLUMNS}
    empty = PortfolioFactory(owner=week.owner)
    assert read("history", empty)["at"] == read("history", empty, interval="hour")["at"] == []


def test_g3_time_weighted_and_money_weighted(read, portfolio) -> None:
    g3(portfolio)
    for of in (portfolio, None):
        told = read("performance", of)
        assert some(told, "from", "to", "currency") == ("2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z", "USD")
        assert round(Decimal(told["twr"]), 4) == Decimal("1.3703")
        assert round(Decimal(told["xirr"]), 3) == Decimal("1.535")
        assert some(told, "net_result", "xirr_annualised") == ("52397.5", True)
        assert round(Decimal(told["twr_annualised"]), 3) == Decimal("1.365")
        assert told["reasons"] == {}
        assert Decimal(told["max_drawdown"]) <= 0 < Decimal(told["volatility"])


def test_performance_in_a_period(read, portfolio) -> None:
    """From the sale on: 30,000 grew to 32,500 by the next purchase, 65,032.50 to 95,000 after it."""
    g3(portfolio)
    told = read("performance", portfolio, from_="2024-07-02", to="2025-01-01")
    assert told["from"] == "2024-07-02T00:00:00Z"
    grown = Decimal(32500) / 30000 * 95000 / (32500 + Decimal("32532.5"))
    assert Decimal(told["twr"]) == pytest.approx(grown - 1)
    assert told["net_result"] == "32467.5"  # 95,000 − 30,000 − 32,532.50


def test_what_is_undefined_is_null_with_its_reason(read, portfolio) -> None:
    told = read("performance", portfolio)
    assert told["from"] is None
    names = {"twr", "twr_annualised", "xirr", "max_drawdown", "volatility"}
    assert {name for name in names if told[name] is None} == told["reasons"].keys() == names
    assert set(told["reasons"].values()) == {"Nothing is recorded yet."}
    market(d2024_12_31="100", d2025_01_01="110")
    record(portfolio, "buy", "1", "2024-12-31 06:00", unit_price="100")
    told = read("performance", portfolio)
    assert some(told, "twr", "xirr_annualised") == ("0.1", False) or Decimal(told["twr"]) == pytest.approx(
        Decimal("0.1")
    )
    assert told["reasons"] == {
        "twr_annualised": "A rate by the year is told from 90 days on.",
        "volatility": "It takes the returns of two days.",
    }
    record(portfolio, "buy", "1", "2024-12-31 07:00", unit_price="7", asset=AssetFactory(symbol="ODD"))
    told = read("performance", portfolio)
    assert some(told, "twr", "xirr", "net_result") == (None, None, None)
    assert told["reasons"].keys() == names | {"net_result"}


def test_a_period_begins_with_a_day(program, read, portfolio) -> None:
    g1(portfolio)
    path = f"/api/portfolios/{portfolio.pk}/performance"
    said = program.get(f"{path}?from=2024-02-01T10:00:00Z")
    assert (said.status_code, list(said.json()["errors"])) == (422, ["from"])
    assert read("performance", portfolio, from_="2023-05-05T05:05:05Z") == read("performance", portfolio)
    assert read("performance", portfolio, from_="2025-01-01")["reasons"]["twr"]


def test_old_prices_end_the_period_where_they_end(read, portfolio) -> None:
    g3(portfolio)
    AssetFactory().snapshots.filter(at=NOW).delete()
    market(d2024_10_03="65000")
    assert read("performance", portfolio)["to"] == "2024-10-03T00:00:00Z"
    assert read("performance", portfolio, to="2024-10-02T12:00:00Z")["to"] == "2024-10-02T12:00:00Z"


def test_performance_in_another_currency_and_at_a_moment(read, portfolio) -> None:
    g3(portfolio)
    euro = FiatFactory()
    for at in ("2024-01-01", "2024-07-01", "2024-10-01", "2025-01-01"):
        SnapshotFactory(asset=euro, at=day(at), price=Decimal("1.25"))
    told, euros = read("performance", portfolio), read("performance", portfolio, currency="EUR")
    assert (euros["currency"], euros["net_result"]) == ("EUR", "41918")
    assert Decimal(euros["twr"]) == pytest.approx(Decimal(told["twr"]))
    past = read("performance", portfolio, at="2024-07-01")
    assert Decimal(past["twr"]) == pytest.approx(Decimal(59970) / 40040 - 1)
    assert past["net_result"] == canonical(
        overviews([portfolio], currency="USD", now=day("2024-07-01"))[0].net_result
    )


def test_a_long_history_is_told_day_by_day(read, portfolio) -> None:
    for number in range(0, 615, 5):
        SnapshotFactory(at=day("2023-05-01") + timedelta(days=number), price=Decimal(100 + number))
    record(portfolio, "buy", "1", "2023-05-01", unit_price="100")
    told = read("history", portfolio)
    assert len(told["at"]) == (NOW - day("2023-05-01")).days + 1
    assert None not in told["value"]
