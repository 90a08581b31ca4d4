"""migrate: Django's own, one at a time. Two that start at once would both try to make the same tables."""

from typing import Any

from django.core.management.commands.migrate import Command as Migrate
from django.db import connections

from operations.locks import alone


class Command(Migrate):
    def handle(self, *args: Any, **options: Any) -> None:
        with alone(connections[options["database"]]):
            super().handle(*args, **options)
