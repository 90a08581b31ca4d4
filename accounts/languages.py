"""What a browser's Accept-Language tells of its user: a way of writing, and a currency. Both are guesses."""

from collections.abc import Iterator

from babel import Locale, UnknownLocaleError
from babel.numbers import get_territory_currencies
from django.conf import settings
from django.utils.translation.trans_real import parse_accept_lang_header

from accounts.models import User

LONGEST = 200  # characters of the header that are looked at


def said_locale(accepted: str) -> str:
    """The first language that we write in; the site's own way for English of no country, and for none."""
    for locale in _locales(accepted):
        name = f"{locale.language}-{locale.territory}" if locale.territory else locale.language
        if name == User.Locale.OWN:
            break
        if found := _offered(name) or (_offered(locale.language) if locale.language != "en" else None):
            return found
    return User.Locale.OWN


def said_currency(accepted: str) -> str | None:
    """What is paid with in the first country that is named; None if there are no rates for it."""
    for locale in _locales(accepted):
        used = get_territory_currencies(locale.territory) if locale.territory else []
        if found := next((code for code in used if code in settings.CURRENCIES), None):
            return found
    return None


def _offered(name: str) -> str | None:
    exact = name in User.Locale.values
    return name if exact else next((one for one in User.Locale.values if one.split("-")[0] == name), None)


def _locales(accepted: str) -> Iterator[Locale]:
    for name, _ in parse_accept_lang_header(accepted[:LONGEST].lower()):
        try:
            yield Locale.parse(name, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
