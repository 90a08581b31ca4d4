"""What an administrator types about assets and prices: fields that refuse what no database could keep.

Each ends in an error of the form where Python's own parsing would raise something else, or take too much.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from prices.fields import DIGITS, PLACES, canonical

LONGEST_ID = 100  # characters of what a price source calls a coin
LONGEST_IDS = 1000  # characters of the whole dictionary
NO_IDS = 'Enter the ids as {"coingecko": "bitcoin"}.'


class PriceFormField(forms.DecimalField):
    """Plain digits and at most one point: Decimal would read 1_000 and digits of other scripts too."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=DIGITS, decimal_places=PLACES, **kwargs)

    def to_python(self, value: Any) -> Decimal | None:
        text = str(value or "").strip()
        if text and not re.fullmatch(r"[+-]?[0-9]*\.?[0-9]*", text):
            raise ValidationError("Enter a number, for example 61000.5.")
        return super().to_python(text)

    def prepare_value(self, value: Any) -> Any:
        return canonical(value) if isinstance(value, Decimal) else value


class InstantFormField(forms.SplitDateTimeField):
    """A time that is one in UTC too: the first and last hours of the calendar are not, in some zones."""

    def compress(self, data_list: Any) -> datetime | None:
        moment = super().compress(data_list)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError as error:
            raise ValidationError("There is no such time.") from error


class ProviderIdsFormField(forms.JSONField):
    """A small object of short printable texts; what was typed is shown again as it was typed."""

    def to_python(self, value: Any) -> Any:
        if len(str(value)) > LONGEST_IDS:
            raise ValidationError(f"Use at most {LONGEST_IDS} characters.")
        try:
            ids = super().to_python(value) or {}
        except (ValueError, RecursionError) as error:
            raise ValidationError(NO_IDS) from error
        if not isinstance(ids, dict) or not all(_is_short(text) for pair in ids.items() for text in pair):
            raise ValidationError(NO_IDS)
        return ids

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial if self.disabled else Typed(data or "")

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, Typed) else super().prepare_value(value)


class Typed(str):
    """Text from the form, which is not read again to be shown."""

    __slots__ = ()


def _is_short(text: Any) -> bool:
    return isinstance(text, str) and len(text) <= LONGEST_ID and text.isprintable()
