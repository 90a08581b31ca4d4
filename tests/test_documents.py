"""The documents are true: what they name exists, and nothing that they should name is left out."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
README = ROOT / "README.md"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
COMMANDS = sorted(
    path.stem
    for app in ("accounts", "bitfolio", "operations", "portfolios", "prices")
    for path in (ROOT / app / "management" / "commands").glob("*.py")
    if path.stem != "__init__"
)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


class TestReadme:
    def test_it_begins_with_the_two_commands(self) -> None:
        lines = README.read_text().splitlines()
        assert [line.split("#")[0].strip() for line in lines[1:3]] == ["make run", "make test"]

    @pytest.mark.parametrize("command", COMMANDS)
    def test_it_names_every_management_command(self, command: str) -> None:
        assert re.search(rf"^\| `{command}\b", README.read_text(), re.MULTILINE)

    def test_it_names_no_command_that_does_not_exist(self) -> None:
        assert set(re.findall(r"^\| `([a-z_]+)", README.read_text(), re.MULTILINE)) == set(COMMANDS)

    def test_every_make_target_that_documents_name_exists(self) -> None:
        targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
        used = {name for path in DOCUMENTS for name in re.findall(r"`make ([a-z-]+)", path.read_text())}
        assert used <= targets

    def test_it_shows_real_pictures(self) -> None:
        pictures = re.findall(r"!\[[^\]]+\]\((docs/img/[^)]+\.png)\)", README.read_text())
        assert len(pictures) >= 5
        assert [name for name in pictures if not (ROOT / name).read_bytes().startswith(b"\x89PNG")] == []


class TestEveryDocument:
    @pytest.mark.parametrize("document", DOCUMENTS, ids=named)
    def test_its_links_lead_somewhere(self, document: Path) -> None:
        links = [link.split("#")[0] for link in LINK.findall(document.read_text())]
        local = [link for link in links if link and "://" not in link]
        assert [link for link in local if not (document.parent / link).exists()] == []

    @pytest.mark.parametrize("document", DOCUMENTS, ids=named)
    def test_the_files_that_it_names_exist(self, document: Path) -> None:
        names = re.findall(
            r"`((?:[a-z_]+/)+[a-z_.]+\.(?:py|conf|md|json|css|svg|html))`", document.read_text()
        )
        assert [name for name in names if not (ROOT / name).exists()] == []


class TestDecisions:
    def test_they_are_numbered_without_a_gap_and_short(self) -> None:
        files = sorted((ROOT / "docs/decisions").glob("*.md"))
        assert [int(path.name[:4]) for path in files] == list(range(1, len(files) + 1))
        for path in files:
            lines = path.read_text().splitlines()
            assert lines[0].startswith(f"# {int(path.name[:4])}. ")
            assert len(lines) <= 20


class TestArchitecture:
    def test_it_names_every_room(self) -> None:
        text = (ROOT / "docs/architecture.md").read_text()
        rooms = {
            path.stem
            for app in ("accounts", "operations", "portfolios", "prices")
            for path in (ROOT / app).iterdir()
            if path.suffix == ".py" or (path / "__init__.py").exists()
        }
        unnamed = {
            room for room in rooms - {"__init__", "apps", "migrations"} if not re.search(rf"\b{room}\b", text)
        }
        assert unnamed == set()


class TestChangelog:
    def test_it_has_a_section_for_this_version(self) -> None:
        assert re.search(
            rf"^## {re.escape(settings.VERSION)}\b", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
        )
