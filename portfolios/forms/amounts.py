"""Amounts as people type them, read exactly or refused with a reason; never through a float.

Accepted: 1234.56 · 1,234.56 · 1 234.56 · 1 234,56 · 1,5 · .015 · and, for quantities of bitcoin, 150000 sats
· 150k sats. Refused: whatever can be read in two ways (0,123, which is no group of thousands), and what is no
plain decimal. The way the reader writes numbers (`prices.locales`) says what 35,000 is: 35000 where decimals
follow a point, 35 where they follow a comma, unclear to whoever never chose. Who writes decimals with a comma
may do so: 1.234,56. To them 1.234 is unclear: exchanges and files write points before decimals everywhere.
"""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from prices.fields import DIGITS, PLACES, canonical
from prices.locales import decimal_sign, is_own

INTEGER_DIGITS = DIGITS - PLACES
LONGEST = 100  # characters; the longest amount with its separators has less than half of them
SPACES = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}'’"  # what people put between thousands
# Spaces stand between thousands, so the comma, unless three digits follow it, stands before decimals.
COMMA_FOR_POINT = re.compile(r"^([0-9]{1,3}(?: [0-9]{3})+),([0-9]{1,2}|[0-9]{4,})$")
# So does one alone, unless three digits follow it.
LONE_COMMA = re.compile(r"^([0-9]*),([0-9]{1,2}|[0-9]{4,})$")
GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3})+|[0-9]{1,3}( [0-9]{3})+")
SATS = re.compile(r"(?P<number>[^a-z]*?)\s*(?P<scale>[km]?)\s*sats?", re.IGNORECASE)
SWAPPED = str.maketrans(".,", ",.")
SCALES = {"": 0, "k": 3, "m": 6}
SAT = -8  # a sat is 10⁻⁸ bitcoin

EXAMPLE = "Enter a number, for example 3.44."
THOUSANDS = "Separate thousands in groups of three, and decimals by one point: 1,234.56."


class AmountFormField(forms.Field):
    """An exact decimal: a Decimal, or None when left empty. It may be negative: drafts say what may not."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> Decimal | None:
        text = str(value or "").strip()
        return self.read(text) if text else None

    def read(self, text: str) -> Decimal:
        return read_amount(text)

    def prepare_value(self, value: Any) -> Any:
        """Show what is stored to its last digit, and what was typed as it was typed."""
        return canonical(value).replace(".", decimal_sign()) if isinstance(value, Decimal) else value

    def widget_attrs(self, _widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "decimal", "autocomplete": "off", "spellcheck": "false"}


class QuantityFormField(AmountFormField):
    """A quantity of an asset. Sats become bitcoin; whether the asset is bitcoin is for the form to say."""

    def read(self, text: str) -> Decimal:
        return read_quantity(text)


def read_quantity(text: str) -> Decimal:
    """As `read_amount`, or a number of sats, in bitcoin.

    >>> read_quantity("150k sats"), read_quantity("0.5")
    (Decimal('0.00150000'), Decimal('0.5'))
    """
    found = _in_sats(text)
    if not found:
        return read_amount(text)
    sats = read_amount(found["number"], whole=not found["scale"]).scaleb(SCALES[found["scale"].lower()])
    if sats != sats.to_integral_value():
        raise ValidationError("A sat can't be divided: enter a whole number of sats.")
    return sats.scaleb(SAT)


def says_sats(text: str) -> bool:
    return _in_sats(text) is not None


def _in_sats(text: str) -> re.Match[str] | None:
    return SATS.fullmatch(text.strip()) if len(text.strip()) <= LONGEST else None


def read_amount(text: str, *, whole: bool = False) -> Decimal:
    """Return the one number that `text` can mean; `whole`: it has no decimals.

    Raises ValidationError.

    >>> read_amount("1,234.56"), read_amount(".015"), read_amount("−3")
    (Decimal('1234.56'), Decimal('0.015'), Decimal('-3'))
    """
    _refuse_foreign(text.strip())
    sign, digits = _signed(text.strip())
    if decimal_sign() == ",":
        digits = _from_commas(digits, whole)
    plainly_spaced = re.sub(f"[{SPACES}]", " ", digits)
    pointed = LONE_COMMA.sub(r"\1.\2", COMMA_FOR_POINT.sub(r"\1.\2", plainly_spaced))
    before, point, after = pointed.partition(".")
    _refuse_unclear(before, after)
    if is_own() and not point and not whole and re.fullmatch(r"[0-9]+,[0-9]+", before):
        raise ValidationError(f"Write {before.replace(',', '')}, or {_with_point(before)} if you mean that.")
    plain, decimals = re.sub("[ ,]", "", before).lstrip("0"), after.rstrip("0")
    if len(plain) > INTEGER_DIGITS:
        raise ValidationError(f"Use at most {INTEGER_DIGITS} digits before the point.")
    if len(decimals) > PLACES:
        raise ValidationError(f"Use at most {PLACES} decimals.")
    if not plain and not decimals:
        return Decimal(0)
    return Decimal(f"{sign}{plain or '0'}" + (f".{decimals}" if decimals else ""))


def _refuse_foreign(text: str) -> None:
    """Refuse what a Decimal would take and a person would not write, and what is no number."""
    if len(text) > LONGEST:
        raise ValidationError(f"Use at most {INTEGER_DIGITS} digits before the point and {PLACES} after it.")
    if any(character.isnumeric() and not character.isascii() for character in text):
        raise ValidationError("Use the digits 0 to 9.")
    if re.fullmatch(r"[+−-]?[0-9.,]+[eE][+-]?[0-9]+", text):
        raise ValidationError("Write the number out, without an exponent: 1500000 rather than 1.5e6.")
    if re.fullmatch(r"[+−-]?[0-9.,]+ ?[kKmM]", text):
        raise ValidationError("Write the number out: 150000 rather than 150k.")
    if not re.fullmatch(rf"[+−-]?[0-9.,{SPACES}]+", text) or not re.search("[0-9]", text):
        raise ValidationError(EXAMPLE)


def _signed(text: str) -> tuple[str, str]:
    return ("-" if text[0] in "-−" else "", text.lstrip("+-−").strip())


def _from_commas(digits: str, whole: bool) -> str:
    """What a reader who writes 1.234,56 means, with the point for decimals and commas between thousands.

    1.234 can be read in two ways and is refused, unless it is `whole`; 1.5 and 1,234.56 cannot.
    """
    points, commas = digits.count("."), digits.count(",")
    if commas == 1 and not (whole and re.search(",[0-9]{3}$", digits)):
        after_all = digits.rfind(",") > digits.rfind(".")
        return digits.translate(SWAPPED) if after_all else digits
    if commas or not re.fullmatch(r"[1-9][0-9]{0,2}([.][0-9]{3})+", digits):
        return digits
    if points == 1 and not whole:
        raise ValidationError(
            f"Write {digits.replace('.', '')}, or {digits.replace('.', ',')} if you mean that."
        )
    return digits.replace(".", ",")


def _refuse_unclear(before: str, after: str) -> None:
    """Refuse commas and spaces that are not, beyond doubt, between thousands: 0,500 could be a half."""
    if after.count(",") == 1 and "." not in after:
        raise ValidationError(f"Use a point for decimals, and no other: {_with_point(before + after)}.")
    if re.search("[^0-9]", after):
        raise ValidationError(THOUSANDS)
    if before.count(",") == 1 and (before.startswith(("0", ",")) or not re.search(",[0-9]{3}$", before)):
        raise ValidationError(f"Use a point for decimals: {_with_point(before)}.")
    if re.search("[^0-9]", before) and not GROUPED.fullmatch(before):
        raise ValidationError(THOUSANDS)


def _with_point(text: str) -> str:
    """What a decimal comma would mean: 1,5 → 1.5"""
    whole, _, decimals = re.sub("[ .]", "", text).rpartition(",")
    return f"{whole.replace(',', '') or '0'}.{decimals or '0'}"
