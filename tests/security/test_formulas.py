"""The check for formulas finds them all, and takes nothing else for one."""

import csv
import io

import pytest

from tests.security.formulas import FORMULAS, live_cells


def written(*cells: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(cells)
    return text.getvalue()


@pytest.mark.parametrize("formula", [text for text in FORMULAS if not text.startswith(('"', ",", "%"))])
def test_a_formula_is_found_wherever_it_stands(formula) -> None:
    assert live_cells(written("Savings", formula, "1.5"))


@pytest.mark.parametrize("formula", [text for text in FORMULAS if ";" not in text and "\t" not in text])
def test_with_an_apostrophe_before_it_a_formula_is_text(formula) -> None:
    told = "'" + formula.replace("\r", " ").replace("\n", " ")
    assert live_cells(written("Savings", told)) == []


def test_signed_numbers_are_numbers_where_numbers_are_expected() -> None:
    assert live_cells(written("-1.5", "+2")) == []
    assert live_cells(written("-1.5", "+2"), numbers=False) == ["-1.5", "+2"]
