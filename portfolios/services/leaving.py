"""A user leaves, with all their portfolios."""

from django.db import transaction as database

from accounts.models import User
from accounts.services import forget_user
from portfolios.models import Portfolio


@database.atomic
def delete_account(*, user: User) -> None:
    """Delete a user with their portfolios, transactions, books and audit trails. There is no way back.

    Their portfolios are locked first, so that nothing is recorded there meanwhile. ValidationError for the
    demo account.
    """
    owner = User.objects.select_for_update().get(pk=user.pk)
    list(Portfolio.objects.owned_by(owner).order_by("pk").select_for_update())
    forget_user(user=owner)
