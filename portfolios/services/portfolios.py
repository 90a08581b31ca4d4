"""Portfolios: made, renamed, kept under another cost method, deleted. A portfolio's row is its lock."""

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError
from django.db import transaction as database

from accounts.models import User
from portfolios.models import Portfolio, Transaction
from portfolios.services.books import rebuild

FIRST_NAME = "My portfolio"


def create_portfolio(
    *, owner: User, name: str, currency: str, cost_method: str = Portfolio.CostMethod.AVERAGE
) -> Portfolio:
    """Raises ValidationError by field: a name that is empty, too long or taken, an unknown currency."""
    return _save(Portfolio(owner=owner, name=name, currency=currency, cost_method=cost_method))


def rename_portfolio(*, portfolio: Portfolio, name: str) -> Portfolio:
    """Raises ValidationError: see `create_portfolio`. The currency stays: the books are kept in it."""
    return _change(portfolio, "name", name)


@database.atomic
def change_cost_method(*, portfolio: Portfolio, cost_method: str) -> Portfolio:
    """Keep the books under another cost method, from the first transaction on.

    Raises ValidationError by field for a method that there is not.
    """
    rebuild(_change(portfolio, "cost_method", cost_method))
    return portfolio


@database.atomic
def change_portfolio(
    *, portfolio: Portfolio, name: str | None = None, cost_method: str | None = None
) -> Portfolio:
    """Change what is given, all or nothing. Raises ValidationError: see `create_portfolio`."""
    if name is not None:
        rename_portfolio(portfolio=portfolio, name=name)
    if cost_method is not None and cost_method != portfolio.cost_method:
        change_cost_method(portfolio=portfolio, cost_method=cost_method)
    return portfolio


@database.atomic
def default_portfolio(*, owner: User) -> Portfolio:
    """The oldest of a user's portfolios; where there is none, one is made, in their currency."""
    User.objects.select_for_update().get(pk=owner.pk)  # one is made, however many ask at once
    found = Portfolio.objects.owned_by(owner).first()
    return found or create_portfolio(owner=owner, name=FIRST_NAME, currency=owner.currency)


@database.atomic
def delete_portfolio(*, portfolio: Portfolio) -> None:
    """Delete a portfolio with all its transactions. There is no way back: the door asks twice.

    Raises ValidationError while transfers tie it to other portfolios, whose books would change.
    """
    row = lock(portfolio)
    if Transaction.objects.tying(row).exists():
        raise ValidationError(
            "Coins were transferred between this portfolio and another. Delete those transfers first."
        )
    row.delete()


@database.atomic
def rebuild_books(*, portfolio: Portfolio) -> None:
    """Write every read model of a portfolio anew from its transactions."""
    rebuild(lock(portfolio))


def lock(portfolio: Portfolio) -> Portfolio:
    """Take the rows of all its owner's portfolios until the end of the transaction, and return this one's.

    All, because coins may be transferred between them, and in one order, so that two changes never wait for
    each other. SQLite locks the whole file at BEGIN. Books that an upgrade dropped are made anew first:
    changes go on from them.
    """
    rows = Portfolio.objects.filter(owner=portfolio.owner_id).order_by("pk").select_for_update()
    found = {row.pk: row for row in rows}
    if portfolio.pk not in found:
        raise Portfolio.DoesNotExist
    for each in Portfolio.objects.filter(owner=portfolio.owner_id, holdings=None):
        if each.transactions.kept().exists():
            rebuild(each)
    return found[portfolio.pk]


@database.atomic
def _change(portfolio: Portfolio, name: str, value: str) -> Portfolio:
    """Write this field alone, and a line in the audit trail if it is another value; return the stored row."""
    row = lock(portfolio)
    if getattr(row, name) != value:
        setattr(row, name, value)
        _save(row, [name])
    setattr(portfolio, name, value)
    return row


@database.atomic
def _save(portfolio: Portfolio, fields: list[str] | None = None) -> Portfolio:
    _check(portfolio)
    try:
        with database.atomic():
            portfolio.save(update_fields=fields)
    except IntegrityError:  # somebody else took the name between the check and the write
        _check(portfolio)
        raise
    return portfolio


def _check(portfolio: Portfolio) -> None:
    """What a constraint says of the whole is about the name: it is taken."""
    try:
        portfolio.full_clean()
    except ValidationError as error:
        errors = error.error_dict
        raise ValidationError(
            {"name" if field == NON_FIELD_ERRORS else field: errors[field] for field in errors}
        ) from None
