"""The app of operations, as Django knows it: commands and doors, no tables of its own."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "operations"
