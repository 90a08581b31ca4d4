"""The forms that change a password, or ask for a link that does."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth import forms as auth_forms
from django.core.exceptions import ValidationError
from django.views.decorators.debug import sensitive_variables

from accounts.forms.styled import DEMO_KEEPS_PASSWORD, PASSWORD_HINT, Styled
from accounts.models import User
from accounts.throttle import confirm


class PasswordChangeForm(Styled, auth_forms.PasswordChangeForm):
    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        _shorten_passwords(self)
        self.fields["old_password"].label = "Current password"

    @sensitive_variables("typed")
    def clean_old_password(self) -> str:
        typed: str = self.cleaned_data["old_password"]
        try:
            confirm(self.user, typed, now=self.now)
        except ValidationError as error:  # it names the field "password", as other forms call it
            raise ValidationError(error.messages) from error
        return typed

    def clean(self) -> dict[str, Any]:
        if self.user.is_demo:
            raise ValidationError(DEMO_KEEPS_PASSWORD)
        return super().clean()


class SetPasswordForm(Styled, auth_forms.SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _shorten_passwords(self)


class PasswordResetForm(Styled, auth_forms.PasswordResetForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "Email address"

    def get_users(self, email: str) -> Iterator[User]:
        return (user for user in super().get_users(email) if not user.is_demo)


def _shorten_passwords(form: forms.BaseForm) -> None:
    form.fields["new_password1"].help_text = PASSWORD_HINT
    form.fields["new_password2"].label = "New password again"
    form.fields["new_password2"].help_text = ""
