"""Bitfolio agrees with what other systems publish. The cases, and what is left out of them: tests/golden."""

import pytest

from tests.ledger.golden import Case, disagreements, families, figures
from tests.ledger.golden_figures import computed

CASES = [pytest.param(case, id=case["name"]) for cases in families().values() for case in cases]


@pytest.mark.parametrize("case", CASES)
def test_it_agrees_with_what_is_published(case: Case) -> None:
    if "compare" not in case:
        pytest.skip(", ".join(case["left_out"]))
    for block in case["compare"]:
        assert disagreements(figures(block), computed(case, block), case["tolerance"]) == []
