"""An explanation shows its figure with the sign that the page gives it: gains with +, amounts without."""

import pytest
from django.urls import reverse

from tests.factories import AssetFactory, record
from tests.portfolios.eventful import eventful
from tests.portfolios.page import words
from tests.portfolios.test_pages_explain import DIALOG, answer, links, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]
PAGES = ("", "assets/BTC/", "assets/ETH/", "performance/", "gains/?year=all")


@pytest.mark.parametrize("path", PAGES)
def test_every_figure_of_a_page_keeps_its_sign(alice_client, alice, path) -> None:
    first = eventful(alice)[0]
    found = links(alice_client, f"/portfolios/{first.pk}/{path}")
    for href, shown, _ in found + (links(alice_client, "/") if not path else []):
        page = told(alice_client, href, **DIALOG)
        if "/lots/" in href:  # tells all figures of the lot
            assert words(shown).split(" ")[-1].removesuffix("%") in page.text  # there with more digits
        elif "—" not in words(shown):
            explained = answer(page)
            of_page, of_dialog = ([s for s in "+−" if s in words(text)] for text in (shown, explained))
            assert of_page == of_dialog, (href, words(shown), words(explained))


def test_parts_of_a_gain_are_signed_and_those_of_a_value_are_not(alice_client, savings, bought) -> None:
    record(savings, "sell", "0.5", "2024-12-01", unit_price="150", fee="1")
    result = told(alice_client, reverse("portfolio-explain", args=[savings.pk, "net_result"]))
    assert "Realised gain , how it came about +$23.50" in result.text
    assert "Exactly +$73.00" in result.text
    assert "Income , how it came about $0.00" in result.text
    value = told(alice_client, reverse("portfolio-explain", args=[savings.pk, "value"]))
    assert "BTC , how it came about $100.00" in value.text
    roi = told(alice_client, reverse("portfolio-explain", args=[savings.pk, "roi"]))
    assert "Net result , how it came about +$73.00 Money in , how it came about $101.00" in roi.text
    assert "Exactly +72.27722772" in roi.text


def test_a_weight_is_a_share_without_a_sign(alice_client, savings, bought) -> None:
    other = AssetFactory(symbol="ETH")
    record(savings, "buy", "1", "2024-06-01", unit_price="9", asset=other)
    page = told(alice_client, reverse("asset-explain", args=[savings.pk, "BTC", "weight"]))
    assert "%" in page.text
    assert "+" not in answer(page)


def test_what_led_to_a_result_is_signed_as_in_the_bridge(alice_client, savings, bought) -> None:
    record(savings, "sell", "0.5", "2024-12-01", unit_price="150", fee="1")
    page = told(alice_client, reverse("portfolio-explain", args=[savings.pk, "period_result"]))
    assert words(answer(page)) == "+$73.00"
    assert "$100.00" in page.text  # the value at the end
    assert "+$100.00" not in page.text
