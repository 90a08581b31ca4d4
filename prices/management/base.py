"""What the management commands of prices share: one clear line on failure, progress on a terminal only."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

INTERRUPTED = 130
BAR = 30  # characters


class PriceCommand(BaseCommand):
    """A command that may be stopped and run again; what fails is said in one line, with an exit code."""

    def execute(self, *args: Any, **options: Any) -> Any:
        try:
            return super().execute(*args, **options)
        except KeyboardInterrupt:
            raise CommandError("Stopped. Run it again to go on.", returncode=INTERRUPTED) from None
        except DatabaseError as error:
            reason = str(error).strip().splitlines()[0]
            raise CommandError(f"The database cannot be used ({reason}). Has `migrate` been run?") from None

    def progress(self, text: str) -> None:
        """Overwrite the terminal's last line; silent where the output goes to a file."""
        if self.stdout.isatty():
            self.stdout.write(f"\r\x1b[K{text}", ending="")
            self.stdout.flush()

    def bar(self, label: str, done: int, total: int) -> None:
        """How far something is, as the terminal's last line; silent where the output goes to a file."""
        part = min(max(done / total, 0.0), 1.0) if total else 1.0
        filled = int(part * BAR)
        drawn = "█" * filled + "░" * (BAR - filled)
        self.progress(f"{label} {drawn} {part:4.0%}  {done:,} of {total:,}")

    def result(self, text: str) -> None:
        """A line that stays."""
        self.progress("")
        self.stdout.write(text)


def moment(text: str) -> datetime:
    """An instant from an ISO date or time (UTC unless it says otherwise) or Unix seconds. CommandError."""
    try:
        if text.isascii() and text.isdigit():
            return datetime.fromtimestamp(int(text), UTC)
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        raise CommandError(f"{text!r} is neither an ISO date or time nor Unix seconds.") from None
