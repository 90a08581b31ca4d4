"""sync_schedules: write the worker's schedules from the settings."""

from typing import Any

from django.utils import timezone

from prices.management.base import PriceCommand
from prices.services import sync_schedules


class Command(PriceCommand):
    help = "Make the worker's schedules equal to settings.SCHEDULES; repairs damaged rows, removes others."

    def handle(self, *args: Any, **options: Any) -> None:
        synced = sync_schedules(now=timezone.now())
        parts = [
            f"{word}: {', '.join(names)}"
            for word, names in (
                ("made", synced.made),
                ("repaired", synced.repaired),
                ("removed", synced.removed),
            )
            if names
        ]
        self.result("; ".join(parts) or "The schedules are in order.")
