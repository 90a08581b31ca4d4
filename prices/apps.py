"""The app of prices, as Django knows it."""

from django.apps import AppConfig


class PricesConfig(AppConfig):
    name = "prices"
