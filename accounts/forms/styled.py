"""What all forms about an account share."""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator

PASSWORD_HINT = "At least 8 characters; not a common password, not only digits."  # noqa: S105 - a hint
DEMO_KEEPS_PASSWORD = "The demo account keeps its password, so that others can sign in too."  # noqa: S105
LONGEST_PASSWORD = 4096  # hashing takes time with the length: nobody types more


class Styled(forms.BaseForm):
    """Gives every plain control the class of the stylesheet, and every password a bound."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        for field in self.fields.values():
            if not isinstance(field.widget, forms.RadioSelect | forms.HiddenInput | forms.CheckboxInput):
                field.widget.attrs["class"] = "input"
            if isinstance(field.widget, forms.PasswordInput):
                field.validators.append(MaxLengthValidator(LONGEST_PASSWORD))

    def add_error(self, field: str | None, error: Any) -> None:
        """Put the cursor where the first thing is wrong; else it stays where it was."""
        super().add_error(field, error)
        wrong = [each for name, each in self.fields.items() if name in self.errors]
        if wrong:
            for each in self.fields.values():
                each.widget.attrs.pop("autofocus", None)
            wrong[0].widget.attrs["autofocus"] = True
