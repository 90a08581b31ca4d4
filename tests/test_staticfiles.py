"""Static files as served: our scripts import each other by hashed names, others' keep their bytes."""

import base64
import hashlib
import json
import re
import runpy
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile

from bitfolio.context import ChartLibrary
from bitfolio.staticfiles import StaticFilesStorage, as_served, in_one

ROOT = settings.BASE_DIR


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    files = {
        "js/page.js": 'import { draw } from "./draw.js";\ndraw();\n',
        "js/draw.js": "export function draw() {}\n",
        "vendor/library.js": "var library;\n//# sourceMappingURL=library.js.map\n",
        "other/module.js": 'import { a } from "./nowhere.js";\n',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    storage = StaticFilesStorage(location=str(tmp_path), base_url="/static/")
    results = list(storage.post_process({name: (storage, name) for name in files}))
    assert [result for _, _, result in results if isinstance(result, Exception)] == []
    return tmp_path


def hashed(folder: Path, pattern: str) -> str:
    [path] = folder.glob(pattern)
    return path.read_text()


def test_our_scripts_import_each_other_by_hashed_names(stored: Path) -> None:
    assert re.search(r'from ?"\./draw\.[0-9a-f]{12}\.js"', hashed(stored, "js/page.????????????.js"))


def test_scripts_of_others_keep_their_bytes(stored: Path) -> None:
    original = (stored / "vendor/library.js").read_text()
    assert hashed(stored, "vendor/library.????????????.js") == original


def test_what_is_served_of_ours_has_no_comments(tmp_path: Path) -> None:
    storage = StaticFilesStorage(location=str(tmp_path), base_url="/static/")
    storage.save("css/page.css", ContentFile(b"/* why */\n.tile { margin: 0 }\n"))
    storage.save("js/page.js", ContentFile(b"// why\nconst one = 1;\n"))
    storage.save("vendor/page.js", ContentFile(b"// theirs\nvar two;\n"))
    assert (tmp_path / "css/page.css").read_text() == ".tile{margin:0}"
    assert (tmp_path / "js/page.js").read_text() == "const one=1;"
    assert (tmp_path / "vendor/page.js").read_text() == "// theirs\nvar two;\n"


def test_the_styles_as_served_choose_what_the_source_chooses() -> None:
    """A blank before a colon chooses what is within; taken out, it would choose the element itself."""
    source = re.sub(r"/\*.*?\*/", "", (ROOT / "static/css/bitfolio.css").read_text(), flags=re.DOTALL)
    within = re.compile(r"[\w\])*]\s+:(?:is|not|where|has)\(")
    served = as_served("css/bitfolio.css", source)
    assert len(within.findall(served)) == len(within.findall(source))


def test_a_script_comes_in_one_with_what_it_imports() -> None:
    files = {
        "a": 'import { c } from "./c.js";\nexport const b = c;\n',
        "c": "export function c() {}\n",
    }
    page = 'import { b } from "./a.js";\nimport { c } from "./c.0123456789ab.js";\nb(c);\n'
    assert in_one(page, files.get) == "function c() {}\nconst b = c;\nb(c);\n"
    assert in_one(page, {}.get) == page


class TestChartJs:
    """The version and hash stand in four places; they are one."""

    fetcher = runpy.run_path(str(ROOT / "tools/chartjs.py"))

    def test_the_pages_ask_for_the_file_that_set_up_verifies(self) -> None:
        assert ChartLibrary().integrity == f"sha384-{self.fetcher['SHA384']}"
        assert str(self.fetcher["FILE"]) == f"static/{ChartLibrary().path}"

    def test_the_cdn_is_asked_for_the_version_that_the_package_names(self) -> None:
        version = json.loads((ROOT / "package.json").read_text())["dependencies"]["chart.js"]
        assert f"/npm/chart.js@{version}/" in ChartLibrary().url

    def test_the_lock_holds_hashes_and_no_addresses(self) -> None:
        packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
        locked = {name: package for name, package in packages.items() if name}
        assert all(package["integrity"].startswith("sha512-") for package in locked.values())
        assert not any("resolved" in package for package in locked.values())

    def test_a_file_with_other_bytes_is_not_taken(self, tmp_path: Path) -> None:
        wrong = tmp_path / "chart.js"
        wrong.write_text("other bytes")
        digest = base64.b64encode(hashlib.sha384(b"other bytes").digest()).decode()
        assert self.fetcher["digest"](wrong) == digest != self.fetcher["SHA384"]
