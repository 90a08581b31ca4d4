"""What every body and query of the API is made of: exact amounts, moments, windows of a list."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic_core.core_schema import ValidationInfo

from prices.fields import CEILING, DIGITS, ONE_UNIT, PLACES, canonical
from prices.selectors import GENESIS

NUMBER = re.compile(r"[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,3})?")
WHOLE = re.compile(r"-?[0-9]{1,18}")
LONGEST = 100  # characters of a number or a time
MOST = 1000  # items of one answer
AHEAD = timedelta(days=1)
EXAMPLE = "Give a decimal number as text, for example “0.015”."
TOO_LONG = f"Use at most {DIGITS - PLACES} digits before the point and {PLACES} after it."
MOMENT = "Give a time as ISO 8601 in UTC, for example 2024-01-31T14:30:00Z, or as whole Unix seconds."
TOO_FAR = "Give a time between 3 January 2009 and tomorrow."
Item = TypeVar("Item")


class Statement(BaseModel):
    """What a client sends: a field that is not listed is refused, not passed over."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Shown(BaseModel):
    """What a client is told, read from the attributes of rows and figures."""

    model_config = ConfigDict(from_attributes=True)


def like(example: dict[str, Any]) -> ConfigDict:
    """How a shape says in the document what it looks like."""
    return ConfigDict(json_schema_extra={"example": example})


def exactly(value: Any) -> Decimal:
    """Read an amount by its text, never through a binary float. Raises ValueError in words.

    >>> exactly("0.10"), exactly(Decimal("1.5E-7")), exactly(3)
    (Decimal('0.10'), Decimal('1.5E-7'), Decimal('3'))
    """
    text = str(value) if _is_number(value) else value
    if not isinstance(text, str):
        raise ValueError(EXAMPLE)
    if len(text) > LONGEST:
        raise ValueError(TOO_LONG)
    if not NUMBER.fullmatch(text):
        raise ValueError(EXAMPLE)
    number = Decimal(text)
    if number and (number.adjusted() < -PLACES or abs(number) >= CEILING):
        raise ValueError(TOO_LONG)
    if number != number.quantize(ONE_UNIT):
        raise ValueError(TOO_LONG)
    return number


def moment(value: Any, info: ValidationInfo) -> datetime:
    """Read a time in UTC: ISO 8601 with any offset (without one it is UTC), or whole Unix seconds.

    Raises ValueError in words; also for what lies before 2009-01-03, or more than a day after the request.
    """
    at = _told(value)
    now = getattr((info.context or {}).get("request"), "now", None)
    if at < GENESIS or (now is not None and at > now + AHEAD):
        raise ValueError(TOO_FAR)
    return at


def whole(value: Any) -> int:
    """Read a whole number, which a query gives as text. Raises ValueError in words."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and WHOLE.fullmatch(value):
        return int(value)
    raise ValueError("Give a whole number.")


def instant(at: datetime) -> str:
    """ISO 8601 in UTC: to the second, and beyond where there is a fraction."""
    text = at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return text.rstrip("0").rstrip(".") + "Z" if "." in text else f"{text}Z"


def cut(number: Decimal) -> Decimal:
    """To 18 places after the point, as whatever is stored."""
    return number.quantize(ONE_UNIT)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _told(value: Any) -> datetime:
    try:
        if _is_number(value) or (isinstance(value, str) and WHOLE.fullmatch(value)):
            return datetime.fromtimestamp(whole(value), UTC)
        if isinstance(value, str) and value.isascii() and len(value) <= LONGEST:
            found = datetime.fromisoformat(value)
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise ValueError(MOMENT)


def _schema(said: dict[str, Any], mode: Any) -> WithJsonSchema:
    return WithJsonSchema(said, mode=mode)


def _typed(read: Callable[..., Any], write: Callable[..., str]) -> tuple[BeforeValidator, PlainSerializer]:
    return BeforeValidator(read), PlainSerializer(write, return_type=str)


PLAIN = {"type": "string", "pattern": r"^-?[0-9]+([.][0-9]{1,36})?$", "examples": ["0.10"]}  # a product
EVEN = PLAIN | {"pattern": r"^-?[0-9]+([.][0-9]{1,18})?$"}
TEXT = {"type": "string", "pattern": r"^[+-]?[0-9]{1,20}([.][0-9]{1,18})?$", "examples": ["0.10"]}
TIME = {"type": "string", "format": "date-time", "examples": ["2024-01-31T14:30:00Z"]}
UNIX = {"type": "integer", "description": "Unix seconds"}

Amount = Annotated[
    Decimal,
    *_typed(exactly, canonical),
    _schema({"anyOf": [TEXT, {"type": "number"}]}, "validation"),
    _schema(PLAIN, "serialization"),
]
Exact = Annotated[Decimal, PlainSerializer(canonical, return_type=str), WithJsonSchema(PLAIN)]
Cut = Annotated[  # of what was divided, and need not come out even: to 18 places
    Decimal, PlainSerializer(lambda number: canonical(cut(number)), return_type=str), WithJsonSchema(EVEN)
]
Moment = Annotated[
    datetime,
    *_typed(moment, instant),
    _schema({"anyOf": [TIME, UNIX]}, "validation"),
    _schema(TIME, "serialization"),
]
Instant = Annotated[datetime, PlainSerializer(instant, return_type=str), WithJsonSchema(TIME)]
Whole = Annotated[int, BeforeValidator(whole)]


HEALTH = {
    "status": "ok", "failing": [], "database": "ok", "worker_seen_at": "2025-01-01T00:00:00Z",
    "last_price_at": "2025-01-01T00:00:00Z", "version": "1.0.0",
}  # fmt: skip
PRICE = {
    "symbol": "BTC", "currency": "USD", "at": "2024-07-01T00:00:00Z", "price": "62678.29",
    "source": "pack", "age_seconds": 1800,
}  # fmt: skip


class Health(Shown):
    """How this installation is doing; more parts stand beside these."""

    model_config = ConfigDict(extra="allow", **like(HEALTH))

    status: str
    failing: list[str]
    database: str
    worker_seen_at: str | None
    last_price_at: str | None
    version: str


class PriceOut(Shown):
    """The price that stands for a moment: in US dollars, said at `at`, that long before it."""

    model_config = like(PRICE)

    symbol: str
    currency: str
    at: Instant
    price: Exact
    source: str
    age_seconds: int


class PriceAsked(BaseModel):
    """Of which moment."""

    timestamp: Moment = Field(description="Unix seconds, or ISO 8601.", examples=[1719793800])


class Items(Shown, Generic[Item]):
    """A part of a list, and how many there are in all."""

    items: list[Item]
    count: int


class Window(BaseModel):
    """The part of a list that is asked for."""

    limit: Whole = Field(100, ge=1, le=MOST)
    offset: Whole = Field(0, ge=0, le=2**31)

    def of(self, rows: Any) -> Any:
        """That part of whatever can be sliced."""
        return rows[self.offset : self.offset + self.limit]
