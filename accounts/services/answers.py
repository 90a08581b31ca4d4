"""Requests that carry a key are done once, however often they are sent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import Answer, User


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: its status, its body and the headers that belong to it."""

    status: int
    body: str
    headers: dict[str, str]


class KeyUsedOtherwise(Exception):
    """The key belongs to another request."""


@transaction.atomic
def answer_once(*, owner: User, key: str, request: str, now: datetime, answer: Callable[[], Said]) -> Said:
    """Return what `answer` says, in one database transaction with what it does; later, the same again.

    The row comes first: who repeats the request meanwhile waits for it, and then finds it done, or undone
    and theirs to do. `request` is the hash of what was asked. Raises KeyUsedOtherwise; whatever `answer`
    raises, and then nothing was done.
    """
    row, is_first = Answer.objects.get_or_create(
        owner=owner, key=key, defaults={"request": request, "at": now}
    )
    if row.request != request:
        raise KeyUsedOtherwise
    if not is_first:
        return Said(row.status, row.body, row.headers)
    said = answer()
    row.status, row.body, row.headers = said.status, said.body, said.headers
    row.save(update_fields=["status", "body", "headers"])
    return said
