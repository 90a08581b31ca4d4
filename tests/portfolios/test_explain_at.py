"""Explanations of what was: at any moment they are made of the figures of that moment."""

from operator import attrgetter

import pytest

from portfolios.selectors import explain, gains, overviews
from portfolios.selectors.explain import HOLDING_FIGURES, OVERVIEW_FIGURES
from tests.factories import NOW, day
from tests.portfolios.eventful import MOMENTS, eventful

pytestmark = pytest.mark.django_db
ELSEWHERE = {"day_start_value", "day_flow"}  # terms of the day's result that no page shows by themselves


@pytest.mark.parametrize("currency", ["USD", "EUR"])
def test_every_figure_of_a_moment_is_explained_to_the_last_digit(alice, currency) -> None:
    both = eventful(alice, "average")
    for moment in map(day, MOMENTS):
        asked = {"currency": currency, "now": moment}
        seen = overviews(both, **asked)
        for figure in set(OVERVIEW_FIGURES) - ELSEWHERE:
            explanation = explain(both, figure, seen=seen, **asked)
            assert explanation.result == attrgetter(figure)(seen[0]), (moment, figure)
            assert explanation.adds_up, (moment, figure)
        for holding in seen[0].holdings:
            for figure in HOLDING_FIGURES:
                explanation = explain(both, figure, asset=holding.asset, seen=seen, **asked)
                assert explanation.result == getattr(holding, figure), (moment, figure)
                assert explanation.adds_up, (moment, figure)


@pytest.mark.parametrize("currency", ["USD", "EUR"])
def test_gains_until_a_moment_are_the_realised_of_that_moment(alice, currency) -> None:
    both = eventful(alice, "hifo")
    for moment in map(day, MOMENTS):
        found = gains(both, currency=currency, at=moment, zone=NOW.tzinfo)
        whole = overviews(both, currency=currency, now=moment)[0]
        assert sum(gain.gain or 0 for year in found.years for gain in year.gains) == whole.realised
