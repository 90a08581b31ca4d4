"""AmountField: exact on whatever database the tests run on, and closed to what is no amount."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from hypothesis import given, settings, strategies

from portfolios.models import Holding
from prices.fields import CEILING, ONE_UNIT, canonical
from prices.models import Asset, PriceSnapshot
from tests.factories import NOW, AssetFactory, PortfolioFactory, SnapshotFactory

# Every number of up to 38 digits, 18 of them decimals.
amounts = strategies.integers(min_value=-(10**38) + 1, max_value=10**38 - 1).map(
    lambda units: units * ONE_UNIT
)
on_one_database = settings(max_examples=60)
REFUSED = (ValidationError, ValueError, ArithmeticError)


@pytest.fixture
def snapshot(db: None) -> PriceSnapshot:
    return SnapshotFactory()


@pytest.fixture
def holding(db: None) -> Holding:
    """A row whose amounts may be anything: negative, zero, all 38 digits long."""
    return Holding.objects.create(portfolio=PortfolioFactory(), asset=AssetFactory())


class TestRoundTrip:
    @on_one_database
    @given(amount=amounts)
    def test_every_amount_comes_back_to_the_last_digit(self, holding: Holding, amount: Decimal) -> None:
        holding.cost_basis = amount
        holding.save()
        stored = Holding.objects.get(pk=holding.pk).cost_basis
        assert stored == amount
        assert isinstance(stored, Decimal)

    @on_one_database
    @given(amount=amounts)
    def test_an_amount_is_found_by_its_value(self, holding: Holding, amount: Decimal) -> None:
        Holding.objects.filter(pk=holding.pk).update(cost_basis=amount)
        assert Holding.objects.filter(cost_basis=amount).count() == 1

    @given(amount=amounts)
    def test_the_text_of_an_amount_is_the_amount(self, amount: Decimal) -> None:
        assert Decimal(canonical(amount)) == amount
        assert "E" not in canonical(amount)

    def test_the_text_of_an_amount_is_one_and_the_same_however_it_is_written(self) -> None:
        assert canonical(Decimal("1.500")) == canonical(Decimal("15E-1")) == "1.5"
        assert canonical(Decimal("-0.000")) == "0"


class TestRefusals:
    @pytest.mark.parametrize(
        "number",
        ["NaN", "sNaN", "Infinity", "-Infinity", "1E+20", "-1E+20", "1E-19", "0.1234567890123456789"],
    )
    def test_what_does_not_fit_is_refused_before_it_is_rounded(self, holding: Holding, number: str) -> None:
        with pytest.raises(REFUSED):
            Holding.objects.filter(pk=holding.pk).update(cost_basis=Decimal(number))

    @on_one_database
    @given(amount=strategies.decimals(min_value=CEILING, allow_nan=False, allow_infinity=False))
    def test_twenty_one_digits_before_the_point_are_too_many(self, holding: Holding, amount: Decimal) -> None:
        with pytest.raises(REFUSED):
            Holding.objects.filter(pk=holding.pk).update(cost_basis=amount)


class TestConstraint:
    @pytest.mark.parametrize(
        "price", ["0", "-1", "-0.000000000000000001", "'NaN'", "'Infinity'", "1e20", "'1e20'"]
    )
    def test_the_database_itself_refuses_what_is_no_price(self, snapshot: PriceSnapshot, price: str) -> None:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE prices_pricesnapshot SET price = {price}")

    @pytest.mark.parametrize(
        "price", ["0.000000000000000001", "99999999999999999999", "99999999999999999999.999999999999999999"]
    )
    def test_the_database_takes_the_smallest_and_the_largest_price(
        self, snapshot: PriceSnapshot, price: str
    ) -> None:
        PriceSnapshot.objects.filter(pk=snapshot.pk).update(price=Decimal(price))
        snapshot.refresh_from_db()
        assert snapshot.price == Decimal(price)

    def test_the_largest_price_passes_validation_too(self, snapshot: PriceSnapshot) -> None:
        snapshot.price = CEILING - ONE_UNIT
        snapshot.full_clean()
        snapshot.price = Decimal(0)
        with pytest.raises(ValidationError, match="price_is_positive"):
            snapshot.full_clean()

    def test_one_asset_has_one_price_at_an_instant(self, snapshot: PriceSnapshot) -> None:
        with pytest.raises(DatabaseError), transaction.atomic():
            PriceSnapshot.objects.create(asset=snapshot.asset, at=snapshot.at, price=1, source="pack")

    def test_another_asset_may_have_one_at_the_same_instant(self, snapshot: PriceSnapshot) -> None:
        SnapshotFactory(asset=AssetFactory(symbol="ETH"), at=NOW)
        assert Asset.objects.filter(snapshots__at=NOW).count() == 2
