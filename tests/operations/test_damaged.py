"""What is no whole backup of this or an older Bitfolio is refused in one line, and nothing is touched.

Some are damaged as disks and networks do it; others are rewritten and sealed anew, as only a hand does it.
"""

import json
import random
import zipfile
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from operations.backups import archive, restoring
from tests.operations.conftest import digests

pytestmark = pytest.mark.django_db(transaction=True)

Members = dict[str, bytes]
Damage = Callable[[Members, dict[str, Any]], None]
USERS = "tables/accounts_user.jsonl"


def flipped(number: int) -> Callable[[bytes], bytes]:
    def damage(whole: bytes) -> bytes:
        place = random.Random(number).randrange(len(whole) * 8)
        changed = bytearray(whole)
        changed[place // 8] ^= 1 << place % 8
        return bytes(changed)

    return damage


def cut(share: float) -> Callable[[bytes], bytes]:
    return lambda whole: whole[: int(len(whole) * share)]


BY_ACCIDENT = {
    **{f"bit {number} turned": flipped(number) for number in range(12)},
    **{f"cut off at {share}": cut(share) for share in (0, 0.0001, 0.3, 0.7, 0.999, 0.99999)},
    "one byte short": lambda whole: whole[:-1],
    "one byte more": lambda whole: whole + b"\n",
    "without its middle": lambda whole: whole[: len(whole) // 3] + whole[len(whole) // 2 :],
    "twice": lambda whole: whole + whole,
    "no zip at all": lambda whole: b"PK" * len(whole),
}


def part(manifest: dict[str, Any], name: str = "accounts_user") -> dict[str, Any]:
    return next(each for each in manifest["parts"] if each["table"]["name"] == name)


def resized(members: Members, manifest: dict[str, Any], text: bytes) -> None:
    """Another text for the users, and a manifest that agrees with it."""
    members[USERS] = text
    digest = archive.hashlib.sha256(text).hexdigest()
    part(manifest).update(rows=text.count(b"\n"), bytes=len(text), sha256=digest)


def row_with(column: str, value: Any) -> Damage:
    def damage(members: Members, manifest: dict[str, Any]) -> None:
        names = [each["name"] for each in part(manifest)["table"]["columns"]]
        row = json.loads(members[USERS].splitlines()[0])
        row[names.index(column)] = value
        resized(members, manifest, json.dumps(row).encode() + b"\n")

    return damage


def one_more(members: Members, manifest: dict[str, Any]) -> None:
    members["tables/../../../etc/cron.d/x.jsonl"] = b""


def a_traversal_that_is_named(members: Members, manifest: dict[str, Any]) -> None:
    stranger = json.loads(json.dumps(part(manifest)))
    stranger["table"]["name"] = "../../../tmp/x"
    manifest["parts"].append(stranger)
    members["tables/../../../tmp/x.jsonl"] = members[USERS]


def an_unknown_migration(members: Members, manifest: dict[str, Any]) -> None:
    manifest["migrations"]["portfolios"].append("0999_from_the_future")
    manifest["version"] = "9.1"


def an_older_schema_than_said(members: Members, manifest: dict[str, Any]) -> None:
    manifest["migrations"]["portfolios"] = manifest["migrations"]["portfolios"][:2]


def another_column(members: Members, manifest: dict[str, Any]) -> None:
    part(manifest)["table"]["columns"][0]["name"] = 'id" FROM accounts_user; --'


def a_dangling_row(members: Members, manifest: dict[str, Any]) -> None:
    resized(members, manifest, b"")


def a_bomb(members: Members, manifest: dict[str, Any]) -> None:
    resized(members, manifest, b'"' + b"\0" * (12 << 20) + b'"\n')


def more_than_the_disk_holds(members: Members, manifest: dict[str, Any]) -> None:
    manifest["parts"][0]["bytes"] = 1 << 60


def deep_json(members: Members, manifest: dict[str, Any]) -> None:
    resized(members, manifest, b"[" * 100_000 + b"\n")


BY_HAND: dict[str, tuple[Damage, str]] = {
    "a member is missing": (lambda members, _: members.pop(USERS) and None, "parts are not those"),
    "a member too many, out of the folder": (one_more, "parts are not those"),
    "a table out of the folder": (a_traversal_that_is_named, "tables are not those"),
    "no manifest": (lambda members, _: members.pop("manifest.json") and None, "damaged"),
    "a wrong checksum": (
        lambda _, manifest: part(manifest).update(sha256="0" * 64),
        "not what was backed up",
    ),
    "a wrong count": (lambda _, manifest: part(manifest).update(rows=99), "not what was backed up"),
    "a wrong size": (lambda _, manifest: part(manifest).update(bytes=3), "unpacks to more"),
    "a newer format": (lambda _, manifest: manifest.update(format=2, version="9.0"), "newer Bitfolio, 9.0"),
    "a newer schema": (an_unknown_migration, "newer Bitfolio, 9.1, whose portfolios.0999_from_the_future"),
    "an older schema than its tables": (an_older_schema_than_said, "tables are not those"),
    "another product": (lambda _, manifest: manifest.update(product="Bitflip"), "no backup of Bitfolio"),
    "a format that is none": (lambda _, manifest: manifest.update(format=True), "no backup of Bitfolio"),
    "parts that are none": (lambda _, manifest: manifest.update(parts=[1, 2]), "damaged"),
    "another column": (another_column, "tables are not those"),
    "a table twice": (lambda _, manifest: manifest["parts"].append(part(manifest)), "tables are not those"),
    "rows that refer to nobody": (a_dangling_row, "refers to one"),
    "a list where a value belongs": (row_with("username", ["x"]), "what no column can"),
    "a number past all numbers": (row_with("id", 10**30), "damaged"),
    "no number": (row_with("id", float("nan")), "damaged"),
    "nothing where something must be": (row_with("username", None), "NOT NULL"),
    "a short row": (lambda members, manifest: resized(members, manifest, b"[1]\n"), "not as many values"),
    "brackets without end": (deep_json, "damaged"),
    "a bomb": (a_bomb, "unpacks to more"),
    "more than the disk holds": (more_than_the_disk_holds, "unpacks to more"),
}


def rewritten(file: Path, damage: Damage) -> Path:
    """Unpacked, changed, packed and sealed anew: nothing but its content gives it away."""
    with zipfile.ZipFile(file) as whole:
        members = {name: whole.read(name) for name in whole.namelist()}
    manifest = json.loads(members["manifest.json"])
    damage(members, manifest)
    if "manifest.json" in members:
        members["manifest.json"] = json.dumps(manifest).encode()
    target = file.with_name("rewritten.zip")
    with archive.writing(target) as writer:
        for name, text in members.items():
            writer.file.writestr(name, text, zipfile.ZIP_DEFLATED)
    return target


def refused(path: Path) -> str:
    before = digests()
    with pytest.raises(CommandError) as refusal:
        call_command("restore", str(path), "--replace", stdout=StringIO())
    assert digests() == before
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


@pytest.fixture
def backup(history, file) -> Path:
    call_command("backup", str(file), "--no-verify", stdout=StringIO())
    return file


def test_what_disks_and_networks_do(backup) -> None:
    """In one test, as none of them changes what the next one finds."""
    whole, target = backup.read_bytes(), backup.with_name("damaged.zip")
    for name, damage in BY_ACCIDENT.items():
        target.write_bytes(damage(whole))
        assert "damaged, cut off or changed" in refused(target), name
    assert len(BY_ACCIDENT) >= 20


def test_what_only_a_hand_does(backup) -> None:
    for name, (damage, reason) in BY_HAND.items():
        assert reason in refused(rewritten(backup, damage)), name


def test_rewritten_and_sealed_without_a_change_it_is_taken(backup) -> None:
    """So what is refused above is refused for what was changed."""
    call_command("restore", str(rewritten(backup, lambda *_: None)), "--check", stdout=StringIO())


def test_a_file_that_is_not_there_is_said(db, tmp_path) -> None:
    with pytest.raises(CommandError, match=r"nowhere\.zip: No such file"):
        call_command("restore", str(tmp_path / "nowhere.zip"))


def test_without_room_it_does_not_begin(backup, monkeypatch) -> None:
    monkeypatch.setattr(restoring.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    assert "MB in" in refused(backup)


def test_a_place_that_fails_at_the_last_moment_is_as_it_was(backup, monkeypatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    put = "sqlite.write_over" if restoring.connection.vendor == "sqlite" else "prove"
    monkeypatch.setattr(f"operations.backups.restoring.{put}", fail)
    assert "No space left" in refused(backup)
