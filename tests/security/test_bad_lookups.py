"""The lists of the administration are asked for what no calendar and no database can say."""

from itertools import product

import pytest
from django.contrib import admin
from django.db import models
from django.urls import reverse

pytestmark = pytest.mark.django_db(transaction=True)  # what PostgreSQL refuses ends its transaction

BEYOND = [
    ("", "9999-12-31T23:59:59-12:00"),
    ("__gte", "9999-12-31T23:59:59-12:00"),
    ("__lt", "0001-01-01T00:00:00+14:00"),
    ("__year", "1704067200000"),
    ("__year__gte", str(10**30)),
    ("__year", "0"),
    ("__year", "-1"),
    ("__date", "9999-12-31T23:59:59-12:00"),
    ("__month", str(2**63)),
    ("__gte", "\x00"),
    ("__in", "2024-02-30,x"),
    ("__isnull", "x"),
    ("__regex", "["),
]


def test_lists_of_the_administration_answer_what_no_calendar_can_say(root) -> None:
    """Django lets every lookup of a list's own fields through, and finds out late what it asks for."""
    root.raise_request_exception = False
    found = []
    for model in admin.site._registry:
        meta = model._meta
        names = [each.name for each in meta.fields if isinstance(each, models.DateField)]
        address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        for asked in product(names[:2], BEYOND):
            name, (lookup, value) = asked
            if root.get(address, {f"{name}{lookup}": value}).status_code >= 500:
                found.append((address, asked))
        found += [(address, n) for n in (2**63, 10**30) if root.get(address, {"pk": n}).status_code >= 500]
    assert found == []
