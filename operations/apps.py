"""The app of operations, as Django knows it: commands and doors, no tables of its own."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created

from operations import checks as checks  # registers them
from operations.slow_queries import watch


class OperationsConfig(AppConfig):
    name = "operations"

    def ready(self) -> None:
        connection_created.connect(watch)
