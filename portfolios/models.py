"""What you did: portfolios and their transactions (truth), holdings and bookings (read models).

Read models are written by `services` in the database transaction of the change they follow from. Nobody
edits them; `rebuild_books` makes them anew and `verify_books` proves them equal.
"""

from dataclasses import fields

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import User, validate_currency
from portfolios.ledger import Position
from prices.fields import AmountField, IsPrice
from prices.models import Asset


class PortfolioQuerySet(models.QuerySet["Portfolio"]):
    def owned_by(self, user: User) -> "PortfolioQuerySet":
        return self.filter(owner=user)


class Portfolio(models.Model):
    """A set of transactions that one user keeps together, with its currency and cost method."""

    class CostMethod(models.TextChoices):
        AVERAGE = "average", "Average cost"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="portfolios")
    name = models.CharField(max_length=80)
    currency = models.CharField(max_length=3, default="USD", validators=[validate_currency])
    cost_method = models.CharField(max_length=8, choices=CostMethod.choices, default=CostMethod.AVERAGE)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PortfolioQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                name="one_portfolio_per_name",
                violation_error_message="You already have a portfolio with this name.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Kind(models.TextChoices):
    """What a transaction does; the words of the vocabulary."""

    BUY = "buy", "Buy"
    SELL = "sell", "Sell"
    SWAP = "swap", "Swap"
    TRANSFER = "transfer", "Transfer"
    DEPOSIT = "deposit", "Deposit"
    WITHDRAWAL = "withdrawal", "Withdrawal"
    INCOME = "income", "Income"
    SPEND = "spend", "Spend"
    GIFT = "gift", "Gift"
    LOST = "lost", "Lost"
    FEE = "fee", "Fee"


class TransactionQuerySet(models.QuerySet["Transaction"]):
    def owned_by(self, user: User) -> "TransactionQuerySet":
        return self.filter(portfolio__owner=user)

    def kept(self) -> "TransactionQuerySet":
        """Those that count: not deleted."""
        return self.filter(deleted_at=None)

    def newest_first(self) -> "TransactionQuerySet":
        return self.order_by("-occurred_at", "-pk")

    def in_booking_order(self) -> "TransactionQuerySet":
        """By time, then by the order of entry; the ledger ranks kinds within one instant."""
        return self.order_by("occurred_at", "pk")


class Transaction(models.Model):
    """What the user did, as they stated it. Amounts are in `currency`; `fx_rate` is frozen at entry.

    Of `unit_price` and `total` at most one is stated. With neither, the last price stored before that time
    fills `unit_price`, and `price_source`, `price_at` and `price_grade` say where it came from.
    """

    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="transactions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="+")
    quantity = AmountField()
    occurred_at = models.DateTimeField()
    currency = models.CharField(max_length=3, validators=[validate_currency])
    fx_rate = AmountField(
        default=1, help_text="Portfolio currency per unit of the transaction's currency on its date, frozen."
    )
    unit_price = AmountField(null=True, blank=True)
    total = AmountField(null=True, blank=True, help_text="Really paid or received, the fee included.")
    fee = AmountField(default=0, help_text="In the currency, or in units of the fee asset.")
    fee_asset = models.ForeignKey(Asset, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    to_asset = models.ForeignKey(Asset, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    to_quantity = AmountField(null=True, blank=True)
    to_portfolio = models.ForeignKey(
        Portfolio, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    cost = AmountField(null=True, blank=True, help_text="What a deposit's coins cost, as stated.")
    price_source = models.CharField(max_length=20, blank=True, help_text="Empty: stated by the user.")
    price_at = models.DateTimeField(null=True, blank=True)
    price_grade = models.CharField(max_length=1, blank=True)
    note = models.CharField(max_length=500, blank=True)
    external_id = models.CharField(max_length=100, blank=True)
    idempotency_key = models.UUIDField(null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = TransactionQuerySet.as_manager()

    class Meta:
        ordering = ["-occurred_at", "-pk"]
        indexes = [
            models.Index(fields=["portfolio", "asset", "occurred_at"], name="transaction_booking_order"),
            models.Index(fields=["portfolio", "occurred_at"], name="transaction_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["portfolio", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name="one_transaction_per_idempotency_key",
            ),
            models.CheckConstraint(condition=IsPrice("quantity"), name="quantity_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.occurred_at:%Y-%m-%d}"

    @property
    def is_acquisition(self) -> bool:
        return self.kind in {Kind.BUY, Kind.DEPOSIT, Kind.INCOME}


class Figures(models.Model):
    """The running figures of one asset in one portfolio, in the portfolio's currency."""

    quantity = AmountField(default=0)
    cost_basis = AmountField(default=0)
    realised = AmountField(default=0)
    income = AmountField(default=0)
    fees = AmountField(default=0)
    money_in = AmountField(default=0)
    money_out = AmountField(default=0)

    class Meta:
        abstract = True


FIGURES = tuple(field.name for field in fields(Position))  # the columns above


class Holding(Figures):
    """Read model: where one asset of one portfolio stands after its last transaction."""

    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="holdings")
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["portfolio", "asset"], name="one_holding_per_asset"),
        ]

    def __str__(self) -> str:
        return f"{self.asset.symbol} in {self.portfolio}"


class Booking(Figures):
    """Read model: what one transaction did to the books, and where its asset stood after it.

    `cost` is what an acquisition cost or the cost of the lots a disposal used; `proceeds` and `gain` belong
    to disposals (`gain` is null where nothing is realised, as in a withdrawal).
    """

    transaction = models.OneToOneField(
        Transaction, on_delete=models.CASCADE, primary_key=True, related_name="booking"
    )
    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="bookings")
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="+")
    occurred_at = models.DateTimeField()
    cost = AmountField(default=0)
    proceeds = AmountField(null=True)
    gain = AmountField(null=True)

    class Meta:
        indexes = [models.Index(fields=["portfolio", "asset", "occurred_at"], name="booking_history")]

    def __str__(self) -> str:
        return f"Booking of transaction {self.transaction_id}"
