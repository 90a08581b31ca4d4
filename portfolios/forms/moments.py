"""Moments as people state them: date and time in their own zone; UTC inside."""

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?")
EXAMPLE = "Enter a date and time, for example 2024-01-31 14:30."


class MomentFormField(forms.Field):
    """A local date and time, to the second: an aware datetime in UTC.

    What is left as it was shown stays the very moment that was stored, its fraction of a second included,
    and whichever of the two hours of an autumn night it lay in. `zone` is set by the form.
    """

    zone: ZoneInfo = ZoneInfo("UTC")
    shown: datetime | None = None

    def __init__(self, **kwargs: Any) -> None:
        # Seconds are allowed, so the control steps by them; browsers leave them out while they are 0.
        widget = forms.TextInput(attrs={"type": "datetime-local", "step": "1"})
        super().__init__(widget=widget, **kwargs)
        widget.input_type = "datetime-local"

    def to_python(self, value: Any) -> datetime | None:
        text = str(value or "").strip()
        if not text:
            return None
        if self.shown and text == self.prepare_value(self.shown):
            return self.shown
        return self._in_utc(_read(text))

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, datetime):
            return value
        local = value.astimezone(self.zone).replace(tzinfo=None, microsecond=0)
        return local.isoformat(timespec="seconds" if local.second else "minutes")

    def _in_utc(self, local: datetime) -> datetime:
        """Of an hour that comes twice the first is meant; an hour that is skipped does not exist."""
        try:
            moment = local.replace(tzinfo=self.zone).astimezone(UTC)
        except OverflowError as error:
            raise ValidationError(EXAMPLE) from error
        if moment.astimezone(self.zone).replace(tzinfo=None) != local:
            raise ValidationError(f"The clocks of {self.zone.key} went forward: that time did not exist.")
        return moment


def _read(text: str) -> datetime:
    if not FORM.fullmatch(text):
        raise ValidationError(EXAMPLE)
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise ValidationError(EXAMPLE) from error
