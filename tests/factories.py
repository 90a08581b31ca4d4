"""Rows for tests. Transactions are recorded through the services, so that their books are written too."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import factory

from accounts.models import ApiToken, SignIn, TokenFamily, User
from portfolios.drafts import Draft
from portfolios.models import Portfolio, Transaction
from portfolios.services import record_transaction
from prices.models import Asset, PriceSnapshot

NOW = datetime(2025, 1, 1, tzinfo=UTC)


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    username = factory.Sequence(lambda number: f"user{number}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.org")
    password = factory.django.Password("a-long-enough-password")


class SignInFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SignIn

    owner = factory.SubFactory(UserFactory)
    stamp = factory.SelfAttribute("owner.stamp")
    created_at = NOW
    last_seen_at = NOW


class TokenFamilyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = TokenFamily

    owner = factory.SubFactory(UserFactory)
    stamp = factory.SelfAttribute("owner.stamp")
    created_at = NOW
    last_used_at = NOW
    expires_at = NOW + timedelta(days=30)


class ApiTokenFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ApiToken

    owner = factory.SubFactory(UserFactory)
    stamp = factory.SelfAttribute("owner.stamp")
    name = factory.Sequence(lambda number: f"Script {number}")
    digest = factory.Sequence(lambda number: f"{number:064x}")
    created_at = NOW


class AssetFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Asset
        django_get_or_create = ("symbol",)

    symbol = "BTC"
    name = factory.LazyAttribute(
        lambda asset: {"BTC": "Bitcoin", "ETH": "Ethereum"}.get(asset.symbol, asset.symbol)
    )
    kind = Asset.Kind.CRYPTO


class FiatFactory(AssetFactory):
    symbol = "EUR"
    kind = Asset.Kind.FIAT


class SnapshotFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PriceSnapshot

    asset = factory.SubFactory(AssetFactory)
    at = NOW
    price = Decimal(200)
    source = "pack"


class PortfolioFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Portfolio

    owner = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda number: f"Portfolio {number}")
    currency = "USD"


def day(text: str) -> datetime:
    """A UTC moment from "2024-01-01" or "2024-01-01 12:30"."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def draft(kind: str, quantity: str, at: str, **stated: Any) -> Draft:
    """A draft of Bitcoin in dollars, unless said otherwise; numbers may be given as text."""
    amounts = {"unit_price", "total", "fee", "cost", "to_quantity"}
    values = {
        name: Decimal(value) if name in amounts and value is not None else value
        for name, value in stated.items()
    }
    values.setdefault("asset", None)
    values["asset"] = values["asset"] or AssetFactory()
    values.setdefault("currency", "USD")
    return Draft(kind=kind, quantity=Decimal(quantity), occurred_at=day(at), **values)


def record(
    portfolio: Portfolio, kind: str, quantity: str, at: str, now: datetime = NOW, **stated: Any
) -> Transaction:
    """Record as a user would: `record(portfolio, "buy", "1", "2024-01-01", unit_price="100")`."""
    return record_transaction(portfolio=portfolio, draft=draft(kind, quantity, at, **stated), now=now)
