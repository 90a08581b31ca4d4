"""What people type: read exactly or refused with a reason that says how."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from accounts.models import User
from portfolios.forms import AmountFormField, MomentFormField, QuantityFormField, RowForm, TransactionForm
from portfolios.ledger import HoldingWouldBeNegative
from portfolios.models import Portfolio
from tests.factories import AssetFactory, PortfolioFactory, SnapshotFactory, day, record

READ = [
    ("1234.56", "1234.56"),
    ("1,234.56", "1234.56"),
    ("1,234,567", "1234567"),
    ("1 234.56", "1234.56"),
    ("1\u202f234\u202f567.8", "1234567.8"),
    ("1'234.50", "1234.5"),
    ("1 234,56", "1234.56"),
    ("12\u202f345\u202f678,9", "12345678.9"),
    ("1 234,5678", "1234.5678"),
    (".015", "0.015"),
    ("1,5", "1.5"),
    ("0,0067", "0.0067"),
    ("1234,56", "1234.56"),
    (",5", "0.5"),
    ("5.", "5"),
    ("  12  ", "12"),
    ("007", "7"),
    ("-3", "-3"),
    ("−3", "-3"),
    ("+3", "3"),
    ("-0", "0"),
    ("99999999999999999999.999999999999999999", "99999999999999999999.999999999999999999"),
    ("0.000000000000000001", "0.000000000000000001"),
    ("1.50000000000000000000000000", "1.5"),
]
REFUSED = [
    ("0,123", "Use a point for decimals: 0.123."),
    ("1 234,567", "Separate thousands in groups of three"),
    ("1 234,5.6", "Use a point for decimals: 1234.5."),
    ("1234,567", "Separate thousands in groups of three"),
    ("1,", "Use a point for decimals: 1.0."),
    ("1.234,56", "Use a point for decimals, and no other: 1234.56."),
    ("1,234", "Write 1234, or 1.234 if you mean that."),
    ("0,500", "Use a point for decimals: 0.500."),
    ("01,234", "Use a point for decimals: 01.234."),
    ("1,23,456", "Separate thousands in groups of three"),
    ("1 2", "Separate thousands in groups of three"),
    ("1.2.3", "one point"),
    ("1e5", "without an exponent"),
    ("1E-30", "without an exponent"),
    ("NaN", "Enter a number, for example 3.44."),
    ("sNaN", "Enter a number, for example 3.44."),
    ("Infinity", "Enter a number, for example 3.44."),
    ("1_000", "Enter a number, for example 3.44."),
    ("3.4a", "Enter a number, for example 3.44."),
    ("--3", "Enter a number, for example 3.44."),
    (".", "Enter a number, for example 3.44."),
    ("1\x00", "Enter a number, for example 3.44."),
    ("１２", "Use the digits 0 to 9."),
    ("٣", "Use the digits 0 to 9."),
    ("½", "Use the digits 0 to 9."),
    ("0.0000000000000000001", "Use at most 18 decimals."),
    ("0." + "9" * 60, "Use at most 18 decimals."),
    ("1" * 21, "Use at most 20 digits before the point."),
    ("1" * 1_000_000, "Use at most 20 digits before the point"),
]


@pytest.mark.parametrize(("typed", "meant"), READ)
def test_an_amount_is_read_exactly(typed, meant) -> None:
    read = AmountFormField().clean(typed)
    assert isinstance(read, Decimal)
    assert read == Decimal(meant)


@pytest.mark.parametrize(("typed", "said"), REFUSED)
def test_what_can_be_read_in_two_ways_or_in_none_is_refused(typed, said) -> None:
    with pytest.raises(ValidationError) as refusal:
        AmountFormField().clean(typed)
    assert said in refusal.value.messages[0]


def test_nothing_typed_is_nothing_stated() -> None:
    assert AmountFormField(required=False).clean("  ") is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("150000 sats", "0.0015"), ("150k sats", "0.0015"), ("1.5k SATS", "0.000015"), ("1 sat", "0.00000001"),
     ("1,234 sats", "0.00001234"), ("2M sats", "0.02"), ("1,5k sats", "0.000015"),
     ("150k  sats ", "0.0015"), ("0.5", "0.5")],
)  # fmt: skip
def test_a_quantity_may_be_told_in_sats(typed, meant) -> None:
    assert QuantityFormField().clean(typed) == Decimal(meant)


@pytest.mark.parametrize("typed", ["1.5 sats", "sats", "150k", "1,5 sats", "satsats"])
def test_a_sat_is_whole_and_says_so(typed) -> None:
    with pytest.raises(ValidationError):
        QuantityFormField().clean(typed)


def test_stored_amounts_are_shown_to_the_last_digit_without_needless_zeros() -> None:
    field = AmountFormField()
    assert field.prepare_value(Decimal("0.010000000000000000")) == "0.01"
    assert field.prepare_value(Decimal("1E+3")) == "1000"
    assert field.prepare_value("1,5") == "1,5"  # what was typed stays as it was typed


def moment_in(zone: str, typed: str, shown: datetime | None = None) -> datetime | None:
    field = MomentFormField()
    field.zone, field.shown = ZoneInfo(zone), shown
    return field.clean(typed)


@pytest.mark.parametrize(
    ("zone", "typed", "meant"),
    [
        ("UTC", "2024-01-31T14:30", "2024-01-31 14:30"),
        ("UTC", "2024-01-31 14:30:59", "2024-01-31 14:30:59"),
        ("Europe/Vienna", "2024-01-31T14:30", "2024-01-31 13:30"),
        ("Europe/Vienna", "2024-10-27T02:30", "2024-10-27 00:30"),  # the first of two such hours
        ("Pacific/Kiritimati", "2024-02-29T00:15", "2024-02-28 10:15"),
        ("Pacific/Pago_Pago", "2024-02-28T23:00:05", "2024-02-29 10:00:05"),
    ],
)
def test_a_moment_is_told_in_the_users_zone(zone, typed, meant) -> None:
    assert moment_in(zone, typed) == day(meant)


@pytest.mark.parametrize(
    "typed",
    ["soon", "2024-02-30T10:00", "2024-01-31", "0000-01-01T00:00", "2024-01-31T14:30Z", "20240131T1430",
     "2024-W05-3", "２０２４-01-31T14:30", "2024-01-31T14:30\x00", "9" * 5000, "10000-01-01T00:00"],
)  # fmt: skip
def test_what_is_no_moment_is_refused(typed) -> None:
    with pytest.raises(ValidationError, match="Enter a date and time"):
        moment_in("UTC", typed)


@pytest.mark.parametrize(
    ("zone", "typed"), [("Asia/Tokyo", "0001-01-01T00:00"), ("America/Lima", "9999-12-31T23:00")]
)
def test_a_moment_at_the_edge_of_the_calendar_is_refused(zone, typed) -> None:
    with pytest.raises(ValidationError):
        moment_in(zone, typed)


def test_an_hour_that_was_skipped_did_not_exist() -> None:
    with pytest.raises(ValidationError, match="went forward"):
        moment_in("Europe/Vienna", "2024-03-31T02:30")


def test_a_moment_left_as_shown_stays_what_was_stored() -> None:
    second_hour = datetime(2024, 10, 27, 1, 30, 0, 123456, tzinfo=UTC)  # the later 02:30 in Vienna
    assert moment_in("Europe/Vienna", "2024-10-27T02:30", shown=second_hour) == second_hour


@pytest.fixture
def portfolio(alice: User) -> Portfolio:
    return PortfolioFactory(owner=alice, name="Savings", currency="EUR")


def typed(into: Portfolio, **others: object) -> dict[str, object]:
    plain = {"kind": "buy", "portfolio": into.pk, "asset": AssetFactory().pk, "quantity": "0.5"}
    return plain | {"occurred_at": "2024-01-31T14:30", "unit_price": "40,000.00"} | others


@pytest.mark.django_db
def test_a_form_becomes_a_draft_in_the_portfolios_currency(alice, portfolio) -> None:
    form = TransactionForm(typed(portfolio, quantity="150k sats", fee="3.44", note=" x "), user=alice)
    assert form.is_valid(), form.errors
    stated = form.draft
    assert (stated.quantity, stated.unit_price, stated.fee) == (Decimal("0.0015"), 40000, Decimal("3.44"))
    assert (stated.currency, stated.note, stated.total, stated.cost) == ("EUR", "x", None, None)
    assert form.into == portfolio


@pytest.mark.django_db
def test_only_bitcoin_is_counted_in_sats(alice, portfolio) -> None:
    form = TransactionForm(
        typed(portfolio, quantity="5 sats", asset=AssetFactory(symbol="ETH").pk), user=alice
    )
    assert "Only bitcoin" in form.errors["quantity"][0]


@pytest.mark.django_db
@pytest.mark.parametrize("fee", ["5k sats", "5000 sats", "0.00005"])
def test_a_fee_in_bitcoin_is_read_as_a_quantity_is(alice, portfolio, fee) -> None:
    bitcoin, ether = AssetFactory(), AssetFactory(symbol="ETH")
    form = TransactionForm(typed(portfolio, asset=ether.pk, fee=fee, fee_asset=bitcoin.pk), user=alice)
    assert form.is_valid(), form.errors
    assert form.draft.fee == Decimal("0.00005")


@pytest.mark.django_db
def test_a_fee_in_bitcoin_is_read_so_in_a_row_too(alice) -> None:
    row = record(PortfolioFactory(owner=alice), "deposit", "1", "2024-01-01", cost="10")
    row = record(row.portfolio, "withdrawal", "0.5", "2024-01-02", fee="0.1", fee_asset=row.asset)
    sent = {
        name: RowForm(user=alice, amending=row)[name].value() for name in ("kind", "asset", "occurred_at")
    }
    sent |= {"quantity": "0.5", "fee": "5k sats", "fee_asset": row.fee_asset_id}
    form = RowForm(sent, user=alice, amending=row)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["fee"] == Decimal("0.00005")


@pytest.mark.django_db
@pytest.mark.parametrize("paid_in", ["", "ETH"])
def test_a_fee_in_anything_else_is_not_counted_in_sats(alice, portfolio, paid_in) -> None:
    coin = AssetFactory(symbol=paid_in).pk if paid_in else ""
    form = TransactionForm(typed(portfolio, fee="5k sats", fee_asset=coin), user=alice)
    assert "Only bitcoin is counted in sats" in form.errors["fee"][0]
    assert ("ETH" if paid_in else "money") in form.errors["fee"][0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [("kind", "x"), ("kind", "x\x00"), ("portfolio", "10" * 20), ("portfolio", "-1"), ("asset", "EUR"),
     ("asset", str(2**63)), ("currency", "XXX"), ("note", "x" * 501), ("note", "a\x00b"), ("quantity", "")],
)  # fmt: skip
def test_a_field_that_says_something_else_is_told(alice, portfolio, field, value) -> None:
    assert field in TransactionForm(typed(portfolio, **{field: value}), user=alice).errors


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["idempotency_key", "version"])
def test_damage_to_what_nobody_sees_is_told_all_the_same(alice, portfolio, field) -> None:
    form = TransactionForm(typed(portfolio, **{field: "garbage"}), user=alice)
    assert "out of date" in form.non_field_errors()[0]


@pytest.mark.django_db
def test_nobody_is_offered_somebody_elses_portfolio(charlie, portfolio) -> None:
    form = TransactionForm(typed(portfolio), user=charlie)
    assert "portfolio" in form.errors
    assert "Savings" not in str(form["portfolio"])


@pytest.mark.django_db
def test_what_the_market_priced_is_not_shown_as_stated(alice) -> None:
    SnapshotFactory(at=day("2024-01-01"), price=Decimal(100))
    row = record(PortfolioFactory(owner=alice), "buy", "1", "2024-01-01", fee="1.50")
    form = TransactionForm(user=alice, amending=row)
    assert (form["unit_price"].value(), form["fee"].value()) == (None, "1.5")
    assert 'placeholder="100"' in str(RowForm(user=alice, amending=row)["unit_price"])


@pytest.mark.django_db
def test_a_row_has_only_what_its_kind_takes_and_names_its_form(alice) -> None:
    row = record(PortfolioFactory(owner=alice), "deposit", "1", "2024-01-01", cost="10")
    form = RowForm(user=alice, amending=row)
    assert {"unit_price", "total", "fee"}.isdisjoint(form.fields)
    assert f'form="tx-{row.pk}-form"' in str(form["quantity"])


@pytest.mark.django_db
def test_refusals_of_the_services_stand_at_their_fields(alice, portfolio) -> None:
    form = TransactionForm(typed(portfolio), user=alice)
    form.is_valid()
    form.refuse(ValidationError({"unit_price": "No price is known.", "fx_rate": "Odd."}))
    form.refuse(HoldingWouldBeNegative(asset="BTC", at=day("2024-01-01"), held=Decimal(1), wanted=Decimal(2)))
    assert form.errors["unit_price"] == ["No price is known."]
    assert form.non_field_errors() == ["Odd."]
    assert "You held 1 BTC on 1 January 2024" in form.errors["quantity"][0]


def test_text_behind_a_number_of_sats_is_not_passed_over() -> None:
    with pytest.raises(ValidationError):
        QuantityFormField().clean("1" + " " * 95 + "sats and more")


@pytest.mark.django_db
def test_coins_are_offered_in_the_order_of_the_names_they_show(alice, portfolio) -> None:
    for symbol, name in (("AAA", "Zeta"), ("MMM", "alpha"), ("ZZZ", "Beta")):
        AssetFactory(symbol=symbol, name=name)
    form = TransactionForm(user=alice)
    for field in ("asset", "to_asset", "fee_asset"):
        names = [said for value, said in form.fields[field].choices if value]
        assert names == ["alpha (MMM)", "Beta (ZZZ)", "Zeta (AAA)"]
