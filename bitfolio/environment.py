"""Reading the environment: what cannot be meant is said in one sentence that names the variable."""

from collections.abc import Callable
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
ENGINES = ("django.db.backends.sqlite3", "django.db.backends.postgresql")


class Environment(environ.Env):
    """django-environ with readers that check. They raise ImproperlyConfigured and repeat no password."""

    def provider(self, address: str, key: str, default: str) -> dict[str, str]:
        """Where a price provider answers, and the key to it, if there is one."""
        return {"base_url": self.str(address, default=default), "api_key": self.str(key, default="")}

    def whole(self, name: str, *, default: int, least: int = 1, most: int) -> int:
        """A whole number in [least, most]."""
        text = self.str(name, default=str(default)).strip()
        is_short_number = text.isascii() and text.isdigit() and len(text) < 10
        if not (is_short_number and least <= int(text) <= most):
            raise ImproperlyConfigured(
                f"{name} must be a whole number from {least} to {most}, not {text[:40]!r}."
            )
        return int(text)

    def one_of(self, name: str, words: tuple[str, ...], *, default: str) -> str:
        """One of these words, in small letters."""
        text = self.str(name, default=default).strip().lower()
        if text not in words:
            raise ImproperlyConfigured(f"{name} must be one of {', '.join(words)}, not {text[:40]!r}.")
        return text

    def level(self, name: str, *, default: str) -> str:
        """The name of a level of Python's logging."""
        text = self.str(name, default=default).strip().upper()
        if text not in LEVELS:
            raise ImproperlyConfigured(f"{name} must be one of {', '.join(LEVELS)}, not {text[:40]!r}.")
        return text

    def mail(self, name: str, *, default: str) -> dict[str, Any]:
        """Django's e-mail settings from an address such as smtp://user:password@host:587."""
        meant = "smtp+tls://user:password@host:587 or consolemail://"
        return _understood(name, meant, lambda: dict(self.email(name, default=default)))

    def database(self, name: str, address: str) -> dict[str, Any]:
        """Django's description of the database at an address: SQLite or PostgreSQL."""
        meant = "sqlite:///path or postgres://user:password@host/name"
        if self.DB_SCHEMES.get(address.partition(":")[0]) not in ENGINES:
            raise ImproperlyConfigured(
                f"{name}: Bitfolio runs on SQLite (sqlite:///path) and on PostgreSQL"
                " (postgres://user:password@host/name), and on nothing else."
            )
        return _understood(name, meant, lambda: dict(self.db_url_config(address)))


def _understood(name: str, meant: str, read: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return read()
    except (ImproperlyConfigured, ValueError, KeyError, TypeError):
        raise ImproperlyConfigured(_sentence(name, meant)) from None


def _sentence(name: str, meant: str) -> str:
    return f"{name} cannot be understood: write it as {meant}."
