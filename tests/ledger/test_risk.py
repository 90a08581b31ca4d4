"""Drawdown, volatility and the yearly rate, at their edges. What other systems publish is in tests/golden."""

import doctest
import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolios.ledger import risk
from portfolios.ledger.risk import annualised, drawdown_of_returns, growth, max_drawdown, volatility

RETURNS = st.lists(st.floats(-0.9, 3), min_size=1, max_size=30)


def test_the_worked_examples_are_true() -> None:
    outcome = doctest.testmod(risk)
    assert outcome.attempted > 5
    assert not outcome.failed


class TestDrawdown:
    def test_it_is_measured_from_the_running_peak_and_not_from_the_highest_of_all(self) -> None:
        assert max_drawdown([100, 50, 1000, 900]) == -0.5

    def test_the_start_counts_as_a_peak(self) -> None:
        assert max_drawdown([100, 80, 90]) == pytest.approx(-0.2)
        assert drawdown_of_returns([-0.2, 0.1]) == pytest.approx(-0.2)

    def test_a_later_and_deeper_fall_wins_over_an_earlier_one(self) -> None:
        assert max_drawdown([100, 90, 200, 100, 190]) == -0.5

    def test_what_only_rises_never_fell(self) -> None:
        assert max_drawdown([1, 2, 2, 3]) == 0
        assert drawdown_of_returns([0.1, 0, 0.2]) == 0

    def test_losing_everything_is_minus_one(self) -> None:
        assert max_drawdown([100, 0, 50]) == -1
        assert drawdown_of_returns([0.5, -1, 0.5]) == -1

    def test_a_gap_is_no_fall(self) -> None:
        assert max_drawdown([None, 100, None, 75, None]) == -0.25
        assert drawdown_of_returns([None, 0.25, None, -0.25]) == pytest.approx(-0.25)

    def test_there_is_none_before_there_was_anything(self) -> None:
        assert max_drawdown([]) is None
        assert max_drawdown([None, None]) is None
        assert max_drawdown([0, 0]) is None
        assert drawdown_of_returns([]) is None
        assert drawdown_of_returns([None]) is None

    def test_nothing_at_the_beginning_is_passed_over(self) -> None:
        assert max_drawdown([0, 0, 100, 75]) == -0.25

    def test_one_value_has_not_fallen(self) -> None:
        assert max_drawdown([Decimal("97.5")]) == 0

    def test_exact_decimals_are_taken_too(self) -> None:
        assert max_drawdown([Decimal(4), Decimal(3)]) == -0.25
        assert isinstance(drawdown_of_returns([Decimal("-0.5")]), float)

    @given(RETURNS)
    def test_it_lies_between_everything_and_nothing(self, returns: list[float]) -> None:
        fallen = drawdown_of_returns(returns)
        assert fallen is not None
        assert -1 <= fallen <= 0
        assert fallen == pytest.approx(max_drawdown(growth(returns)))

    @given(RETURNS, st.floats(0.001, 1000))
    def test_the_size_of_the_account_does_not_matter(self, returns: list[float], size: float) -> None:
        assert max_drawdown(size * value for value in growth(returns)) == pytest.approx(
            drawdown_of_returns(returns), abs=1e-12
        )

    @given(RETURNS)
    def test_no_pair_of_a_value_and_a_later_one_falls_deeper(self, returns: list[float]) -> None:
        values = growth(returns)
        pairs = [later / before - 1 for at, before in enumerate(values) for later in values[at:]]
        assert max_drawdown(values) == pytest.approx(min(pairs), abs=1e-12)


class TestVolatility:
    def test_the_deviation_is_that_of_a_sample(self) -> None:
        assert volatility([1, 2, 3], periods_per_year=1) == pytest.approx(1)  # n − 1; with n it is 0.816…

    def test_a_year_has_365_days_of_trading(self) -> None:
        returns = [0.01, -0.02, 0.03]
        assert volatility(returns) == pytest.approx(volatility(returns, periods_per_year=1) * math.sqrt(365))

    def test_one_return_does_not_swing_and_none_neither(self) -> None:
        assert volatility([]) is None
        assert volatility([0.1]) is None
        assert volatility([None, 0.1, None]) is None

    def test_equal_returns_do_not_swing_at_all(self) -> None:
        assert volatility([0.1] * 20) == 0

    def test_gaps_are_passed_over(self) -> None:
        assert volatility([None, 0.01, None, 0.03]) == volatility([0.01, 0.03])

    def test_exact_decimals_are_taken_too(self) -> None:
        assert volatility([Decimal("0.01"), Decimal("0.03")]) == volatility([0.01, 0.03])

    @given(st.lists(st.floats(-0.9, 3), min_size=2, max_size=30), st.floats(-0.5, 0.5))
    def test_a_steady_gain_on_top_changes_nothing(self, returns: list[float], steady: float) -> None:
        moved = volatility(one + steady for one in returns)
        assert moved == pytest.approx(volatility(returns), abs=1e-9)


class TestYearlyRate:
    def test_a_year_of_365_days_is_left_as_it_is(self) -> None:
        assert annualised(Decimal("0.05"), 365) == pytest.approx(0.05)

    def test_two_years_compound(self) -> None:
        assert annualised(1.25, 730) == pytest.approx(0.5)

    def test_losing_everything_stays_minus_one(self) -> None:
        assert annualised(-1, 10) == -1

    @pytest.mark.parametrize("days", [0, -3])
    def test_without_time_there_is_no_rate(self, days: int) -> None:
        assert annualised(0.1, days) is None

    def test_losing_more_than_everything_has_no_rate(self) -> None:
        assert annualised(-1.5, 200) is None

    def test_a_rate_beyond_all_numbers_is_none(self) -> None:
        assert annualised(1000, 1) is None
