"""Whether the stored read models equal what the transactions say, to the last digit."""

from collections.abc import Iterator
from decimal import Decimal

from portfolios.models import Booking, Portfolio, Transaction
from portfolios.selectors.fresh import IDENTITY, Fresh, UnknownRate, differing, fresh
from prices.fields import canonical
from prices.models import Asset
from prices.privacy import DOTS, amounts_hidden


def differences(portfolio: Portfolio) -> list[str]:
    """Name each stored figure of a portfolio that its transactions contradict; empty when all is well.

    Raises HoldingWouldBeNegative where the transactions themselves can't be true.
    """
    found: list[str] = []
    for asset in sorted(assets_of(portfolio), key=lambda each: each.symbol):
        try:
            found += _of_asset(portfolio, asset)
        except (AssertionError, ArithmeticError, KeyError) as error:  # what no service could have written
            found.append(f"{portfolio.pk} {asset.symbol}: a row can't be read ({error!r})")
        except UnknownRate:
            found.append(f"{portfolio.pk} {asset.symbol}: an exchange rate of coins that came is unknown")
    return found


def assets_of(portfolio: Portfolio) -> set[Asset]:
    """Everything that the transactions or the read models of a portfolio are about."""
    rows = Transaction.objects.touching(portfolio)
    held: set[int] = set()
    for names in rows.values_list("asset", "to_asset", "fee_asset"):
        held |= {pk for pk in names if pk}
    for model in IDENTITY:
        held |= set(model.objects.filter(portfolio=portfolio).values_list("asset", flat=True))  # type: ignore[attr-defined]
    return set(Asset.objects.filter(pk__in=held))


def _of_asset(portfolio: Portfolio, asset: Asset) -> Iterator[str]:
    own = next(each for each in fresh(portfolio, asset) if each.portfolio == portfolio)
    for model in IDENTITY:
        yield from _of_model(model, own)
    changes = [row.change for row in Booking.objects.filter(portfolio=portfolio, asset=asset)]
    if not all(change.balances() for change in changes):
        yield f"{portfolio.pk} {asset.symbol}: the books do not balance"


def _of_model(model: type, own: Fresh) -> Iterator[str]:
    stored = model.objects.filter(portfolio=own.portfolio, asset=own.asset)  # type: ignore[attr-defined]
    for old, row, columns in differing(model, stored, own.rows[model]):
        name = f"{own.portfolio.pk} {own.asset.symbol} {_named(model, row or old)}"
        if old is None or row is None:
            yield f"{name} is {'missing' if old is None else 'not wanted'}"
            continue
        for column in columns:
            is_now, should_be = _text(getattr(old, column)), _text(getattr(row, column))
            yield f"{name}: {column} is {is_now}, should be {should_be}"


def _text(value: object) -> str:
    if isinstance(value, Decimal) and amounts_hidden.get():
        return DOTS
    return canonical(value) if isinstance(value, Decimal) else str(value)


def _named(model: type, row: object) -> str:
    parts = [f"{part.removesuffix('_id')} {getattr(row, part)}" for part in IDENTITY[model]]
    return " ".join([model._meta.verbose_name, *parts])  # type: ignore[attr-defined]
