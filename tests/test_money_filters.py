"""How figures become text, digit by digit: the only place where anything is rounded."""

from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils.html import strip_tags
from hypothesis import given
from hypothesis import strategies as st

from prices.privacy import amounts_hidden
from prices.templatetags import exactly, money
from prices.templatetags.drawing import allocation_bar, coin_palette, palette_class, sparkline, weight_bar
from prices.templatetags.sources import source_name

D = Decimal
AMOUNTS = st.decimals(min_value=D("-1E+20"), max_value=D("1E+20"), places=18, allow_nan=False)


def shown(markup: str) -> str:
    """What a reader sees, with ordinary spaces."""
    return strip_tags(markup).replace(money.NBSP, " ")


class TestMoney:
    @pytest.mark.parametrize(
        ("value", "currency", "text"),
        [
            ("52552.5", "USD", "$52,552.50"),
            ("-54.2", "USD", "−$54.20"),
            ("0", "USD", "$0.00"),
            ("-0.001", "USD", "$0.00"),
            ("-0", "USD", "$0.00"),
            ("1E+3", "USD", "$1,000.00"),
            ("0.125", "USD", "$0.12"),  # half to even
            ("0.135", "USD", "$0.14"),
            ("1234.5", "JPY", "¥1,234"),
            ("100", "CHF", "CHF 100.00"),
            ("3", "EUR", "€3.00"),
            ("1.326224", "BTC", "1.32622400 BTC"),
            ("1", "BTC", "1.00000000 BTC"),
            ("1.5", "sats", "150,000,000 sats"),
            ("0.000000004", "sats", "0 sats"),
            ("12345678901234567890.123456789012345678", "USD", "$12,345,678,901,234,567,890.12"),
        ],
    )
    def test_it_shows_minor_units(self, value: str, currency: str, text: str) -> None:
        assert shown(money.money(D(value), currency)) == text

    @pytest.mark.parametrize(("value", "text"), [("5", "+$5.00"), ("-5", "−$5.00"), ("0.001", "$0.00")])
    def test_a_sign_stands_before_anything_but_zero(self, value: str, text: str) -> None:
        assert shown(money.signed_money(D(value), "USD")) == text

    @pytest.mark.parametrize("unknown", [None, "", "x", D("NaN"), D("Infinity"), float("nan"), True])
    def test_what_is_unknown_is_a_dash(self, unknown: object) -> None:
        for text in (
            money.money(unknown, "USD"),
            money.price(unknown),
            money.pct(unknown),
            money.qty(unknown, "BTC"),
        ):
            assert text == "—"

    @given(AMOUNTS)
    def test_the_exact_figure_stands_behind_what_is_shown(self, value: Decimal) -> None:
        markup = money.money(value, "USD")
        exact = markup.partition('value="')[2].partition('"')[0]
        assert D(exact) == value

    def test_a_title_says_what_the_text_leaves_out_and_nothing_else(self) -> None:
        assert 'title="52552.505 USD"' in money.money(D("52552.505"), "USD")
        assert "title" not in money.money(D("52552.5"), "USD")

    @given(AMOUNTS)
    def test_what_is_shown_is_within_half_a_cent(self, value: Decimal) -> None:
        text = shown(money.money(value, "USD")).replace("−", "-").replace("$", "").replace(",", "")
        assert abs(D(text) - value) <= D("0.005")

    @pytest.mark.parametrize(
        ("value", "currency", "text"),
        [("100", "USD", "$100.00"), ("100.000000000000000001", "USD", "$100.000000000000000001"),
         ("-1234.5", "EUR", "−€1,234.50"), ("7", "JPY", "¥7")],
    )  # fmt: skip
    def test_the_exact_one_shows_every_digit(self, value: str, currency: str, text: str) -> None:
        assert f">{text}<" in exactly.exact_money(D(value), currency)
        assert exactly.exact_money(None, currency) == money.UNKNOWN

    def test_a_quotient_without_a_last_digit_says_that_it_goes_on(self) -> None:
        assert ">$0.333333333333333333…<" in exactly.exact_money(D(1) / 3, "USD")
        assert exactly.exact_pct(D(1) / 3) == "33.333333333333333333…%"
        assert exactly.exact_pct(D("-0.1234567")) == "−12.34567%"
        assert exactly.exact_pct(D(2)) == "200%"
        assert exactly.exact_pct(None) == money.UNKNOWN

    def test_the_hero_greys_the_cents(self) -> None:
        assert '$117,071<span class="cents">.35</span>' in money.hero_money(D("117071.35"), "USD")
        assert "cents" not in money.hero_money(D("117071.35"), "JPY")
        assert "cents" not in money.hero_money(D("1.5"), "BTC")

    def test_markup_in_a_currency_is_escaped(self) -> None:
        assert "<script>" not in money.money(D(1), "<script>")


class TestPrice:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ("88274.15", "$88,274.15"),
            ("1", "$1.00"),
            ("0.5", "$0.50"),
            ("0.051234567", "$0.05123"),
            ("0.00001234567", "$0.00001235"),
            ("0.000000000000000001", "$0.000000000000000001"),
            ("0.99996", "$1.00"),
            ("0", "$0.00"),
        ],
    )
    def test_below_one_it_keeps_four_significant_digits(self, value: str, text: str) -> None:
        assert money.price(D(value)) == text

    @given(st.decimals(min_value=D("1E-18"), max_value=D("1E+20"), places=18).filter(bool))
    def test_it_never_reads_as_zero_nor_as_a_power_of_ten(self, value: Decimal) -> None:
        text = money.price(value)
        assert "E" not in text
        assert set(text) & set("123456789")

    def test_a_price_paid_is_a_personal_figure(self) -> None:
        assert 'class="amt"' in money.personal_price(D("0.0512"), "USD")


class TestRatios:
    @pytest.mark.parametrize(
        ("ratio", "places", "text"),
        [
            ("0.722", 1, "72.2%"),
            ("0.80771", 2, "80.77%"),
            ("-0.0005", 2, "−0.05%"),
            ("-0.00004", 1, "0.0%"),
            ("12.3456", 1, "1,235%"),
            ("9.9949", 1, "999.5%"),
        ],
    )
    def test_it_reads_as_a_percentage(self, ratio: str, places: int, text: str) -> None:
        assert money.pct(D(ratio), places) == text

    def test_it_takes_floats_by_their_shortest_text(self) -> None:
        assert money.pct(0.1 + 0.2, 2) == "30.00%"

    def test_a_sign_stands_before_anything_but_zero(self) -> None:
        assert [money.signed_pct(D(ratio)) for ratio in ("0.1", "-0.1", "0.0001")] == [
            "+10.0%",
            "−10.0%",
            "0.0%",
        ]


class TestQuantities:
    @pytest.mark.parametrize(
        ("value", "symbol", "text"),
        [
            ("0.05", "BTC", "0.05000000 BTC"),
            ("0.99059309", "BTC", "0.99059309 BTC"),
            ("0.000000001", "BTC", "0.000000001 BTC"),
            ("5.9", "ETH", "5.9 ETH"),
            ("10", "ETH", "10 ETH"),
            ("1234567", "DOGE", "1,234,567 DOGE"),
            ("0.123456789012345678", "ETH", "0.123456789012345678 ETH"),
            ("1.43796496384427994674041948341631952323", "BTC", "1.43796496 BTC"),
        ],
    )
    def test_no_stored_digit_is_lost(self, value: str, symbol: str, text: str) -> None:
        assert shown(money.qty(D(value), symbol)) == text

    @pytest.mark.parametrize(
        ("value", "zeros"), [("0.05", "000000"), ("1", ".00000000"), ("100", ".00000000"), ("1.5", "0000000")]
    )
    def test_the_zeros_that_bitcoin_ends_in_are_grey(self, value: str, zeros: str) -> None:
        assert f'<span class="z">{zeros}</span>' in money.qty(D(value), "BTC")

    def test_columns_that_name_the_symbol_do_not_repeat_it(self) -> None:
        assert shown(money.units(D("5.9"), "ETH")) == "5.9"
        assert shown(money.signed_units(D("-5.9"), "ETH")) == "−5.9"
        assert shown(money.signed_qty(D("5.9"), "ETH")) == "+5.9 ETH"

    def test_bitcoin_is_shown_in_sats(self) -> None:
        assert shown(money.sats(D("0.99059309"))) == "99,059,309 sats"

    @pytest.mark.parametrize(("value", "text"), [("1E+2", "100"), ("0.10", "0.1"), ("-0", "0")])
    def test_an_input_gets_the_plain_decimal(self, value: str, text: str) -> None:
        assert money.plain(D(value)) == text
        assert money.plain(None) == ""


class TestDelta:
    def render(self, tag: str, **context: object) -> str:
        return Template("{% load money %}{% delta " + tag + " %}").render(Context(context))

    @pytest.mark.parametrize(
        ("ratio", "direction", "word"),
        [("0.01", "pos", "up"), ("-0.01", "neg", "down"), ("0.00001", "", "unchanged")],
    )
    def test_it_says_the_direction_in_colour_and_in_a_word(
        self, ratio: str, direction: str, word: str
    ) -> None:
        markup = self.render("ratio=ratio", ratio=D(ratio))
        assert (
            f'<span class="delta{" " * bool(direction)}{direction}"><span class="vh">{word} </span>' in markup
        )

    def test_it_shows_the_amount_before_the_ratio(self) -> None:
        markup = self.render(
            "gain ratio currency='USD' places=2 badge=True", gain=D("-54.2"), ratio=D("-0.0005")
        )
        assert shown(markup) == "down −$54.20 (−0.05%)"
        assert 'class="delta neg badge"' in markup

    def test_without_a_currency_the_amount_only_points(self) -> None:
        assert shown(self.render("gain ratio", gain=D(5), ratio=D("0.3"))) == "up +30.0%"

    def test_what_is_unknown_is_a_dash(self) -> None:
        assert self.render("gain ratio", gain=None, ratio=None) == "—"
        assert shown(self.render("gain ratio currency='USD'", gain=D(5), ratio=None)) == "up +$5.00"


class TestHiddenAmounts:
    @pytest.fixture(autouse=True)
    def hidden(self):
        token = amounts_hidden.set(True)
        yield
        amounts_hidden.reset(token)

    def test_no_digit_of_a_personal_figure_leaves_the_server(self) -> None:
        figures = (
            money.money(D(5), "USD"),
            money.signed_money(D(5), "USD"),
            money.hero_money(D(5), "USD"),
            money.qty(D(5), "BTC"),
            money.sats(D(5)),
            money.personal_price(D(5), "USD"),
            money.delta(D(5), None, currency="USD"),
        )
        assert not any(character.isdigit() for figure in figures for character in figure)

    def test_prices_and_percentages_stay(self) -> None:
        assert (money.price(D(5)), money.pct(D("0.5"))) == ("$5.00", "50.0%")
        assert "50.0%" in money.delta(D(5), D("0.5"), currency="USD")


class TestDrawing:
    def test_a_sparkline_goes_from_edge_to_edge(self) -> None:
        markup = sparkline([D(1), D(3), None, D(2)], "Bitcoin, last 30 days", 1)
        assert 'd="M0.0 25.0L42.0 3.0L84.0 14.0"' in markup
        assert 'aria-label="Bitcoin, last 30 days"' in markup
        assert 'class="spark c-1"' in markup

    @pytest.mark.parametrize("values", [[], [D(1)], [None, None], None])
    def test_one_value_is_no_line(self, values) -> None:
        assert sparkline(values, "x") == ""

    def test_equal_values_are_a_flat_line(self) -> None:
        assert 'd="M0.0 25.0L84.0 25.0"' in sparkline([D(5), D(5)], "x")

    def test_many_values_become_fifteen_points(self) -> None:
        assert sparkline([D(value) for value in range(400)], "x").count("L") == 14

    @pytest.mark.parametrize(
        ("ratio", "width"), [("0.722", "72.2"), ("1.5", "100.0"), ("-1", "0.0"), (None, "0.0")]
    )
    def test_a_weight_fills_its_bar(self, ratio: str | None, width: str) -> None:
        assert f'<rect width="{width}%"' in weight_bar(ratio and D(ratio), 2)

    def test_the_shares_of_an_allocation_lie_end_to_end(self) -> None:
        markup = allocation_bar([(D("0.75"), 1), (None, 2), (D("0.25"), 3)])
        assert '<rect class="c-1" x="0.0%" width="75.0%"' in markup
        assert '<rect class="c-3" x="75.0%" width="25.0%"' in markup

    @pytest.mark.parametrize(
        ("palette", "name"), [(1, "c-1"), (5, "c-5"), (6, "c-1"), ("btc", "c-btc"), ("", "")]
    )
    def test_colours_come_in_turn(self, palette: object, name: str) -> None:
        assert palette_class(palette) == name

    def test_a_coin_has_the_same_colour_everywhere(self) -> None:
        assert [coin_palette(symbol) for symbol in ("BTC", "ETH", "SOL", "BNB")] == [1, 2, 3, 4]
        assert coin_palette("DOGE") in range(1, 6)


def test_sources_have_names_for_readers() -> None:
    assert (source_name("ecb"), source_name("elsewhere")) == ("European Central Bank", "elsewhere")
