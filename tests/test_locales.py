"""Numbers and dates as the reader writes them; programs and files keep one way."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.template import Context, Template
from django.utils import timezone
from django.utils.html import strip_tags

from accounts.forms import locale_choices
from accounts.models import User
from portfolios.forms import AmountFormField, PeriodForm, QuantityFormField, refused
from portfolios.ledger import HoldingWouldBeNegative
from prices import locales
from prices.templatetags import dates, exactly, money
from tests.factories import PortfolioFactory, SnapshotFactory, record

D = Decimal
AT = datetime(2025, 11, 5, 14, 30, 7, tzinfo=UTC)
TEMPLATES = Path(__file__).parents[1] / "templates"
SPACES = str.maketrans("\u00a0\u202f", "  ")


@pytest.fixture
def reads():
    """Read by another locale for the rest of the test."""
    tokens = []
    yield lambda name: tokens.append(locales._chosen.set(name))
    for token in reversed(tokens):
        locales._chosen.reset(token)


def shown(markup: str) -> str:
    return strip_tags(markup).translate(SPACES)


@pytest.mark.parametrize(
    ("locale", "amount", "ratio", "many", "day", "moment"),
    [
        ("en", "−$1,234.50", "72.2%", "1,208", "5 Nov 2025", "5 Nov 2025 14:30"),
        ("en-US", "−$1,234.50", "72.2%", "1,208", "Nov 5, 2025", "Nov 5, 2025 2:30 PM"),
        ("en-GB", "−US$1,234.50", "72.2%", "1,208", "5 Nov 2025", "5 Nov 2025 14:30"),
        ("de-DE", "−1.234,50 $", "72,2 %", "1.208", "05.11.2025", "05.11.2025 14:30"),
        ("fr-FR", "−1 234,50 $US", "72,2 %", "1 208", "5 nov. 2025", "5 nov. 2025 14:30"),
        ("sv-SE", "−1 234,50 US$", "72,2 %", "1 208", "5 nov. 2025", "5 nov. 2025 14:30"),
        ("ja-JP", "−$1,234.50", "72.2%", "1,208", "2025/11/05", "2025/11/05 14:30"),
        ("tr-TR", "−$1.234,50", "%72,2", "1.208", "5 Kas 2025", "5 Kas 2025 14:30"),
        ("xx-XX", "−$1,234.50", "72.2%", "1,208", "Nov 5, 2025", "Nov 5, 2025 2:30 PM"),
    ],
)
def test_every_figure_follows_the_reader(reads, locale, amount, ratio, many, day, moment) -> None:
    reads(locale)
    assert shown(money.money(D("-1234.5"), "USD")) == amount
    assert shown(money.pct(D("0.7221"))) == ratio
    assert shown(money.count(1208)) == many
    assert dates.day(AT) == dates.day(AT.date()) == day
    assert dates.moment(AT).translate(SPACES) == moment


@pytest.mark.parametrize("locale", User.Locale.values)
@pytest.mark.parametrize("value", ["1234567.891", "0.000000000000000001", "-0.5", "100", "0"])
def test_no_digit_is_lost_in_any_locale(reads, locale: str, value: str) -> None:
    reads(locale)
    text = shown(exactly.exact_money(D(value), "BTC")).removesuffix(" BTC").replace("−", "-")
    sign = locales.decimal_sign()
    plain = re.sub(rf"[^0-9{re.escape(sign)}-]", "", text).replace(sign, ".")
    assert D(plain) == D(value)


def test_bitcoin_keeps_its_places_and_the_cents_are_grey(reads) -> None:
    reads("de-DE")
    assert "1,5<span class" in money.qty(D("1.5"), "BTC")
    assert '117.071<span class="cents">,35</span>' in money.hero_money(D("117071.35"), "EUR")


def test_templates_say_zone_and_seconds_and_keep_utc() -> None:
    text = '{% load tz %}{{ at|moment:"seconds zone" }} | {{ at|clock:"zone" }} | {{ at|utc|clock }}'
    with timezone.override("Europe/Vienna"):
        drawn = Template(text).render(Context({"at": AT}))
    assert drawn == "5 Nov 2025 15:30:07 CET | 15:30 CET | 14:30"
    assert (
        Template("{{ at|day }}{{ at|moment }}{{ at|clock }}{{ at|month }}").render(Context({"at": None}))
        == ""
    )
    assert dates.day(date(2025, 1, 2), "long") == "2 January 2025"


def test_templates_write_dates_and_counts_by_these_filters_alone() -> None:
    """A machine reads ISO dates (c, Y-m-d); people read theirs."""
    faults = [
        f"{path.name}: {found}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        for found in re.findall(
            r"\|(?:date:(?!.c.|.Y-m-d.)[^ }|]*|time:[^ }|]*|intcomma|floatformat\S*)", path.read_text()
        )
    ]
    assert faults == []


class TestTyping:
    @pytest.mark.parametrize(
        ("typed", "means"),
        [
            ("1,5", "1.5"), ("1.234,56", "1234.56"), ("1 234,56", "1234.56"), ("1.234.567", "1234567"),
            ("1,234", "1.234"), ("0,015", "0.015"), (",5", "0.5"), ("0.015", "0.015"), ("1.5", "1.5"),
            ("1,234.56", "1234.56"), ("-1.234,5", "-1234.5"), ("1234.567", "1234.567"), ("1234", "1234"),
        ],
    )  # fmt: skip
    def test_a_comma_is_the_decimal_sign_of_who_writes_so(self, reads, typed: str, means: str) -> None:
        reads("de-DE")
        assert AmountFormField().clean(typed) == D(means)

    @pytest.mark.parametrize("typed", ["1.234", "12.345", "1,2,3", "1.23,45", "1.234,5,6", "1,234.5.6"])
    def test_what_can_be_read_in_two_ways_is_refused(self, reads, typed: str) -> None:
        reads("de-DE")
        with pytest.raises(ValidationError):
            AmountFormField().clean(typed)

    @pytest.mark.parametrize(
        ("locale", "means"),
        [("en-US", "35000"), ("en-GB", "35000"), ("ja-JP", "35000"), ("de-DE", "35"),
         ("fr-FR", "35"), ("pt-BR", "35")],
    )  # fmt: skip
    def test_three_digits_after_a_comma_are_what_the_reader_writes_them_for(
        self, reads, locale: str, means: str
    ) -> None:
        reads(locale)
        assert AmountFormField().clean("35,000") == D(means)

    @pytest.mark.parametrize("locale", ["en", "en-US", "de-CH"])
    def test_a_half_is_no_group_of_thousands(self, reads, locale: str) -> None:
        reads(locale)
        with pytest.raises(ValidationError, match=r"Use a point for decimals: 0\.500\."):
            AmountFormField().clean("0,500")

    def test_it_is_told_how_to_write_it(self, reads) -> None:
        reads("de-DE")
        with pytest.raises(ValidationError, match=r"Write 1234, or 1,234 if you mean that\."):
            AmountFormField().clean("1.234")

    @pytest.mark.parametrize("typed", ["150.000 sats", "150,000 sats", "150000 sats", "150k sats"])
    def test_sats_are_whole_whatever_groups_them(self, reads, typed: str) -> None:
        reads("de-DE")
        assert QuantityFormField().clean(typed) == D("0.0015")

    @pytest.mark.parametrize("locale", User.Locale.values)
    @pytest.mark.parametrize("value", ["1.234", "0.000000000000000001", "1234567", "12.5", "999.999"])
    def test_what_a_field_shows_it_reads_again(self, reads, locale: str, value: str) -> None:
        reads(locale)
        field = AmountFormField()
        assert field.clean(field.prepare_value(D(value))) == D(value)


@pytest.mark.django_db
class TestPages:
    def test_they_are_written_as_their_reader_wants(self, alice: User, alice_client) -> None:
        User.objects.filter(pk=alice.pk).update(locale="de-DE", gain="blue")
        portfolio = PortfolioFactory(owner=alice)
        record(portfolio, "buy", "1.5", "2024-03-09", unit_price="1234.5")
        page = alice_client.get(f"/portfolios/{portfolio.pk}/").content.decode()
        assert 'data-locale="de-DE" data-gain="blue"' in page
        assert "09.03.2024" in page
        assert "1.851,75" in page.translate(SPACES)

    def test_a_form_is_filled_and_read_by_the_same_signs(self, alice: User, alice_client) -> None:
        User.objects.filter(pk=alice.pk).update(locale="de-DE")
        row = record(PortfolioFactory(owner=alice), "buy", "1.234", "2024-03-09", unit_price="10")
        assert 'value="1,234"' in alice_client.get(f"/transactions/{row.pk}/edit/").content.decode()

    def test_a_refusal_is_written_so_too(self, reads) -> None:
        at = datetime(2024, 3, 1, 10, tzinfo=UTC)
        error = HoldingWouldBeNegative(asset="BTC", at=at, held=D("0.50"), wanted=D("1200.5"))
        said = "less than the {} BTC that leave then."
        assert refused(error) == f"You held 0.5 BTC on 1 March 2024 at 10:00 UTC, {said.format('1200.5')}"
        reads("de-DE")
        assert refused(error) == f"You held 0,5 BTC on 1. März 2024 at 10:00 UTC, {said.format('1200,5')}"

    def test_the_days_that_a_message_names_are_written_so_too(self, reads, alice) -> None:
        portfolio = PortfolioFactory(owner=alice)
        for locale, first in (("en", "3 January 2009"), ("de-DE", "3. Januar 2009")):
            reads(locale)
            with pytest.raises(ValidationError, match=f"between {first} and tomorrow"):
                record(portfolio, "buy", "1", "2001-01-01", unit_price="1")
            period = PeriodForm({"from": "2001-01-01"}, today=date(2024, 1, 1))
            assert f"between {first} and today" in period.errors["from"][0]

    def test_files_and_programs_keep_one_way(self, alice: User, alice_client) -> None:
        User.objects.filter(pk=alice.pk).update(locale="de-DE")
        record(PortfolioFactory(owner=alice), "buy", "1234.5", "2024-03-09", unit_price="1.5")
        assert ",1234.5," in alice_client.get("/transactions/export/").getvalue().decode()
        assert locales.is_own()

    def test_hidden_amounts_follow_the_account_until_the_device_says_otherwise(
        self, alice, alice_client
    ) -> None:
        User.objects.filter(pk=alice.pk).update(hides_amounts=True)
        SnapshotFactory()
        portfolio = PortfolioFactory(owner=alice)
        record(portfolio, "buy", "1", "2024-03-09", unit_price="1234.5")
        url = f"/portfolios/{portfolio.pk}/"
        assert "1,234.5" not in alice_client.get(url).content.decode()
        alice_client.cookies["private"] = "0"
        assert "1,234.5" in alice_client.get(url).content.decode()


def test_each_way_of_writing_shows_how_it_writes() -> None:
    labels = dict(locale_choices())
    assert labels["en"] == "Bitfolio: 1,234.56 · 5 Nov 2025"
    assert labels["de-DE"] == "Deutsch: 1.234,56 · 05.11.2025"
    assert set(labels) == set(User.Locale.values)
