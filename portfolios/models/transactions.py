"""What you did: portfolios and their transactions. This is the truth that everything else is derived from."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import User, validate_currency
from portfolios.models.audit import Act, AuditTrail
from prices.fields import AmountField, IsPrice
from prices.models import Asset

if TYPE_CHECKING:
    from portfolios.models.books import Booking


class PortfolioQuerySet(models.QuerySet["Portfolio"]):
    def owned_by(self, user: User) -> "PortfolioQuerySet":
        return self.filter(owner=user)

    def without_books(self) -> "PortfolioQuerySet":
        """Those with transactions and no read models, as an upgrade that makes new ones leaves them."""
        return self.filter(transactions__deleted_at=None, holdings=None).exclude(transactions=None).distinct()


class Portfolio(models.Model):
    """A set of transactions that one user keeps together, with its currency and cost method."""

    class CostMethod(models.TextChoices):
        AVERAGE = "average", "Average cost"
        FIFO = "fifo", "First in, first out"
        LIFO = "lifo", "Last in, first out"
        HIFO = "hifo", "Highest cost first"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="portfolios")
    name = models.CharField(max_length=80)
    currency = models.CharField(max_length=3, default="USD", validators=[validate_currency])
    cost_method = models.CharField(max_length=8, choices=CostMethod.choices, default=CostMethod.AVERAGE)
    created_at = models.DateTimeField(auto_now_add=True)
    books_version = models.PositiveBigIntegerField(
        default=0,
        editable=False,
        help_text="Another number whenever the books change, so that older figures are not trusted.",
    )

    as_kept = True  # of copies that are asked: whether they have the cost method that they are kept by
    left_out: frozenset[int] = frozenset()  # of copies that are asked: pks of the assets that are left out

    objects = PortfolioQuerySet.as_manager()
    history = AuditTrail(
        belongs_to="owner",
        excluded_fields=["created_at", "books_version"],
        verbose_name="portfolio change",
        verbose_name_plural="portfolio changes",
    )

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


def left_out_of(portfolios: Iterable[Portfolio]) -> frozenset[int]:
    """The pks of the assets that are left out where these portfolios are looked at."""
    return frozenset().union(*(each.left_out for each in portfolios))


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
    GIFT = "gift", "Gift given"
    LOST = "lost", "Lost"
    FEE = "fee", "Fee"


class TransactionQuerySet(models.QuerySet["Transaction"]):
    def owned_by(self, user: User) -> "TransactionQuerySet":
        return self.filter(portfolio__owner=user)

    def touching(self, portfolio: Portfolio) -> "TransactionQuerySet":
        """Those of a portfolio, and the transfers into it."""
        return self.filter(Q(portfolio=portfolio) | Q(to_portfolio=portfolio))

    def tying(self, portfolio: Portfolio) -> "TransactionQuerySet":
        """The transfers that count between a portfolio and another: while there are any, it stays."""
        return self.kept().touching(portfolio).exclude(to_portfolio=None)

    def about(self, asset: int) -> "TransactionQuerySet":
        """Those that change what is held of an asset, by any of their legs."""
        return self.filter(Q(asset=asset) | Q(to_asset=asset) | Q(fee_asset=asset))

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
    fills `unit_price`, and `price_source`, `price_at` and `price_grade` say where it came from. A fee in
    coins is worth `fee_price` each, from `fee_price_source`, which is empty where the trade itself tells it.
    `declined_…` is the better price that the user was offered last, and did not take.
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
    other_rates = models.JSONField(
        default=dict,
        editable=False,
        help_text="The same by currency, frozen when coins of it were booked in a portfolio kept in that.",
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
    fee_price = AmountField(null=True, blank=True, editable=False)
    fee_price_source = models.CharField(max_length=20, blank=True, editable=False)
    fee_price_at = models.DateTimeField(null=True, blank=True, editable=False)
    declined_price = AmountField(null=True, blank=True, editable=False)
    declined_price_at = models.DateTimeField(null=True, blank=True, editable=False)
    declined_fee_price = AmountField(null=True, blank=True, editable=False)
    declined_fee_price_at = models.DateTimeField(null=True, blank=True, editable=False)
    note = models.CharField(max_length=500, blank=True)
    external_id = models.CharField(max_length=100, blank=True)
    idempotency_key = models.UUIDField(null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = TransactionQuerySet.as_manager()
    history = AuditTrail(
        belongs_to="portfolio",
        excluded_fields=["idempotency_key", "other_rates", "created_at", "updated_at"],
        no_db_index=["asset", "fee_asset", "to_asset", "to_portfolio"],
        verbose_name="transaction change",
        verbose_name_plural="transaction changes",
    )

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

    def audited_as(self, act: Act, at: datetime) -> None:
        """Say what the next save is, and when: that goes into the audit trail with it."""
        self._change_reason, self._history_date = act.value, at

    @property
    def is_acquisition(self) -> bool:
        return self.kind in {Kind.BUY, Kind.DEPOSIT, Kind.INCOME}

    @property
    def booking(self) -> "Booking":
        """What the transaction itself did to the books, beside its other legs."""
        return next(each for each in self.bookings.all() if each.leg == 0)

    @property
    def arrival(self) -> "Booking":
        """What a transfer did to the books of the portfolio that it came into, in the currency of that."""
        return next(each for each in self.bookings.all() if each.leg == 1)

    @property
    def realised(self) -> Decimal | None:
        """What all of its legs realised, a fee in coins too, in the portfolio's currency; None of none."""
        gains = [each.gain for each in self.bookings.all() if each.gain is not None]
        return sum(gains, Decimal(0)) if gains else None
