"""A backup comes back without a difference: to the last digit, under load, on both databases, across them."""

import stat
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from threading import Event

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from operations.backups import archive, make_backup, restoring
from operations.backups.scratch import restore_into, scratch, standing_in
from operations.backups.tables import KINDS, LEFT_OUT, kept, tables
from portfolios.models import Portfolio, Transaction
from portfolios.selectors import differences
from prices.models import Asset, Heartbeat, PriceSnapshot
from tests.factories import NOW, AssetFactory, PortfolioFactory, record
from tests.operations.conftest import AWKWARD, digests, empty_everything, last_numbers

pytestmark = pytest.mark.django_db(transaction=True)
BACKUPS, WRITERS = 10, 2


def run(name: str, *arguments: object) -> str:
    output = StringIO()
    call_command(name, *map(str, arguments), stdout=output)
    return output.getvalue()


class TestThereAndBack:
    def test_everything_is_as_it_was(self, history, file) -> None:
        before, numbers = digests(), last_numbers()
        said = run("backup", file)
        assert "restored and proved" in said
        assert archive.seal_of(file) in said
        empty_everything()
        assert digests() != before
        run("restore", file, "--replace")
        assert digests() == before
        assert last_numbers() == numbers
        assert "no difference" in run("verify_books")

    def test_the_longest_and_the_smallest_amounts_keep_every_digit(self, history, file) -> None:
        def prices() -> list[str]:
            return [
                str(row.price) for row in PriceSnapshot.objects.filter(asset__symbol="TINY").order_by("at")
            ]

        before = prices()
        assert "99999999999999999999.999999999999999999" in before
        run("backup", file, "--no-verify")
        empty_everything()
        run("restore", file, "--replace")
        assert prices() == before
        assert Asset.objects.get(symbol="TINY").name == AWKWARD
        assert Transaction.objects.filter(note=AWKWARD).exists()

    def test_new_rows_are_numbered_on_from_the_last_one_ever_made(self, history, file) -> None:
        last = PortfolioFactory(owner=history.owner)
        number = last.pk
        last.delete()
        run("backup", file)
        run("restore", file, "--replace")
        assert PortfolioFactory(owner=history.owner).pk == number + 1

    def test_a_full_place_needs_a_flag(self, history, file) -> None:
        run("backup", file)
        before = digests()
        with pytest.raises(CommandError, match=r"holds data already \(.*--replace"):
            run("restore", file)
        assert digests() == before

    def test_what_is_typed_while_the_backup_is_proved_is_not_written_over(
        self, history, file, monkeypatch
    ) -> None:
        run("backup", file)
        call_command("flush", interactive=False, verbosity=0)
        proved = restoring._proved

        def slowly(*arguments: object) -> object:
            User.objects.create_user("early", "early@example.org")
            return proved(*arguments)

        monkeypatch.setattr(restoring, "_proved", slowly)
        with pytest.raises(CommandError, match="holds data already"):
            run("restore", file)
        assert [each.username for each in User.objects.all()] == ["early"]

    def test_an_empty_place_needs_none(self, history, file) -> None:
        run("backup", file)
        before = digests()
        call_command("flush", interactive=False, verbosity=0)
        run("restore", file)
        assert digests() == before

    def test_who_is_signed_in_and_what_the_worker_does_is_left_out(self, history, file, client) -> None:
        Heartbeat.objects.create(at=NOW)
        client.force_login(history.owner, backend="accounts.backends.AccountBackend")
        run("backup", file)
        run("restore", file, "--replace")
        assert not Heartbeat.objects.exists()
        assert client.get("/portfolios/new/").status_code == 302

    def test_checking_changes_nothing(self, history, file) -> None:
        run("backup", file)
        User.objects.filter(username="alice").update(username="alicia")
        assert "can be restored" in run("restore", file, "--check")
        assert User.objects.get().username == "alicia"

    def test_another_file_than_the_one_that_was_printed_is_refused(self, history, file) -> None:
        run("backup", file)
        seal = archive.seal_of(file)
        assert "can be restored" in run("restore", file, "--check", "--sha256", seal.upper())
        with pytest.raises(CommandError, match="another file"):
            run("restore", file, "--check", "--sha256", "0" * 64)


class TestTheOtherDatabase:
    def test_what_either_writes_the_other_reads(self, history, file) -> None:
        """The scratch database is SQLite: on PostgreSQL this is the way between the two, and back."""
        before, numbers = digests(), last_numbers()
        run("backup", file, "--no-verify")
        with scratch(file) as place, archive.reading(file) as backup:
            restore_into(place, backup, rebuild=False, tell=lambda *_: None)
            with standing_in(place):
                assert (digests(), last_numbers()) == (before, numbers)
                run("backup", file.with_name("other.zip"))
        empty_everything()
        run("restore", file.with_name("other.zip"), "--replace")
        assert (digests(), last_numbers()) == (before, numbers)

    def test_while_one_stands_in_the_real_one_is_not_touched(self, history, file) -> None:
        with scratch(file) as place:
            with standing_in(place):
                assert connection.vendor == "sqlite"
                call_command("migrate", verbosity=0)
                assert not User.objects.exists()
            assert User.objects.exists()


class TestUnderLoad:
    def test_what_is_written_between_two_tables_is_in_none_of_them(self, history, file) -> None:
        before, written = digests(), []

        def write(what: str, *_: object) -> None:
            if what.startswith("Backing up"):
                with ThreadPoolExecutor(1) as thread:
                    written.append(thread.submit(write_until, Event(), history, most=1).result())

        make_backup(file, now=NOW, verify=False, tell=write)
        assert sum(written) > 5
        assert digests() != before
        run("restore", file, "--replace")
        assert digests() == before

    def test_ten_backups_while_others_write_come_back_without_a_difference(self, history, tmp_path) -> None:
        """Each is one moment: the books that it holds follow from the transactions that it holds."""
        stop = Event()
        with ThreadPoolExecutor(WRITERS) as threads:
            writers = [
                threads.submit(write_until, stop, Portfolio.objects.get(pk=history.pk))
                for _ in range(WRITERS)
            ]
            try:
                files = [tmp_path / f"{number}.zip" for number in range(BACKUPS)]
                for file in files:
                    run("backup", file, "--no-verify")  # the way back proves it
            finally:
                stop.set()
        written = sum(writer.result() for writer in writers)
        assert written > 0
        sizes = []
        for file in files:
            run("restore", file, "--replace")
            again = file.with_suffix(".again")
            run("backup", again, "--no-verify")
            assert manifest(again).parts == manifest(file).parts
            assert [line for portfolio in Portfolio.objects.all() for line in differences(portfolio)] == []
            sizes.append(Transaction.objects.count())
        assert sizes == sorted(sizes)
        assert sizes[-1] > sizes[0]  # they did write meanwhile


def write_until(stop: Event, portfolio: Portfolio, most: int = 10**6) -> int:
    written, asset = 0, AssetFactory()
    try:
        while not stop.is_set() and written < most:
            record(portfolio, "buy", "0.1", "2024-12-31", unit_price="123.456789", asset=asset)
            written += 1
            stop.wait(0.01)
    finally:
        connection.close()
    return written


def manifest(file: Path) -> archive.Manifest:
    with archive.reading(file) as backup:
        return backup.manifest


class TestTheFile:
    def test_its_owner_alone_reads_it_and_nothing_is_left_beside_it(self, history, file) -> None:
        run("backup", file)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert [path.name for path in file.parent.iterdir()] == [file.name]

    def test_it_is_never_written_over(self, history, file) -> None:
        file.write_text("mine")
        with pytest.raises(CommandError, match="is there already"):
            run("backup", file)
        assert file.read_text() == "mine"

    def test_without_a_name_it_goes_into_the_data_folder(self, history, settings, tmp_path) -> None:
        settings.VAR_DIR = tmp_path
        run("backup")
        assert len(list((tmp_path / "backups").glob("bitfolio-*Z.zip"))) == 1

    def test_a_folder_that_cannot_be_is_said_in_one_line(self, history, tmp_path) -> None:
        (tmp_path / "taken").write_text("")
        with pytest.raises(CommandError, match=r"taken.*(File exists|Not a directory)"):
            run("backup", tmp_path / "taken" / "x.zip")

    def test_no_secret_key_is_in_it(self, history, file, settings) -> None:
        settings.SECRET_KEY = "the-secret-key-of-this-installation"
        run("backup", file)
        with archive.reading(file) as backup:
            for part in backup.manifest.parts:
                assert not any(settings.SECRET_KEY in str(row) for row in backup.rows(part))

    def test_books_that_are_not_true_are_said_and_not_kept(self, history, file) -> None:
        history.holdings.update(fees="12345")
        with pytest.raises(CommandError, match=r"books are not true: .*12345"):
            run("backup", file)
        assert not file.exists()
        run("backup", file, "--no-verify")
        with pytest.raises(CommandError, match="books are not true"):
            run("restore", file, "--replace")
        run("restore", file, "--replace", "--rebuild-books")
        assert "no difference" in run("verify_books")

    def test_progress_is_shown_on_a_terminal_only(self, history, file) -> None:
        class Terminal(StringIO):
            def isatty(self) -> bool:
                return True

        terminal = Terminal()
        call_command("backup", str(file), stdout=terminal)
        assert "Restoring" in terminal.getvalue()
        assert "\r" not in run("restore", file, "--check")


class TestWhatIsInIt:
    def test_every_table_of_every_model_is_kept_or_left_out_on_purpose(self) -> None:
        expected = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
        known = tables(connection)
        assert {table.name for table in known} == expected
        assert {table.name for table in kept(known)} == expected - LEFT_OUT
        assert expected >= LEFT_OUT

    def test_every_column_of_the_database_is_named(self) -> None:
        with connection.cursor() as cursor:
            for table in tables(connection):
                found = connection.introspection.get_table_description(cursor, table.name)
                assert sorted(column.name for column in found) == sorted(
                    column.name for column in table.columns
                )

    def test_a_type_that_nobody_taught_it_is_refused(self, monkeypatch) -> None:
        monkeypatch.delitem(KINDS, "AmountField")
        with pytest.raises(LookupError, match="does not know how to keep a AmountField"):
            tables(connection)
