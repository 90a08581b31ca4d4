"""What the templates rely on: icons and classes that exist, no inline style or script, Chart.js unchanged."""

import base64
import gzip
import hashlib
import re
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from django.conf import settings

from bitfolio.context import ChartLibrary
from bitfolio.icons import icon, static_if_there
from bitfolio.staticfiles import as_served

ROOT = settings.BASE_DIR
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLESHEET = (ROOT / "static/css/bitfolio.css").read_text()
SCRIPTS = sorted((ROOT / "static/js").glob("*.js"))
SVG = "{http://www.w3.org/2000/svg}"
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
BARE_COMMENT = re.compile(r"\{% comment %\}.*?\{% endcomment %\}", re.DOTALL)


def markup(path: Path) -> str:
    """The HTML of a template without what Django says in between."""
    return TAG.sub(" ", BARE_COMMENT.sub("", path.read_text()))


@pytest.fixture(params=TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def template(request: pytest.FixtureRequest) -> Path:
    return request.param


class TestContentSecurity:
    def test_no_style_stands_in_the_markup(self, template: Path) -> None:
        assert not re.search(r"\sstyle\s*=|<style", markup(template))

    def test_no_script_stands_in_the_markup(self, template: Path) -> None:
        text = markup(template)
        assert not re.search(r"\son[a-z]+\s*=|hx-on|javascript:|js:", text)
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))

    def test_no_htmx_trigger_needs_eval(self, template: Path) -> None:
        assert not re.search(r'hx-trigger="[^"]*\[', markup(template))

    @pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
    def test_no_script_evaluates_text(self, script: Path) -> None:
        assert not re.search(r"\beval\(|new Function|innerHTML|insertAdjacentHTML", script.read_text())


class TestIcons:
    symbols = {
        symbol.get("id") for symbol in ElementTree.parse(ROOT / "static/icons.svg").iter(f"{SVG}symbol")
    }

    def test_every_icon_that_a_template_asks_for_is_drawn(self, template: Path) -> None:
        assert set(re.findall(r"\{% icon ['\"]([\w-]+)['\"]", template.read_text())) <= self.symbols

    def test_an_icon_is_decoration(self) -> None:
        assert icon("plus").startswith('<svg class="icon" aria-hidden="true" focusable="false"><use href="')
        assert icon("plus").endswith('icons.svg#plus"/></svg>')


class TestStylesheet:
    classes = set(re.findall(r"\.([a-zA-Z][\w-]*)", STYLESHEET))
    djangos = {"messagelist", "warning"}  # what the administration's own stylesheet knows

    def test_every_class_that_a_template_uses_is_styled(self, template: Path) -> None:
        used = {name for value in re.findall(r'class="([^"]*)"', markup(template)) for name in value.split()}
        styled = self.classes | (self.djangos if template.parent.name == "admin" else set())
        assert {name for name in used if not name.endswith("-")} <= styled

    def test_it_weighs_at_most_ten_kilobytes_on_the_wire(self) -> None:
        # gzip at its usual level; what is served is packed at least as tightly
        served = as_served("css/bitfolio.css", STYLESHEET)
        assert len(gzip.compress(served.encode(), 6)) <= 10_240

    def test_colours_stand_among_the_tokens_and_in_pairs(self) -> None:
        body = STYLESHEET.partition("@layer base {")[2]
        alone = [
            line
            for line in body.splitlines()
            if re.search(r"#[0-9a-fA-F]{3,8}\b", line) and "light-dark(" not in line
        ]
        assert all(re.search(r"\.coin|\.toast|url\(|color: #", line) for line in alone), alone


class TestChartJs:
    def test_our_copy_has_the_bytes_that_the_pages_ask_for(self) -> None:
        copy = ROOT / "static" / ChartLibrary().path
        if copy.exists():  # set-up brings it; without it the pages show their tables
            digest = base64.b64encode(hashlib.sha384(copy.read_bytes()).digest()).decode()
            assert ChartLibrary().integrity == f"sha384-{digest}"

    def test_a_file_that_is_not_there_breaks_no_page(self) -> None:
        assert static_if_there("vendor/nowhere.js") == ""

    def test_a_file_that_was_not_collected_breaks_no_page(self, monkeypatch) -> None:
        def refuse(path: str) -> str:
            raise ValueError(f"Missing staticfiles manifest entry for {path!r}")

        monkeypatch.setattr("bitfolio.icons.static", refuse)
        assert static_if_there("css/bitfolio.css") == ""


def test_the_mark_in_every_page_is_the_one_on_disk() -> None:
    """It stands in the page itself: a file of its own would be another request."""
    page = (ROOT / "templates/base.html").read_text()
    [told] = re.findall(r'rel="icon"[^>]* href="data:image/svg\+xml,([^"]+)"', page)
    there = (ROOT / "static/img/mark.svg").read_text().strip()
    assert unquote(told).replace("'", '"') == there
