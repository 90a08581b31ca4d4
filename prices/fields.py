"""AmountField: exact decimals of 38 digits, 18 of them after the point, on every database.

SQLite has no decimal type, and Django's DecimalField passes through a binary float there, which keeps 15
digits. AmountField stores a canonical text on SQLite and numeric(38,18) on PostgreSQL. Text does not order
or add as numbers do: amounts are compared, sorted and summed in Python, never in SQL.
"""

from decimal import Decimal
from typing import Any

from django.core import checks
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

PLACES = 18
DIGITS = 38
ONE_UNIT = Decimal(1).scaleb(-PLACES)  # the smallest amount that can be stored
CEILING = Decimal(10) ** (DIGITS - PLACES)


def canonical(value: Decimal) -> str:
    """Return the one text that stands for `value`: plain digits, no exponent, no trailing zeros.

    >>> canonical(Decimal("1.50")), canonical(Decimal("1E+3")), canonical(Decimal("-0.0"))
    ('1.5', '1000', '0')
    """
    if value == 0:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


class AmountField(models.DecimalField):  # type: ignore[type-arg]
    """An exact quantity, amount, price or rate; Decimal in Python."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_digits"], kwargs["decimal_places"] = DIGITS, PLACES
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_digits"], kwargs["decimal_places"]
        return name, path, args, kwargs

    def get_internal_type(self) -> str:
        # Not "DecimalField": that name brings SQLite's float converter along.
        return "AmountField"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "text" if connection.vendor == "sqlite" else f"numeric({DIGITS}, {PLACES})"

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:  # noqa: ARG002
        if hasattr(value, "as_sql"):
            return value
        number = self.to_python(value)
        if number is None:
            return None
        self._refuse_what_does_not_fit(number)
        return canonical(number) if connection.vendor == "sqlite" else number

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        return self.get_db_prep_value(value, connection)

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Decimal | None:  # noqa: ARG002
        if value is None:
            return None
        number = value if isinstance(value, Decimal) else Decimal(value)
        return number.normalize() + 0 if number else Decimal(0)

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        # DecimalField's database checks ask for a native decimal type; this field brings its own.
        return models.Field.check(self, **kwargs)

    def _refuse_what_does_not_fit(self, number: Decimal) -> None:
        """Raise ValueError rather than let a database round: 18 places, 20 digits before the point."""
        if not number.is_finite():
            raise ValueError(f"{self.name}: {number} is not an amount")
        if abs(number) >= CEILING or number != number.quantize(ONE_UNIT):
            raise ValueError(f"{self.name}: {number} has more than {PLACES} places or 20 integer digits")


class SourceField(models.CharField):  # type: ignore[type-arg]
    """The name of a price source. The known ones are stored in two letters: it stands in every price's row.

    Code sees names alone. A source without a code here is stored by its name, which takes a few bytes more.
    """

    CODES = {
        "binance": "bn", "coinbase": "cb", "coingecko": "cg", "cryptocompare": "cc", "ecb": "ec",
        "file": "fi", "frankfurter": "ff", "kraken": "kr", "manual": "mn", "mempool": "mp", "pack": "pk",
    }  # fmt: skip
    NAMES = {code: name for name, code in CODES.items()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "max_length": 20})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, path, args, kwargs

    def get_prep_value(self, value: Any) -> Any:
        name = super().get_prep_value(value)
        return self.CODES.get(name, name) if isinstance(name, str) else name

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> str | None:  # noqa: ARG002
        return self.NAMES.get(value, value)


class IsPrice(models.Func):
    """Whether an amount column is > 0 and < 1e20, asked in each database's own way.

    On PostgreSQL NaN counts as larger than every number, so the upper bound is what refuses it. On SQLite
    the column is text: a real number would round 99999999999999999999 up to the bound, so the bound is the
    length of the integer part, and nothing but digits and a point is taken for a number.
    """

    template = "(%(expressions)s > 0 AND %(expressions)s < 1e20)"
    output_field = models.BooleanField()
    conditional = True
    arity = 1

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> Any:  # type: ignore[override]
        sql, params = super().as_sql(compiler, connection, **context)
        times = context.get("template", self.template).count("%(expressions)s")
        return sql, [*params] * times  # the template says the expression so often

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = (
            "(CAST(%(expressions)s AS REAL) > 0 AND %(expressions)s NOT GLOB '*[^0-9.]*'"
            f" AND instr(%(expressions)s || '.', '.') <= {DIGITS - PLACES + 1})"
        )
        return self.as_sql(compiler, connection, template=template, **context)
