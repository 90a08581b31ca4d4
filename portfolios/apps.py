"""The app of portfolios, as Django knows it."""

from django.apps import AppConfig


class PortfoliosConfig(AppConfig):
    name = "portfolios"
