"""What somebody types to delete their account: their name and their password, since there is no way back."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User


class LeaveForm(forms.Form):
    username = forms.CharField(required=False, max_length=150)
    password = forms.CharField(
        label="Your password",
        required=False,
        strip=False,
        max_length=4096,  # hashing takes time with the length: nobody types more
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.label_suffix = ""
        self.fields["username"].label = f"Type “{user.username}” to confirm"
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"
        typed = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        self.fields["username"].widget.attrs |= typed

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        if name != self.user.username:
            raise ValidationError(f"Type the username exactly as it stands here: {self.user.username}")
        return name

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise ValidationError("That is not your password.")
        return password
