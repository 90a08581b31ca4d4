"""backup: every row that matters in one file, at one moment, and proved before it is kept."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils import timezone

from operations.backups import make_backup, seal_of
from operations.management.base import BackupCommand


class Command(BackupCommand):
    help = (
        "Write a backup of the database while it is in use, restore it into a scratch database and compute"
        " every figure there again. Neither the secret key nor who is signed in is part of it. Keep it where"
        " nobody else reads it: it holds addresses, password hashes and everybody's transactions."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file",
            nargs="?",
            type=Path,
            metavar="FILE",
            help="a file that is not there yet (VAR_DIR/backups/bitfolio-TIME.zip)",
        )
        parser.add_argument(
            "--no-verify",
            action="store_false",
            dest="verify",
            help="keep it without the proof, in half the time",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        path = options["file"] or settings.VAR_DIR / "backups" / f"bitfolio-{now:%Y%m%dT%H%M%SZ}.zip"
        manifest = make_backup(path, now=now, verify=options["verify"], tell=self.tell)
        proved = "restored and proved" if options["verify"] else "not proved"
        size = path.stat().st_size
        self.result(f"{path}: {manifest.rows:,} rows, {size:,} bytes, {proved}.")
        self.result(f"sha256 {seal_of(path)}")
