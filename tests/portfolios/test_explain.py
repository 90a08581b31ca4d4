"""Explanations: made of what the page shows, exact to the last digit, and leading down to the rows."""

from collections.abc import Iterator
from datetime import UTC
from decimal import Decimal
from operator import attrgetter
from pathlib import Path

import pytest
from django.conf import settings

from portfolios.models import Portfolio
from portfolios.selectors import UnknownFigure, explain_gain, formulas, gains, overviews
from portfolios.selectors.explain import (
    GAIN_FIGURES,
    HOLDING_FIGURES,
    OVERVIEW_FIGURES,
    ExplainedRow,
    Explanation,
)
from prices.models import Asset
from tests.factories import NOW, AssetFactory, FiatFactory, PortfolioFactory, SnapshotFactory, record
from tests.portfolios.eventful import eventful
from tests.portfolios.explained import g3, terms, told

pytestmark = pytest.mark.django_db
ELSEWHERE = {"day_start_value", "day_flow"}  # terms of the day's result that no page shows by themselves
BOOKS = [("average", "USD"), ("fifo", "EUR"), ("lifo", "USD"), ("hifo", "EUR")]  # stored, and booked anew


@pytest.fixture
def portfolio(alice) -> Portfolio:
    return PortfolioFactory(owner=alice, cost_method="fifo")


class TestEveryFigure:
    @pytest.mark.parametrize(("method", "currency"), BOOKS)
    def test_of_an_overview_is_explained_to_the_last_digit(self, alice, method, currency) -> None:
        portfolios = eventful(alice, method)
        for those in (portfolios, portfolios[:1], portfolios[1:]):
            seen = overviews(those, currency=currency, now=NOW)
            for figure in OVERVIEW_FIGURES:
                explanation = told(figure, *those, currency=currency, seen=seen)
                if figure not in ELSEWHERE:
                    assert explanation.result == attrgetter(figure)(seen[0])
                assert explanation.adds_up, figure
                assert (explanation.left_out, explanation.currency, explanation.as_of) == ((), currency, NOW)

    @pytest.mark.parametrize(("method", "currency"), BOOKS)
    def test_of_an_asset_is_explained_to_the_last_digit(self, alice, method, currency) -> None:
        portfolios = eventful(alice, method)
        for those in (portfolios, portfolios[:1]):
            seen = overviews(those, currency=currency, now=NOW)
            for holding in seen[0].holdings:
                for figure in HOLDING_FIGURES:
                    explanation = told(figure, *those, currency=currency, asset=holding.asset, seen=seen)
                    assert explanation.result == getattr(holding, figure)
                    assert explanation.adds_up, figure

    @pytest.mark.parametrize(("method", "currency"), BOOKS)
    def test_of_a_gain_is_explained_to_the_last_digit(self, alice, method, currency) -> None:
        portfolios = eventful(alice, method)
        found = gains(portfolios, currency=currency, at=NOW, zone=UTC)
        for gain in (gain for year in found.years for gain in year.gains):
            for figure in GAIN_FIGURES:
                explanation = explain_gain(gain, figure, currency=currency)
                assert explanation.result == getattr(gain, figure)
                assert explanation.adds_up, (figure, gain.kind, gain.leg)
                assert explanation.rows.is_whole
                behind = {row.transaction.pk for row in explanation.rows.rows}
                origins = {lot.origin for lot in gain.lots}
                assert behind == (origins if figure == "cost" else {gain.transaction})

    def test_is_made_of_figures_that_are_explained_the_same(self, alice) -> None:
        """From any figure down to the rows, each term is what its own explanation says."""
        portfolios = eventful(alice)
        for those in (portfolios, portfolios[1:]):
            seen = {
                places: overviews(places, currency="USD", now=NOW) for places in (those, those[:1], those[1:])
            }
            for figure in OVERVIEW_FIGURES:
                for term, explanation in _linked(told(figure, *those, seen=seen[those]), those, seen):
                    assert term.value == explanation.result, (figure, term)
                    assert explanation.adds_up

    def test_has_rows_that_add_up_to_it_where_the_books_say_it(self, alice) -> None:
        portfolios = eventful(alice)
        bitcoin = AssetFactory()
        for figure in formulas.BOOKED:
            explanation = told(figure, *portfolios, asset=bitcoin)
            assert explanation.rows.is_whole
            assert explanation.rows.sums_to == explanation.result == sum(terms(explanation).values())
            assert all(row.adds for row in explanation.rows.rows)

    def test_is_worded_as_in_the_definitions(self) -> None:
        definitions = Path(settings.BASE_DIR, "docs", "definitions.md").read_text().replace("\n", " ")
        own = (formulas.WEIGHT, formulas.PRICE, formulas.PRICE_CHANGE, formulas.DAY_CHANGE, formulas.GAIN)
        every = [*formulas.HOLDING.values(), *formulas.OVERVIEW.values(), *own]
        for words in {formula.words for formula in every} | set(formulas.BOOKED.values()):
            assert words in definitions, words

    def test_that_does_not_exist_is_refused(self, portfolio) -> None:
        bitcoin = AssetFactory()
        g3(portfolio)
        for figure in ("luck", "valued.luck", "quantity", "price", "__class__", ""):
            with pytest.raises(UnknownFigure):
                told(figure, portfolio)
        for figure in ("luck", "roi", "valued.realised", "asset"):
            with pytest.raises(UnknownFigure):
                told(figure, portfolio, asset=bitcoin)
        with pytest.raises(UnknownFigure):
            told("value", portfolio, asset=AssetFactory(symbol="ETH"))


def _linked(explanation: Explanation, portfolios, seen, depth: int = 0) -> Iterator[tuple]:
    for term in explanation.terms:
        if term.link:
            alone = tuple(each for each in portfolios if each.pk == term.link.portfolio)
            where = alone or portfolios
            asset = Asset.objects.get(pk=term.link.asset) if term.link.asset else None
            found = told(term.link.figure, *where, asset=asset, seen=seen[where])
            yield term, found
            if depth < 1:
                yield from _linked(found, where, seen, depth + 1)


class TestWhatIsUnknown:
    def test_what_has_no_price_is_named_and_left_out(self, portfolio) -> None:
        g3(portfolio)
        silent = AssetFactory(symbol="XYZ")
        record(portfolio, "buy", "7", "2024-01-01", unit_price="10", asset=silent)
        for figure in ("value", "unrealised", "net_result", "roi", "day_end_value", "valued.realised"):
            explanation = told(figure, portfolio)
            assert [(each.asset.symbol, each.reason) for each in explanation.left_out] == [
                ("XYZ", "no price is stored")
            ]
            assert explanation.adds_up
        assert told("cost_basis", portfolio).left_out == ()
        assert terms(told("value", portfolio)) == {"BTC": 95000}
        roi = told("roi", portfolio)
        assert [term.link.figure for term in roi.terms] == ["net_result", "valued.money_in"]
        assert told("valued.money_in", portfolio).result == roi.terms[1].value == Decimal("72572.5")
        unknown = told("unrealised", portfolio, asset=silent)
        assert (unknown.result, unknown.adds_up) == (None, True)
        assert terms(unknown) == {"Value": None, "Cost basis": 70}

    def test_of_nothing_that_can_be_valued_nothing_is_made_up(self, portfolio) -> None:
        record(portfolio, "buy", "1", "2024-01-01", unit_price="10")
        for figure in OVERVIEW_FIGURES:
            explanation = told(figure, portfolio)
            assert explanation.adds_up, figure
        for figure in HOLDING_FIGURES:
            assert told(figure, portfolio, asset=AssetFactory()).adds_up, figure
        assert told("value", portfolio).result is None

    def test_of_an_empty_portfolio_everything_adds_up(self, portfolio) -> None:
        assert all(told(figure, portfolio).adds_up for figure in OVERVIEW_FIGURES)

    def test_without_a_price_of_the_day_before_the_days_result_is_unknown_and_says_why(
        self, portfolio
    ) -> None:
        SnapshotFactory(price=Decimal(300))
        record(portfolio, "buy", "1", "2024-01-02", unit_price="100")
        for figure in ("day_change", "day_start_value"):
            explanation = told(figure, portfolio)
            assert (explanation.result, explanation.adds_up) == (None, True)
            assert [each.reason for each in explanation.left_out] == ["no price of the day before is stored"]

    def test_a_price_that_cannot_be_converted_is_said_to_be_that(self, portfolio) -> None:
        SnapshotFactory(price=Decimal(300))
        FiatFactory()
        record(portfolio, "buy", "1", "2024-01-02", unit_price="100")
        (left_out,) = told("value", portfolio, currency="EUR").left_out
        assert left_out.reason == "its price can't be converted: no exchange rate is stored"

    def test_a_cost_without_its_exchange_rate_is_named_and_left_out(self, alice, portfolio) -> None:
        """One portfolio is kept in euro, the other in dollars whose rate of then is unknown."""
        SnapshotFactory(asset=FiatFactory(), at=NOW, price=Decimal(2))
        SnapshotFactory(price=Decimal(300))
        euro = PortfolioFactory(owner=alice, currency="EUR")
        record(portfolio, "buy", "1", "2024-01-02", unit_price="100")
        record(euro, "buy", "1", "2024-01-02", unit_price="80", currency="EUR")
        bitcoin = AssetFactory()
        for figure in (*OVERVIEW_FIGURES, *HOLDING_FIGURES):
            asset = bitcoin if figure in HOLDING_FIGURES else None
            assert told(figure, portfolio, euro, currency="EUR", asset=asset).adds_up, figure
        cost = told("cost_basis", portfolio, euro, currency="EUR", asset=bitcoin)
        assert (cost.result, [each.reason for each in cost.left_out]) == (
            80,
            ["an exchange rate in its history is unknown"],
        )
        assert told("quantity", portfolio, euro, currency="EUR", asset=bitcoin).result == 2
        unrealised = told("unrealised", portfolio, euro, currency="EUR", asset=bitcoin)
        assert terms(unrealised) == {"Value of what has a known cost": 150, "Cost basis": 80}

    def test_a_gain_without_its_exchange_rate_is_unknown(self, portfolio) -> None:
        g3(portfolio)
        FiatFactory()
        ((gain,),) = [year.gains for year in gains([portfolio], currency="EUR", at=NOW, zone=UTC).years]
        for figure in GAIN_FIGURES:
            explanation = explain_gain(gain, figure, currency="EUR")
            assert (explanation.result, explanation.adds_up, len(explanation.left_out)) == (None, True, 1)


class TestPages:
    def rows(self, explanation: Explanation) -> list[tuple[int, int, int]]:
        def key(row: ExplainedRow) -> tuple[int, int, int]:
            return row.transaction.pk, row.leg, row.portfolio

        return [key(row) for row in explanation.rows.rows]

    @pytest.mark.parametrize("currencies", [("USD", "USD"), ("USD", "EUR")])
    def test_rows_come_page_by_page_newest_first(self, alice, currencies) -> None:
        portfolios = eventful(alice)
        portfolios[1].currency = currencies[1]  # asked for in dollars, this one is booked anew
        bitcoin = AssetFactory()
        whole = self.rows(told("quantity", *portfolios, asset=bitcoin))
        pages = []
        for offset in range(0, len(whole) + 4, 4):
            page = told("quantity", *portfolios, asset=bitcoin, offset=offset, limit=4)
            assert (page.rows.count, page.adds_up) == (len(whole), True)
            pages += self.rows(page)
        assert pages == whole

    def test_a_page_before_the_first_and_one_of_nothing_are_no_error(self, portfolio) -> None:
        g3(portfolio)
        assert len(told("money_in", portfolio, offset=-3).rows.rows) == 2
        assert told("money_in", portfolio, limit=-1).rows.rows == ()

    def test_the_queries_do_not_grow_with_the_rows(self, portfolio, django_assert_max_num_queries) -> None:
        g3(portfolio)
        bitcoin, counts = AssetFactory(), {}
        for figure in OVERVIEW_FIGURES:
            with django_assert_max_num_queries(16) as queries:
                told(figure, portfolio)
            counts[figure] = len(queries)
        for number in range(1, 20):
            record(portfolio, "buy", "1", f"2024-11-{number:02}", unit_price="100", asset=bitcoin)
        for figure, count in counts.items():
            with django_assert_max_num_queries(count):
                told(figure, portfolio)
