"""The provider of `tests.prices.provider`, by the name under which tests have known it."""

from tests.prices.provider import FakeProvider, price_of, running

__all__ = ["FakeProvider", "price_of", "running"]
