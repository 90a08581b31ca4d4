"""Prepares database, prices, demo and static files, then becomes the supervisor of web and worker.

Every step may be repeated: the second run finds its work done. Run by `make run`, with the Python of `.venv`.
"""

import fcntl
import io
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import django
import environ
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    environ.Env.read_env(os.environ.get("ENV_FILE", ROOT / ".env"))
    os.environ.setdefault("DEMO", "1")
    os.environ.setdefault("PORT", "8000")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bitfolio.settings")
    os.environ["PYTHONUNBUFFERED"] = "1"
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # the supervisor's `python`
    refuse_a_taken_port(os.environ["PORT"])
    prepare()
    let_programs_share_the_output()
    become_the_supervisor()


def refuse_a_taken_port(port: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except (OSError, ValueError, OverflowError) as error:
            why = getattr(error, "strerror", None) or error
            sys.exit(f"Port {port} cannot be used: {why}. Choose another one: make run PORT=8001")


def prepare() -> None:
    try:
        django.setup()
        say("Preparing the database")
        call_command("migrate", verbosity=0, interactive=False)
        call_command("rebuild_books", missing=True, stdout=io.StringIO())
        call_command("collectstatic", verbosity=0, interactive=False)
        say("Loading the shipped prices")
        call_command("load_price_pack")
        if os.environ["DEMO"].lower() in environ.Env.BOOLEAN_TRUE_STRINGS:
            say("Loading the demo")
            call_command("load_demo")
        call_command("sync_schedules")
    except (CommandError, DatabaseError, ImproperlyConfigured) as error:
        sys.exit(f"Bitfolio could not be prepared: {error}")


def let_programs_share_the_output() -> None:
    """Make standard output something that the supervisor can open by name, once for each program.

    A file must be appended to, or the programs overwrite each other's lines. A socket cannot be opened by
    name, nor can another user's terminal: there a `cat` carries the lines, and ends with the last writer.
    """
    sys.stdout.flush()
    if stat.S_ISREG(os.fstat(1).st_mode):
        fcntl.fcntl(1, fcntl.F_SETFL, fcntl.fcntl(1, fcntl.F_GETFL) | os.O_APPEND)
    try:
        os.close(os.open("/dev/stdout", os.O_WRONLY | os.O_APPEND))
    except OSError:
        carrier = subprocess.Popen(["cat"], stdin=subprocess.PIPE, start_new_session=True)
        os.dup2(carrier.stdin.fileno(), 1)


def become_the_supervisor() -> None:
    command = [sys.executable, "-m", "supervisor.supervisord", "--configuration", "deploy/supervisord.conf"]
    command += ["--pidfile", f"{django.conf.settings.VAR_DIR}/supervisord.pid"]
    if os.getuid() == 0:
        command += ["--user", "root"]  # said out loud, supervisor does not warn of it
    os.execv(sys.executable, command)


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
