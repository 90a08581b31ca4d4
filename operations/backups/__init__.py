"""Backups: one file with every row that matters, and the way back from it."""

from operations.backups.archive import BackupRefusedError, Manifest, Tell, seal_of
from operations.backups.making import make_backup
from operations.backups.restoring import check_backup, restore_backup

__all__ = [
    "BackupRefusedError",
    "Manifest",
    "Tell",
    "check_backup",
    "make_backup",
    "restore_backup",
    "seal_of",
]
