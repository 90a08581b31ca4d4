"""What the commands about backups share: one clear line on failure, how far they are on a terminal."""

import sqlite3
from typing import Any

from django.core.management.base import CommandError

from operations.backups import BackupRefusedError
from prices.management.base import PriceCommand


class BackupCommand(PriceCommand):
    def execute(self, *args: Any, **options: Any) -> Any:
        try:
            return super().execute(*args, **options)
        except BackupRefusedError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            named = f"{error.filename}: " if error.filename else ""
            raise CommandError(f"{named}{error.strerror or error}") from None
        except sqlite3.Error as error:
            raise CommandError(f"The database cannot be used ({error}).") from None

    def tell(self, what: str, done: int, total: int) -> None:
        if total:
            self.bar(what, done, total)
        else:
            self.progress(f"{what}: {done:,} rows")
