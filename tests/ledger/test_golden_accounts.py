"""Every golden case is accounted for: compared, or left out for a reason that is written down."""

from collections import Counter
from copy import deepcopy
from typing import Any

import pytest

from tests.ledger.golden import FOLDER, Case, changed, disagreements, families, figures, reasons
from tests.ledger.golden_figures import computed

PUBLISHED = {"ghostfolio": 20, "portfolio_performance": 17, "lots": 45, "xirr": 26, "twr": 16, "risk": 14}
FAMILIES = families()
CASES = [case for cases in FAMILIES.values() for case in cases]


def left_out(case: Case) -> set[str]:
    return set(case.get("left_out", {}))


def test_there_are_138_cases_and_none_twice() -> None:
    assert {family: len(cases) for family, cases in FAMILIES.items()} == PUBLISHED
    assert len({case["name"] for case in CASES}) == len(CASES) == sum(PUBLISHED.values()) == 138


def test_how_many_are_compared_in_whole_in_part_and_not_at_all() -> None:
    """Written down so that it cannot shrink unseen. See tests/golden/README.md."""
    counts: dict[str, Counter[str]] = {family: Counter() for family in FAMILIES}
    for family, cases in FAMILIES.items():
        counts[family].update(how_far(case) for case in cases)
    assert {family: (count["whole"], count["part"], count["not"]) for family, count in counts.items()} == {
        "ghostfolio": (5, 7, 8),
        "portfolio_performance": (12, 4, 1),
        "lots": (26, 11, 8),
        "xirr": (26, 0, 0),
        "twr": (12, 2, 2),
        "risk": (6, 4, 4),
    }


def how_far(case: Case) -> str:
    """A refusal that stands in for figures nobody can have is no comparison with them."""
    compared = [name for block in case.get("compare", []) for name in figures(block)]
    if not compared or (compared == ["refused"] and left_out(case)):
        return "not"
    return "part" if left_out(case) else "whole"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_each_says_where_it_comes_from_and_compares_something_or_says_why_not(case: Case) -> None:
    assert case["source"]
    assert case["tolerance"]
    assert case.get("compare") or left_out(case)
    assert all(figures(block) for block in case.get("compare", []))
    assert all(case.get("left_out", {}).values())


def test_every_reason_is_explained_and_used() -> None:
    used = {reason for case in CASES for reason in left_out(case)}
    assert used == set(reasons())
    assert all(sentence.endswith(".") for sentence in reasons().values())


@pytest.mark.parametrize("case", [case for case in CASES if "compare" in case], ids=lambda case: case["name"])
def test_a_changed_figure_is_noticed(case: Case) -> None:
    """Each published figure in turn is moved away by three tolerances: that disagrees, every time."""
    tried = 0
    for block in case["compare"]:
        found: dict[str, Any] = computed(case, block)
        for other in changed(deepcopy(figures(block)), case["tolerance"]):
            assert disagreements(other, found, case["tolerance"]), other
            tried += 1
    assert tried


def test_what_more_than_held_leaves_out_is_refused() -> None:
    cases = [case for case in CASES if "more than held" in left_out(case)]
    assert cases
    assert all(figures(case["compare"][0]) == {"refused": True} for case in cases)


def test_the_files_stay_small() -> None:
    assert all(file.stat().st_size < 300_000 for file in FOLDER.iterdir())
