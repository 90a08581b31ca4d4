"""The file of a backup: a zip of one text a table, a JSON list a row, and `manifest.json`: what is in it.

The zip's comment is its seal, the SHA-256 of every byte before it: no bit of the file can turn and no end be
missing unnoticed. The seal speaks of accidents; who wants to know that nobody rewrote the whole file keeps
what `backup` prints, and gives it to `restore --sha256`.
"""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from operations.backups.tables import Column, Table

FORMAT = 1
MANIFEST = "manifest.json"
SEAL = 64  # characters at the end of the file
CHUNK = 1 << 20
LONGEST_LINE = 16 << 20  # bytes
LONGEST_MANIFEST = 4 << 20
DENSEST = 300  # bytes that one byte may unpack to; rows of real tables give 5 to 30
LARGE = 10 << 20
BROKEN = (  # what unzipping and reading a file that somebody damaged may raise
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, RecursionError),
    *(ValueError, LookupError, TypeError, AttributeError, ArithmeticError),
)
Row = list[Any]


class BackupRefusedError(Exception):
    """One sentence on why a backup, or the place it is to go to, is left alone."""


@dataclass(frozen=True, slots=True)
class Part:
    """One table in a backup. `last`: the highest number that was given out, for who numbers on."""

    table: Table
    rows: int
    bytes: int
    sha256: str
    last: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `created_at` is ISO in UTC; `migrations`: what its database had seen."""

    version: str
    database: str
    created_at: str
    migrations: dict[str, list[str]]
    parts: tuple[Part, ...]

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts)

    @property
    def bytes(self) -> int:
        return sum(part.bytes for part in self.parts)


def member(table: Table) -> str:
    return f"tables/{table.name}.jsonl"


class Writer:
    """Writes the parts one after the other, then the manifest."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self.file = file

    def part(self, table: Table, rows: Iterable[Row], last: int) -> Part:
        digest, count, size = hashlib.sha256(), 0, 0
        with self._open(member(table)) as target:
            for count, row in enumerate(rows, start=1):  # noqa: B007 (the last one is the count)
                line = json.dumps(row, separators=(",", ":"), allow_nan=False).encode() + b"\n"
                digest.update(line)
                size += len(line)
                target.write(line)
        return Part(table, count, size, digest.hexdigest(), last)

    def manifest(self, manifest: Manifest) -> None:
        said = {"format": FORMAT, "product": "Bitfolio", **asdict(manifest)}
        with self._open(MANIFEST) as target:
            target.write(json.dumps(said, indent=1).encode())

    def _open(self, name: str) -> IO[bytes]:
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        return self.file.open(info, "w", force_zip64=True)


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """A new backup in an empty file; sealed when the block ends."""
    with zipfile.ZipFile(path, "w") as file:
        yield Writer(file)
        file.comment = b"0" * SEAL
    with path.open("r+b") as sealed:
        digest = _digest(sealed, path.stat().st_size - SEAL)
        sealed.seek(-SEAL, 2)
        sealed.write(digest.encode())


class Reader:
    """A backup whose seal is whole. What it yields is checked while it is read."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self.file = file
        self.manifest = _manifest(self._text(MANIFEST))
        _refuse_other_members(file, self.manifest)

    def rows(self, part: Part) -> Iterator[Row]:
        """Raises BackupRefusedError when they are not those that the manifest speaks of."""
        digest, count, size = hashlib.sha256(), 0, 0
        with self.file.open(member(part.table)) as source:
            while line := source.readline(LONGEST_LINE):
                size += len(line)
                if size > part.bytes or not line.endswith(b"\n"):
                    break
                digest.update(line)
                count += 1
                yield _row(line, len(part.table.columns))
        if (count, size, digest.hexdigest()) != (part.rows, part.bytes, part.sha256):
            raise BackupRefusedError(f"{part.table.name} is not what was backed up.")

    def _text(self, name: str) -> bytes:
        with self.file.open(name) as source:
            text = source.read(LONGEST_MANIFEST + 1)
        if len(text) > LONGEST_MANIFEST:
            raise BackupRefusedError("Its manifest is too long to be one.")
        return text


@contextmanager
def reading(path: Path) -> Iterator[Reader]:
    """A backup that can be believed. Raises BackupRefusedError, also from within the block; OSError."""
    seal_of(path)
    try:
        with zipfile.ZipFile(path) as file:
            yield Reader(file)
    except BROKEN as error:
        raise BackupRefusedError(f"It is damaged ({type(error).__name__}: {str(error)[:200]}).") from error


def seal_of(path: Path) -> str:
    """The seal, once it is found whole: 64 characters of hex. BackupRefusedError, OSError."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - SEAL, 0))
        seal = file.read()
        if len(seal) != SEAL or _digest(file, size - SEAL).encode() != seal:
            raise BackupRefusedError("It is no backup of Bitfolio, or was damaged, cut off or changed since.")
    return seal.decode()


def _digest(file: IO[bytes], size: int) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while size:
        chunk = file.read(min(CHUNK, size))
        if not chunk:
            break
        digest.update(chunk)
        size -= len(chunk)
    return digest.hexdigest()


def _manifest(text: bytes) -> Manifest:
    said = json.loads(text)
    if said["product"] != "Bitfolio" or type(said["format"]) is not int:
        raise BackupRefusedError("It is no backup of Bitfolio.")
    if said["format"] > FORMAT:
        raise BackupRefusedError(
            f"It was made by a newer Bitfolio, {said.get('version')}: update this one first."
        )
    migrations = {str(app): [str(name) for name in names] for app, names in said["migrations"].items()}
    parts = tuple(map(_part, said["parts"]))
    version, database, created_at = (str(said[name]) for name in ("version", "database", "created_at"))
    return Manifest(version, database, created_at, migrations, parts)


def _part(said: dict[str, Any]) -> Part:
    table = said["table"]
    columns = tuple(Column(str(each["name"]), str(each["kind"])) for each in table["columns"])
    number = None if table["number"] is None else str(table["number"])
    named = Table(str(table["name"]), columns, tuple(map(str, table["key"])), number)
    return Part(named, int(said["rows"]), int(said["bytes"]), str(said["sha256"]), int(said["last"]))


def _refuse_other_members(file: zipfile.ZipFile, manifest: Manifest) -> None:
    """Exactly the manifest and its parts, each unpacking to what is said and to no more than rows do."""
    sizes = {member(part.table): part.bytes for part in manifest.parts}
    found = [info.filename for info in file.infolist()]
    if sorted(found) != sorted([MANIFEST, *sizes]):
        raise BackupRefusedError("Its parts are not those that its manifest names.")
    for info in file.infolist():
        is_as_said = info.filename == MANIFEST or info.file_size == sizes[info.filename]
        is_dense = info.file_size > LARGE and info.file_size > DENSEST * info.compress_size
        if not is_as_said or is_dense:
            raise BackupRefusedError(f"{info.filename} unpacks to more than it can hold.")


def _row(line: bytes, columns: int) -> Row:
    row = json.loads(line, parse_constant=_refuse_constant)
    if type(row) is not list or len(row) != columns:
        raise BackupRefusedError("A row has not as many values as its table has columns.")
    if not all(value is None or type(value) in {int, str, float} for value in row):
        raise BackupRefusedError("A row holds what no column can.")
    return row


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


Tell = Callable[[str, int, int], None]  # what is done, how many rows of it, and of how many
