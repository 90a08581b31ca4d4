"""docs/security.md answers every requirement of level 1, and what it names is there."""

import re

import pytest
from django.conf import settings

TEXT = (settings.BASE_DIR / "docs/security.md").read_text()
# Chapter → the numbers of level 1 in ASVS 5.0.0.
LEVEL_1 = """
1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.3.1 1.3.2 1.5.1 2.1.1 2.2.1 2.2.2 2.3.1 3.2.1 3.2.2 3.3.1 3.4.1 3.4.2
3.5.1 3.5.2 3.5.3 4.1.1 4.4.1 5.2.1 5.2.2 5.3.1 5.3.2 6.1.1 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.7
6.2.8 6.3.1 6.3.2 6.4.1 6.4.2 7.2.1 7.2.2 7.2.3 7.2.4 7.4.1 7.4.2 8.1.1 8.2.1 8.2.2 8.3.1 9.1.1 9.1.2
9.1.3 9.2.1 10.4.1 10.4.2 10.4.3 10.4.4 10.4.5 11.3.1 11.3.2 11.4.1 12.1.1 12.2.1 12.2.2 13.4.1 14.2.1
14.3.1 15.1.1 15.2.1 15.3.1
""".split()


def answered() -> set[str]:
    """Numbers of the lines of level 1, ranges written out."""
    found: set[str] = set()
    for numbers in re.findall(r"^\| ([0-9.,– ]+) \| 1 \|", TEXT, re.MULTILINE):
        for part in numbers.split(", "):
            first, _, last = part.partition("–")
            section, start = first.rsplit(".", 1)
            end = last.rsplit(".", 1)[-1] or start
            found |= {f"{section}.{number}" for number in range(int(start), int(end) + 1)}
    return found


def test_every_requirement_of_level_1_has_its_line_and_no_other_is_called_one() -> None:
    assert len(LEVEL_1) == 70
    assert answered() == set(LEVEL_1)


NAMED = sorted(
    set(re.findall(r"`((?:[a-z_]+/)+[a-z_.]*)`", TEXT)) | set(re.findall(r"`([a-z]+\.txt)`", TEXT))
)


@pytest.mark.parametrize("name", NAMED)
def test_what_it_names_exists(name) -> None:
    assert (settings.BASE_DIR / name).exists()


def test_it_names_tests_for_most_of_what_it_calls_met() -> None:
    met = [line for line in TEXT.splitlines() if re.match(r"\| .* \| 1 \| Met", line)]
    proven = [line for line in met if re.search(r"`tests/|bandit|`[a-z]+/|: above|rule above", line)]
    assert len(proven) >= len(met) * 0.9
