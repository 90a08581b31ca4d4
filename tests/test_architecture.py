"""The rules of docs/architecture.md that a machine can hold: directions, purity, clocks, sizes, digits."""

import ast
import decimal
import doctest
import importlib
import os
import pkgutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

import portfolios.ledger
from bitfolio import PRECISION

ROOT = settings.BASE_DIR
APPS = ("accounts", "bitfolio", "operations", "portfolios", "prices")
# Where the present enters: whoever stands here reads the clock and passes `now` on.
DOORS = {"views", "api", "tasks", "management", "admin", "middleware", "context"}
CLOCKS = {
    ("timezone", "now"), ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"),
    ("date", "today"), ("time", "time"),
}  # fmt: skip
CLOCKS_WITHOUT_ARGUMENTS = {("timezone", "localtime"), ("timezone", "localdate")}
NETWORK = {"requests", "socket", "urllib", "urllib3", "http", "ftplib", "smtplib", "asyncio"}
ALLOWED_OF_NETWORK = {"urllib.parse", "http.HTTPStatus"}  # they compute, they do not connect
LONGEST_FILE = 300


def modules_of(*apps: str) -> list[Path]:
    files = [path for app in apps for path in (ROOT / app).rglob("*.py")]
    return sorted(path.relative_to(ROOT) for path in files if "migrations" not in path.parts)


def tree_of(module: Path) -> ast.Module:
    return ast.parse((ROOT / module).read_text(), filename=str(module))


def imports_of(module: Path) -> Iterator[str]:
    """Full dotted names of everything that a module imports."""
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


class TestDirections:
    def test_imports_go_one_way(self) -> None:
        command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
        answer = subprocess.run([*command, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        assert "0 broken" in answer.stdout

    @pytest.mark.parametrize("module", modules_of("portfolios/ledger"), ids=str)
    def test_the_ledger_imports_the_standard_library_alone(self, module: Path) -> None:
        foreign = [
            name
            for name in imports_of(module)
            if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith("portfolios.ledger")
        ]
        assert foreign == []

    @pytest.mark.parametrize("module", modules_of(*APPS), ids=str)
    def test_only_the_price_sources_reach_for_the_network(self, module: Path) -> None:
        if Path("prices/sources") in module.parents:
            return
        reached = [
            name
            for name in imports_of(module)
            if name.split(".")[0] in NETWORK and not name.startswith(tuple(ALLOWED_OF_NETWORK))
        ]
        assert reached == []

    @pytest.mark.parametrize("module", modules_of(*APPS), ids=str)
    def test_no_function_imports(self, module: Path) -> None:
        functions = [node for node in ast.walk(tree_of(module)) if isinstance(node, ast.FunctionDef)]
        inside = [node for function in functions for node in ast.walk(function)]
        assert [node.lineno for node in inside if isinstance(node, ast.Import | ast.ImportFrom)] == []


def clock_readings(tree: ast.Module) -> Iterator[tuple[tuple[str, str], int]]:
    """Name and line of every place that asks for the present; a function merely handed on counts too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and not node.args and not node.keywords:
            name, forbidden = dotted(node.func), CLOCKS_WITHOUT_ARGUMENTS
        else:
            name, forbidden = dotted(node), CLOCKS
        if name in forbidden:
            yield name, node.lineno


def dotted(node: ast.AST) -> tuple[str, str]:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.value.id, node.attr
    return "", ""


class TestClock:
    @pytest.mark.parametrize(
        "code", ["timezone.now()", "datetime.now(UTC)", "f(default=timezone.now)", "x = timezone.localdate()"]
    )
    def test_a_reading_is_seen(self, code: str) -> None:
        assert list(clock_readings(ast.parse(code)))

    def test_converting_a_given_moment_is_no_reading(self) -> None:
        assert not list(clock_readings(ast.parse("timezone.localdate(at, zone); datetime.combine(a, b)")))

    @pytest.mark.parametrize("module", modules_of(*APPS), ids=str)
    def test_only_doors_read_it(self, module: Path) -> None:
        if DOORS & set(module.with_suffix("").parts):
            return
        readings = [f"{'.'.join(name)} in line {line}" for name, line in clock_readings(tree_of(module))]
        assert readings == []


class TestFiles:
    def test_none_is_too_long_to_be_read(self) -> None:
        folders = (*APPS, "templates", "static/js", "tests", "tools", "deploy")
        files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
        texts = [
            path
            for path in files
            if path.suffix in {".py", ".js", ".html"} and "migrations" not in path.parts
        ]
        lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in texts}
        assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}

    @pytest.mark.parametrize("module", modules_of(*APPS), ids=str)
    def test_each_says_what_it_owns(self, module: Path) -> None:
        tree = tree_of(module)
        assert ast.get_docstring(tree) or not tree.body


class TestDecimals:
    def test_this_process_computes_with_sixty_digits(self) -> None:
        assert decimal.getcontext().prec == PRECISION == 60

    def test_a_new_thread_does_too(self) -> None:
        seen: list[int] = []
        thread = threading.Thread(target=lambda: seen.append(decimal.getcontext().prec))
        thread.start()
        thread.join()
        assert seen == [PRECISION]

    def test_a_command_does_too(self) -> None:
        code = "import decimal; print(decimal.getcontext().prec)"
        command = [sys.executable, "manage.py", "shell", "--no-imports", "--command", code]
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=os.environ)
        assert answer.stdout.split() == [str(PRECISION)], answer.stderr

    def test_long_sums_and_products_keep_every_digit(self) -> None:
        long = decimal.Decimal("99999999999999999999.999999999999999999")
        assert long + long == decimal.Decimal("199999999999999999999.999999999999999998")
        assert long * decimal.Decimal("1.000000000000000001") == decimal.Decimal(
            "100000000000000000099.999999999999999998999999999999999999"
        )


class TestWorkedExamples:
    @pytest.mark.parametrize(
        "name",
        [module.name for module in pkgutil.iter_modules(portfolios.ledger.__path__, "portfolios.ledger.")]
        + ["prices.fields"],
    )
    def test_they_are_true(self, name: str) -> None:
        assert doctest.testmod(importlib.import_module(name)).failed == 0
