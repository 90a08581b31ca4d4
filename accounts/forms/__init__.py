"""The shapes of what people type about their account. They check, the services write."""

from accounts.forms.passwords import PasswordChangeForm, PasswordResetForm, SetPasswordForm
from accounts.forms.people import (
    AdminLoginForm,
    ApiTokenForm,
    DeviceForm,
    DisplayForm,
    LoginForm,
    ProfileForm,
    QuickDisplayForm,
    RegisterForm,
    WelcomeForm,
    currency_choices,
    locale_choices,
)

__all__ = [
    "AdminLoginForm",
    "ApiTokenForm",
    "DeviceForm",
    "DisplayForm",
    "LoginForm",
    "PasswordChangeForm",
    "PasswordResetForm",
    "ProfileForm",
    "QuickDisplayForm",
    "RegisterForm",
    "SetPasswordForm",
    "WelcomeForm",
    "currency_choices",
    "locale_choices",
]
