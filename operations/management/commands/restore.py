"""restore: put a backup in the place of this database, all of it or nothing."""

from hmac import compare_digest
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from operations.backups import check_backup, restore_backup, seal_of
from operations.management.base import BackupCommand


class Command(BackupCommand):
    help = (
        "Restore a backup, of SQLite or of PostgreSQL, into the database that DATABASE_URL names. It is"
        " restored into a scratch database and proved there first; until then, and whenever anything fails,"
        " this one stays as it is. Stop web and worker before, start them after."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="what `backup` wrote")
        parser.add_argument(
            "--replace", action="store_true", help="also where there is data already, which is lost by it"
        )
        parser.add_argument("--check", action="store_true", help="prove the backup, and change nothing")
        parser.add_argument("--sha256", help="what `backup` printed; refuse a file that was rewritten since")
        parser.add_argument(
            "--rebuild-books",
            action="store_true",
            help="compute every stored figure anew, for a backup whose books are not true",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path, rebuild = options["file"], options["rebuild_books"]
        if options["sha256"] and not compare_digest(
            options["sha256"].strip().lower().encode(), seal_of(path).encode()
        ):
            raise CommandError("It is another file than the one with that sha256.")
        if options["check"]:
            manifest = check_backup(path, rebuild=rebuild, tell=self.tell)
            self.result(f"{path} of {manifest.created_at}: {manifest.rows:,} rows; it can be restored.")
            return
        manifest = restore_backup(path, replace=options["replace"], rebuild=rebuild, tell=self.tell)
        self.result(f"{manifest.rows:,} rows of {manifest.created_at} are restored, and the books are true.")
