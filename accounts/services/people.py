"""The user: kept, opened, changed. The admin calls these too."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User, new_stamp

NEEDED = "This field is required."
WRONG_PASSWORD = "That is not your password."  # noqa: S105 - a message
NAME_TAKEN = "A user with that username already exists."


@transaction.atomic
def keep_user(*, user: User) -> User:
    """Store a user after the checks that every door owes; ValidationError by field.

    The password is not looked at: it arrives hashed. Two registrations at one moment are told apart by the
    database, and the later one hears the same as one that came a day later. Who is disabled loses their
    tokens for good.
    """
    user.full_clean(exclude=["password"])
    if not user.is_active:
        user.stamp = new_stamp()
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise ValidationError({"username": NAME_TAKEN}) from error
    return user


def register_user(
    *,
    username: str,
    email: str,
    password: str,
    currency: str,
    timezone: str = "UTC",
    locale: str = User.Locale.OWN,
) -> User:
    """Open an account; ValidationError by field. The password has passed the validators in the form."""
    user = User(username=username, email=email, currency=currency, timezone=timezone, locale=locale)
    user.set_password(password)
    return keep_user(user=user)


def change_profile(*, user: User, name: str, email: str) -> User:
    """Change what a person is called and where mail reaches them; ValidationError by field."""
    return _change(user, {"first_name": name, "last_name": "", "email": email})


def confirm_password(*, user: User, password: str) -> None:
    """Ask a signed-in user for the password again; ValidationError where it is another one."""
    if not user.check_password(password):
        raise ValidationError({"password": WRONG_PASSWORD})


def change_account(
    *, user: User, email: str | None = None, currency: str | None = None, timezone: str | None = None
) -> User:
    """Change what the API tells of an account; what is None stays as it is. ValidationError by field."""
    wanted = {"email": email, "currency": currency, "timezone": timezone}
    return _change(user, {field: value for field, value in wanted.items() if value is not None})


def change_display(
    *,
    user: User,
    currency: str | None = None,
    unit: str | None = None,
    timezone: str | None = None,
    theme: str | None = None,
    gain: str | None = None,
    locale: str | None = None,
    hides_amounts: bool | None = None,
) -> User:
    """Change how figures are shown; what is None stays as it is. ValidationError by field."""
    wanted = {
        "currency": currency,
        "unit": unit,
        "timezone": timezone,
        "theme": theme,
        "gain": gain,
        "locale": locale,
        "hides_amounts": hides_amounts,
    }
    return _change(user, {field: value for field, value in wanted.items() if value is not None})


def _change(user: User, values: Mapping[str, str | bool]) -> User:
    """Check and write these fields alone, so that two open pages do not undo each other."""
    if values.get("email") == "":  # older accounts may have none, but nobody takes theirs away
        raise ValidationError({"email": NEEDED})
    for field, value in values.items():
        setattr(user, field, value)
    user.clean_fields(exclude={field.name for field in User._meta.fields} - values.keys())
    user.save(update_fields=values.keys())
    return user
