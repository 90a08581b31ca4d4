"""The read models: what follows from the transactions.

They are written by `services` in the database transaction of the change they follow from. Nobody edits them;
`rebuild_books` makes them anew and `verify_books` proves them equal. Each row belongs to one asset of one
portfolio and is kept in the portfolio's currency.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db import models

from portfolios.ledger import Position
from portfolios.models.transactions import Kind, Portfolio, Transaction, left_out_of
from prices.fields import AmountField
from prices.models import Asset

FIGURES = Position._fields  # the columns below
FEE_LEG = 2
AT_COST = (Kind.WITHDRAWAL, Kind.TRANSFER)  # what leaves by them leaves at its cost; nothing is realised


class OfAnAsset(models.Model):
    """What every read model is about."""

    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="%(class)ss")
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True


class Changes(OfAnAsset):
    """Figures of one asset in one portfolio, in the portfolio's currency: see `ledger.Position`."""

    quantity = AmountField(default=0)
    cost_basis = AmountField(default=0)
    realised = AmountField(default=0)
    income = AmountField(default=0)
    fees = AmountField(default=0)
    money_in = AmountField(default=0)
    money_out = AmountField(default=0)
    moved = AmountField(default=0)

    class Meta:
        abstract = True


class Figures(Changes):
    """Running figures, in which the transfers are told apart."""

    transferred_in = AmountField(default=0)
    transferred_out = AmountField(default=0)

    class Meta:
        abstract = True

    @property
    def position(self) -> Position:
        return Position(*(getattr(self, name) for name in FIGURES))


class Holding(Figures):
    """Where an asset stands after its last transaction."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["portfolio", "asset"], name="one_holding_per_asset"),
        ]

    def __str__(self) -> str:
        return f"{self.asset.symbol} in {self.portfolio}"


class DailyPosition(Figures):
    """Where an asset stood at the end of a UTC day on which something happened to it."""

    day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["portfolio", "asset", "day"], name="one_position_per_day"),
        ]

    def __str__(self) -> str:
        return f"{self.asset.symbol} in {self.portfolio} on {self.day}"


class BookingQuerySet(models.QuerySet["Booking"]):
    def of(self, portfolios: Iterable[Portfolio]) -> "BookingQuerySet":
        """Those of the assets that these are asked about."""
        return self.filter(portfolio__in=portfolios).exclude(asset__in=left_out_of(portfolios))

    def between(self, since: datetime, until: datetime) -> "BookingQuerySet":
        """Those of [since, until]."""
        return self.filter(occurred_at__gte=since, occurred_at__lte=until)


class Booking(Changes):
    """What one leg of a transaction changed: leg 0 is the transaction itself, 1 the other side of a swap or
    transfer, 2 a fee in coins.
    """

    transaction = models.ForeignKey(Transaction, on_delete=models.CASCADE, related_name="bookings")
    leg = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    occurred_at = models.DateTimeField()

    objects = BookingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["transaction", "leg"], name="one_booking_per_leg"),
        ]
        indexes = [
            models.Index(fields=["portfolio", "asset", "occurred_at"], name="booking_history"),
            models.Index(fields=["portfolio", "occurred_at"], name="bookings_by_time"),
        ]

    def __str__(self) -> str:
        return f"Booking of transaction {self.transaction_id}"

    @property
    def cost(self) -> Decimal:
        """What an acquisition cost, or the lots that a disposal used."""
        return abs(self.cost_basis)

    @property
    def proceeds(self) -> Decimal | None:
        """None for what comes."""
        return None if self.quantity > 0 else self.realised - self.cost_basis

    @property
    def gain(self) -> Decimal | None:
        """None where nothing is realised."""
        return None if self.quantity > 0 or self.leaves_at_cost else self.realised

    @property
    def leaves_at_cost(self) -> bool:
        return self.kind in AT_COST and self.leg != FEE_LEG

    @property
    def change(self) -> Position:
        own = Position(*(getattr(self, name) for name in FIGURES[:8]))
        if self.kind != Kind.TRANSFER or self.leg == FEE_LEG:
            return own
        return own._replace(transferred_in=own.money_in, transferred_out=own.money_out)


class Lot(OfAnAsset):
    """A quantity acquired at one time at one cost, and what is still open of it.

    `number` counts the lots of an asset in a portfolio; `transaction` brought it here and `origin` acquired
    it first. Under the average method the cost of what is open is the holding's, by quantity. `rank` is the
    order in which the portfolio's cost method gives up what is open; `unit_cost`, of a lot that was
    transferred, what a unit cost where it was acquired.
    """

    number = models.PositiveIntegerField()
    transaction = models.ForeignKey(Transaction, on_delete=models.CASCADE, related_name="lots")
    origin = models.ForeignKey(Transaction, on_delete=models.CASCADE, related_name="+")
    acquired_at = models.DateTimeField()
    arrived_at = models.DateTimeField()
    quantity = AmountField()
    cost = AmountField()
    open_quantity = AmountField()
    open_cost = AmountField()
    is_open = models.BooleanField()
    rank = models.CharField(max_length=84)
    unit_cost = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["portfolio", "asset", "number"], name="one_lot_per_number"),
        ]
        indexes = [models.Index(fields=["portfolio", "asset", "is_open", "rank"], name="lots_in_turn")]

    def __str__(self) -> str:
        return f"Lot {self.number} of {self.asset.symbol} in {self.portfolio}"


class Disposal(OfAnAsset):
    """A slice of a lot that left by a leg of a transaction: what it cost, and what it brought.

    `proceeds` is null where nothing is realised.
    """

    transaction = models.ForeignKey(Transaction, on_delete=models.CASCADE, related_name="disposals")
    leg = models.PositiveSmallIntegerField(default=0)
    lot = models.PositiveIntegerField(help_text="The number of the lot.")
    origin = models.ForeignKey(Transaction, on_delete=models.CASCADE, related_name="+")
    acquired_at = models.DateTimeField()
    disposed_at = models.DateTimeField()
    quantity = AmountField()
    cost = AmountField()
    proceeds = AmountField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["transaction", "leg", "lot"], name="one_disposal_per_lot"),
        ]
        indexes = [
            models.Index(fields=["portfolio", "asset", "disposed_at"], name="disposal_history"),
            models.Index(fields=["portfolio", "disposed_at"], name="gains_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of lot {self.lot} by transaction {self.transaction_id}"

    @property
    def gain(self) -> Decimal | None:
        return None if self.proceeds is None else self.proceeds - self.cost
