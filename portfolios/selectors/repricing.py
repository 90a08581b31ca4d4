"""Better prices for transactions that were priced by stored history: what is offered, and what it changes.

Better is a price nearer to the transaction's moment, or another value at the instant it was priced at. What
was declined is the mark that a later offer has to beat. An exchange rate alone makes no offer: it counts with
a better price of the coin.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, Subquery, prefetch_related_objects
from django.db.models.functions import Coalesce

from accounts.models import User
from portfolios.drafts import FEE_PRICE, PRICE, WITHOUT_AMOUNT, amount_of, restated, thawed
from portfolios.ledger import HoldingWouldBeNegative
from portfolios.models import Transaction, TransactionQuerySet
from portfolios.selectors.preview import Known, Preview, preview
from portfolios.selectors.rates import rate_of, with_dollar_rates
from prices.fields import ONE_UNIT, canonical
from prices.models import PriceChange, PriceSnapshot
from prices.selectors import grade_of, last_price_subquery

CHUNK = 200  # rows read at once
COINS = ("asset", "to_asset", "fee_asset")  # whose price a transaction may ask for


@dataclass(frozen=True, slots=True)
class MarketPrice:
    """What stored history said, in the transaction's currency: per unit, when, by whom, how close."""

    price: Decimal
    at: datetime
    source: str
    grade: str


@dataclass(frozen=True, slots=True)
class Better:
    """The price that a transaction is booked at, and the better one that is known now."""

    before: MarketPrice
    after: MarketPrice


@dataclass(frozen=True, slots=True)
class Offer:
    """What the market says better about a transaction: of its coin, of the coin of its fee, or of both."""

    transaction: Transaction
    price: Better | None
    fee_price: Better | None

    @property
    def anew(self) -> tuple[str, ...]:
        """Which prices would be taken, as `drafts.thawed` calls them."""
        named = {PRICE: self.price, FEE_PRICE: self.fee_price}
        return tuple(name for name, better in named.items() if better)

    @property
    def mark(self) -> str:
        """Another one as soon as the transaction or anything that is offered is another."""
        row, betters = self.transaction, (self.price, self.fee_price)
        said = [f"{canonical(one.after.price)} {one.after.at.isoformat()}" if one else "" for one in betters]
        return hashlib.sha256(repr((row.pk, row.version, said)).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Weighed:
    """An offer and what taking it alone would change. `preview` is None where it would be refused: `refusal`.

    Amounts (None for what has none) are in the transaction's currency, gains (None for what realises none) in
    the portfolio's.
    """

    offer: Offer
    amount: Decimal | None
    gain: Decimal | None
    preview: Preview | None
    refusal: str = ""


def has_offers(user: User) -> bool:
    """Whether there is anything for this user to decide; one query where no price could be better."""
    return any(True for _ in _offers(Transaction.objects.owned_by(user).order_by()))


def offers(user: User) -> list[Offer]:
    """Everything that there is to decide for this user, newest transaction first.

    As many queries for many transactions as for one.
    """
    return list(_offers(Transaction.objects.owned_by(user).newest_first()))


def offer_of(transaction: Transaction) -> Offer | None:
    """What is offered for a transaction, read anew; None for one that nothing better is known of."""
    return next(_offers(Transaction.objects.filter(pk=transaction.pk)), None)


def weighed(found: Sequence[Offer], now: datetime) -> list[Weighed]:
    """Try each offer; the work for one grows with the history of its asset, so ask for a page of them."""
    prefetch_related_objects([one.transaction for one in found], "bookings")
    known: Known = {}
    return [_weighed(one, now, known) for one in found]


def _weighed(offer: Offer, now: datetime, known: Known) -> Weighed:
    row = offer.transaction
    amount = None if row.kind in WITHOUT_AMOUNT else amount_of(row)
    seen, refusal = None, ""
    try:
        anew = thawed(row, offer.anew)
        seen = preview(restated(row), portfolio=row.portfolio, now=now, amending=anew, known=known)
    except (HoldingWouldBeNegative, ValidationError) as error:
        refusal = " ".join(getattr(error, "messages", [str(error)]))
    return Weighed(offer, amount, row.realised, seen, refusal)


def _offers(rows: TransactionQuerySet) -> Iterator[Offer]:
    rows = _could_be_better(rows.kept())
    codes = set(rows.order_by().values_list("currency", flat=True).distinct())
    if not codes:
        return
    found = with_dollar_rates(_with_quotes(rows), codes).select_related("portfolio", "to_portfolio", *COINS)
    for row in found.iterator(chunk_size=CHUNK):
        offer = Offer(row, _better_price(row), _better_fee_price(row))
        if offer.anew:
            yield offer


def _could_be_better(rows: TransactionQuerySet) -> TransactionQuerySet:
    """Those of which a price stands nearer than the one they have, or was changed where they have it."""
    changed = PriceChange.objects.order_by().values("at")
    rows = rows.annotate(
        priced_at=Coalesce("declined_price_at", "price_at"),
        fee_priced_at=Coalesce("declined_fee_price_at", "fee_price_at"),
    )
    price = _nearer("asset", "priced_at") | _nearer("to_asset", "priced_at") | Q(priced_at__in=changed)
    fee = _nearer("fee_asset", "fee_priced_at") | Q(fee_priced_at__in=changed)
    return rows.filter((~Q(price_source="") & price) | (~Q(fee_price_source="") & fee))


def _nearer(coin: str, priced_at: str) -> Q:
    own = PriceSnapshot.objects.filter(asset=OuterRef(coin)).order_by()
    return Q(Exists(own.filter(at__gt=OuterRef(priced_at), at__lte=OuterRef("occurred_at"))))


def _with_quotes(rows: TransactionQuerySet) -> TransactionQuerySet:
    """Annotate each row with what `price_at` says of its coins now: see `_quote`."""
    quotes = {
        f"{coin}_{said}_now": Subquery(last_price_subquery(OuterRef(coin), "occurred_at", said))
        for coin in COINS
        for said in ("price", "at", "source")
    }
    return rows.annotate(**quotes)


def _quote(row: Transaction, coin: str, units: Decimal) -> MarketPrice | None:
    """What the market says now of `units` of a coin, as a draft is completed: in the row's currency."""
    price, at, source = (getattr(row, f"{coin}_{said}_now") for said in ("price", "at", "source"))
    dollar = rate_of(row, "USD", row.currency)
    if price is None or dollar is None:
        return None
    worth = (price * dollar.quantize(ONE_UNIT, ROUND_DOWN) * units).quantize(ONE_UNIT)
    return MarketPrice(worth, at, source, grade_of(row.occurred_at - at))


def _better_price(row: Transaction) -> Better | None:
    """A swap whose given coin has no price is worth what was received."""
    if row.unit_price is None or row.price_at is None or not row.price_source:
        return None
    found = _quote(row, "asset", Decimal(1))
    if found is None and row.to_quantity:
        found = _quote(row, "to_asset", row.to_quantity / row.quantity)
    before = MarketPrice(row.unit_price, row.price_at, row.price_source, row.price_grade)
    return _better(before, found, row.declined_price, row.declined_price_at)


def _better_fee_price(row: Transaction) -> Better | None:
    if row.fee_price is None or row.fee_price_at is None or not row.fee_price_source:
        return None
    grade = grade_of(row.occurred_at - row.fee_price_at)
    before = MarketPrice(row.fee_price, row.fee_price_at, row.fee_price_source, grade)
    found = _quote(row, "fee_asset", Decimal(1))
    return _better(before, found, row.declined_fee_price, row.declined_fee_price_at)


def _better(
    before: MarketPrice, found: MarketPrice | None, declined: Decimal | None, declined_at: datetime | None
) -> Better | None:
    if found is None or not _beats(found, before.price, before.at):
        return None
    if declined is not None and declined_at is not None and not _beats(found, declined, declined_at):
        return None
    return Better(before, found)


def _beats(found: MarketPrice, price: Decimal, at: datetime) -> bool:
    return found.at > at or (found.at == at and found.price != price)
