"""What deploys Bitfolio, as far as it can be checked here: it reads well, its commands do what they say."""

import configparser
import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from tests.operations.programs import (
    PATIENCE,
    commands,
    end,
    free_port,
    installation,
    manage,
    start,
    wait_until,
)

ROOT = settings.BASE_DIR
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
PROCFILE = commands((ROOT / "Procfile").read_text())
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
OURS = ("prepare", "web", "worker")


def unit(path: Path) -> configparser.ConfigParser:
    found = configparser.ConfigParser(strict=False, interpolation=None)
    found.optionxform = str
    found.read(path)
    return found


class TestCompose:
    def test_without_a_password_nothing_starts(self) -> None:
        text = (DEPLOY / "compose.yaml").read_text()
        used = re.findall(r"\$\{POSTGRES_PASSWORD[^}]*\}", text)
        assert used
        assert {use for use in used if not use.startswith("${POSTGRES_PASSWORD:?")} == set()

    @pytest.mark.parametrize("name", OURS)
    def test_our_containers_have_no_rights_and_write_nothing_but_data(self, name) -> None:
        service = COMPOSE["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["volumes"] == ["data:/var/lib/bitfolio"]

    def test_the_database_is_there_before_and_prepared_once(self) -> None:
        services = COMPOSE["services"]
        assert services["prepare"]["depends_on"]["postgres"]["condition"] == "service_healthy"
        for name in ("web", "worker"):
            assert services[name]["depends_on"]["prepare"]["condition"] == "service_completed_successfully"

    def test_nothing_but_the_web_side_is_reached_and_that_from_this_machine_alone(self) -> None:
        ports = {name: service.get("ports", []) for name, service in COMPOSE["services"].items()}
        assert {name for name, open_ones in ports.items() if open_ones} == {"web"}
        assert all(port.startswith("127.0.0.1:") for port in ports["web"])

    def test_it_sets_what_bitfolio_reads(self) -> None:
        known = set(re.findall(r"^# ([A-Z][A-Z0-9_]*)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
        assert set(COMPOSE["services"]["web"]["environment"]) <= known

    def test_its_commands_are_those_of_the_procfile(self) -> None:
        said = {name: " ".join(COMPOSE["services"][name]["command"]) for name in OURS}
        assert said["web"] in PROCFILE["web"]
        assert said["worker"] in PROCFILE["worker"]
        assert said["prepare"] == f"sh -c {PROCFILE['release']}"

    def test_a_worker_may_finish_its_tasks(self) -> None:
        assert int(COMPOSE["services"]["worker"]["stop_grace_period"].removesuffix("s")) > 90


class TestImage:
    text = (DEPLOY / "Dockerfile").read_text()

    def test_it_runs_as_nobody_in_particular(self) -> None:
        last = self.text.rpartition("\nFROM ")[2]
        assert re.search(r"^USER 10001$", last, re.MULTILINE)
        assert "HEALTHCHECK" in last

    def test_it_takes_what_exists_and_every_app(self) -> None:
        copied = re.findall(r"^COPY (?!--from)(.+) \S+$", self.text, re.MULTILINE)
        names = [name for line in copied for name in line.split()]
        assert [name for name in names if not (ROOT / name).exists()] == []
        apps = {path.parent.name for path in ROOT.glob("*/apps.py")}
        assert apps | {"bitfolio", "templates", "static", "deploy"} <= set(names)
        ignored = (ROOT / ".dockerignore").read_text().splitlines()
        assert {f"!{name}" for name in names} <= set(ignored)

    def test_its_settings_are_known(self) -> None:
        known = set(re.findall(r"^# ([A-Z][A-Z0-9_]*)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
        last = self.text.rpartition("\nFROM ")[2]
        set_there = set(re.findall(r"^ +([A-Z_]+)=", last, re.MULTILINE))
        assert set_there - {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"} <= known

    def test_only_the_chart_library_that_the_pages_name_is_taken(self, tmp_path) -> None:
        other = tmp_path / "chart.js"
        other.write_text("evil()")
        command = [sys.executable, "deploy/same_chart.py", str(other)]
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert answer.returncode == 1
        assert "another file" in answer.stdout


class TestUnits:
    @pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
    def test_each_is_fenced_in(self, path) -> None:
        service = unit(path)["Service"]
        assert service["User"] == "bitfolio"
        assert service["ProtectSystem"] == "strict"
        assert service["NoNewPrivileges"] == "yes"
        assert service["CapabilityBoundingSet"] == ""

    def test_sigterm_reaches_the_main_process_alone(self) -> None:
        for name in ("web", "worker"):
            assert unit(DEPLOY / f"systemd/bitfolio-{name}.service")["Service"]["KillMode"] == "mixed"
        worker = unit(DEPLOY / "systemd/bitfolio-worker.service")["Service"]
        assert int(worker["TimeoutStopSec"]) > settings.Q_CLUSTER["timeout"]
        assert worker["Restart"] == "always"

    @pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
    def test_each_runs_a_command_that_exists(self, path) -> None:
        start = unit(path)["Service"]["ExecStart"].removeprefix("/opt/bitfolio/.venv/bin/python ").split()
        if start[0] == "manage.py":
            answer = subprocess.run([sys.executable, *start[:2], "--help"], cwd=ROOT, capture_output=True)
            assert answer.returncode == 0
        else:
            assert " ".join(["python", *start]) in PROCFILE["web"]


def test_worker_and_watchdog_are_those_of_the_whole(tmp_path) -> None:
    whole, part = unit(DEPLOY / "supervisord.conf"), unit(DEPLOY / "worker.conf")
    programs = [name for name in part.sections() if name.startswith("program:")]
    assert programs == ["program:worker", "program:watchdog"]
    assert [dict(part[name]) for name in programs] == [dict(whole[name]) for name in programs]


def test_supervisor_never_gives_a_program_up() -> None:
    """Without this a database that is away for a while takes the programs with it for good."""
    for path in (DEPLOY / "supervisord.conf", DEPLOY / "worker.conf"):
        programs = {name: part for name, part in unit(path).items() if name.startswith("program:")}
        assert programs
        for part in programs.values():
            assert part["autorestart"] == "true"
            assert int(part["startretries"]) > 10**5


def health(port: int) -> dict[str, object]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=PATIENCE) as answer:
            return {**json.load(answer), "code": answer.status}
    except urllib.error.HTTPError as error:
        return {**json.load(error), "code": error.code}
    except OSError:
        return {}


def test_the_lines_of_the_procfile_make_an_installation_that_is_well(tmp_path) -> None:
    """The very commands of Procfile and compose.yaml, outside of a container, on an empty database."""
    port, output = free_port(), tmp_path / "output"
    more = {
        "PORT": str(port),
        "STATIC_ROOT": str(tmp_path / "static"),
        "WORKER_FILE": str(tmp_path / "its-worker"),
    }
    with installation(tmp_path, LOG_FORMAT="json", LOG_REQUESTS="1", **more) as environment:
        release = start(["sh", "-c", PROCFILE["release"]], environment, output)
        assert release.wait(PATIENCE) == 0, output.read_text()
        web, worker = (start(["sh", "-c", PROCFILE[name]], environment, output) for name in ("web", "worker"))
        try:
            wait_until(lambda: health(port).get("code") == 200, "it is not well", output)
            found = health(port)
            check = subprocess.run(
                [sys.executable, "deploy/healthcheck.py"],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
            )
        finally:
            end(web)
            end(worker)
        assert found["status"] == "ok"
        assert (check.returncode, check.stdout) == (0, "database ok\n")
        assert (tmp_path / "its-worker").exists()
        assert (tmp_path / "static" / "css").is_dir()
        assert worker.returncode == 0, output.read_text()
        lines = [json.loads(line) for line in output.read_text().splitlines() if line.startswith('{"')]
        assert any(line.get("route") == "/api/health" and line["request_id"] for line in lines)


def test_a_container_whose_web_side_is_gone_is_sick(tmp_path) -> None:
    environment = {"PORT": str(free_port()), "PATH": ""}
    answer = subprocess.run(
        [sys.executable, "deploy/healthcheck.py"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert answer.returncode == 1
    assert answer.stdout.startswith("no answer")


def test_check_deploy_is_clean(tmp_path) -> None:
    with installation(tmp_path, HTTPS="1") as environment:
        environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # the browser tests of the same process set it
        answer = manage(environment, "check", "--deploy", "--fail-level", "WARNING")
    assert answer.returncode == 0, answer.stderr
