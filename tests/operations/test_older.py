"""Backups of an older Bitfolio are brought to this schema; a database of an older one can be backed up."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.models import User
from operations.backups import archive, make_backup
from operations.backups.scratch import scratch, standing_in
from operations.backups.tables import is_up_to_date, tables
from portfolios.models import Portfolio
from tests.factories import NOW

pytestmark = pytest.mark.django_db(transaction=True)

OLD = ("portfolios", "0004_audit_history")  # before books had a version


def make_an_old_one() -> None:
    executor = MigrationExecutor(connection)
    leaves = [node for node in executor.loader.graph.leaf_nodes() if node[0] != OLD[0]]
    executor.migrate([*leaves, OLD])
    models = executor.loader.project_state([*leaves, OLD]).apps
    owner = models.get_model("accounts", "User").objects.create(username="alice")
    models.get_model("portfolios", "Portfolio").objects.create(owner=owner, name="Of old", currency="EUR")


def test_an_old_database_is_backed_up_and_comes_back_new(file) -> None:
    with scratch(file) as place, standing_in(place):
        make_an_old_one()
        assert not is_up_to_date(connection)
        columns = {column.name for table in tables(connection) for column in table.columns}
        assert "books_version" not in columns
        make_backup(file, now=NOW, verify=True, tell=lambda *_: None)
    with archive.reading(file) as backup:
        assert OLD[1] in backup.manifest.migrations["portfolios"]
        assert len(backup.manifest.migrations["portfolios"]) == 4
    call_command("restore", str(file), "--replace", stdout=StringIO())
    assert is_up_to_date(connection)
    assert User.objects.get().username == "alice"
    portfolio = Portfolio.objects.get()
    assert (portfolio.name, portfolio.currency, portfolio.owner.username) == ("Of old", "EUR", "alice")
    call_command("verify_books", stdout=StringIO())
