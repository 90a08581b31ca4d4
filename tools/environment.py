"""Makes the virtual environment in `.venv`, installs the locked packages and fetches Chart.js.

Run by the system's own Python, so it uses the standard library alone. What is there already is left as it
is: a second run takes a fraction of a second. `--dev` adds what the tests and checks need.
"""

import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))  # for `-P` and safe-path Pythons

import chartjs

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)


def main(arguments: list[str]) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that a stopped run takes pip with it
    if sys.version_info < OLDEST:
        running = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"Bitfolio needs Python 3.11 or newer; this is {running}. Try: make PYTHON=python3.11 …")
    make_venv()
    install("requirements-dev.txt" if "--dev" in arguments else "requirements.txt")
    chartjs.ensure(ROOT, PYTHON)


def make_venv() -> None:
    """Make `.venv`, or make it anew where its Python no longer starts (the system's was replaced)."""
    if works(PYTHON):
        return
    if not (knows("venv") and (knows("ensurepip") or knows("pip"))):
        apt_install("python3-venv", "to make a virtual environment")
        importlib.invalidate_caches()
    if not (knows("venv") and (knows("ensurepip") or knows("pip"))):
        sys.exit(
            "Python's venv module is missing, and with it the way to install packages.\n"
            "On Debian and Ubuntu: sudo apt install python3-venv; then run this again."
        )
    say("Making a virtual environment in .venv")
    without_pip = [] if knows("ensurepip") else ["--without-pip"]
    run(sys.executable, "-m", "venv", "--clear", *without_pip, str(VENV))


def knows(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def apt_install(package: str, purpose: str) -> None:
    """Install one of Debian's packages where that is possible without asking: as root, with apt at hand."""
    if os.getuid() != 0 or not shutil.which("apt-get"):
        return
    say(f"Installing Debian's {package} {purpose}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", package]):
        subprocess.run(["apt-get", "-qq", *command], env=environment, stdout=subprocess.DEVNULL, check=False)


def works(python: Path) -> bool:
    return python.exists() and subprocess.run([python, "-c", ""], capture_output=True).returncode == 0


def install(name: str) -> None:
    """Install a locked list of packages, hashes checked, unless this very list was installed last."""
    wanted = hashlib.sha256((ROOT / name).read_bytes()).hexdigest()
    stamp = VENV / f".installed-{name}"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say(f"Installing the packages of {name}; the first time this takes a minute or two")
    run(*pip(), "install", "-qq", "--no-input", "--disable-pip-version-check", "--require-hashes",
        "-r", str(ROOT / name))  # fmt: skip
    stamp.write_text(wanted)


def pip() -> list[str]:
    """The environment's own pip, or the system's pointed at the environment where it has none."""
    own = subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode == 0
    return [str(PYTHON), "-m", "pip"] if own else [sys.executable, "-m", "pip", "--python", str(PYTHON)]


def run(*command: str) -> None:
    if subprocess.run(command, cwd=ROOT).returncode:
        sys.exit(f"This failed: {' '.join(command)}")


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
