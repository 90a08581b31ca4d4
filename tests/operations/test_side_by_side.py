"""Two web servers and two workers on one database: each write is there once, each task is done once."""

import http.cookiejar
import json
import re
import subprocess
import sys
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings

from tests.operations.programs import PATIENCE, end, free_port, installation, manage, shell, start, wait_until

WEB = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "bitfolio.wsgi:application"]
WORKER = [sys.executable, "manage.py", "qcluster"]
TASKS, PORTFOLIOS = 60, 12
PASSWORD = "alice-has-a-long-password"
MAKE = f"""
from accounts.models import User
User.objects.create_user("alice", "alice@example.org", "{PASSWORD}")
"""
ASK = f"""
from django_q.tasks import async_task
for number in range({TASKS}):
    async_task("time.sleep", 0.01, task_name=f"task {{number}}")
"""
DONE = """
import collections, json
from django_q.models import OrmQ, Task
names = [name for name in Task.objects.values_list("name", flat=True) if name.startswith("task ")]
print(json.dumps([len(names), len(set(names)), OrmQ.objects.count()]))
"""
MADE = """
import json
from portfolios.models import Portfolio
print(json.dumps(sorted(Portfolio.objects.values_list("name", flat=True))))
"""
SCHEDULED = """
import json
from django_q.models import Schedule
print(json.dumps(sorted(Schedule.objects.values_list("name", flat=True))))
"""


class Visitor:
    """Somebody who signs in at one web server and goes on at another."""

    def __init__(self) -> None:
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def send(self, url: str, **fields: str) -> int:
        with self.opener.open(url, timeout=PATIENCE) as page:
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.read().decode())
        assert token, url
        body = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": token[1]}).encode()
        with self.opener.open(url, body, timeout=PATIENCE) as answer:
            return int(answer.status)


@pytest.fixture
def scene(tmp_path):
    """The addresses of both web servers, and what to read when something goes wrong."""
    output, ports = tmp_path / "output", [free_port(), free_port()]
    with installation(tmp_path) as environment:
        for step in (["migrate"], ["collectstatic", "--noinput"]):
            assert manage(environment, *step).returncode == 0
        started: list[subprocess.Popen[bytes]] = []
        try:
            for number, port in enumerate(ports):
                own = {"PORT": str(port), "WORKER_FILE": str(tmp_path / f"worker-{number}")}
                started += [start(command, {**environment, **own}, output) for command in (WORKER, WEB)]
            wait_until(lambda: all(map(answers, ports)), "the web servers do not answer", output)
            yield environment, [f"http://127.0.0.1:{port}" for port in ports], output, tmp_path
        finally:
            for process in started:
                end(process)
    assert [process.returncode for process in started] == [0] * len(started), output.read_text()


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/prices/", timeout=PATIENCE) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_they_do_everything_once(scene) -> None:
    environment, (first, second), output, folder = scene
    shell(environment, MAKE)
    shell(environment, ASK)
    visitor = Visitor()
    assert visitor.send(f"{first}/accounts/login/", username="alice", password=PASSWORD) == 200
    with ThreadPoolExecutor(4) as threads:
        urls = [f"{(first, second)[number % 2]}/portfolios/new/" for number in range(PORTFOLIOS)]
        sent = [
            threads.submit(
                visitor.send, url, name=f"Number {number:02}", currency="USD", cost_method="average"
            )
            for number, url in enumerate(urls)
        ]
        assert {one.result() for one in sent} == {200}
    assert json.loads(shell(environment, MADE)) == [f"Number {number:02}" for number in range(PORTFOLIOS)]
    wait_until(lambda: json.loads(shell(environment, DONE))[0] >= TASKS, "tasks are left", output)
    done, different, waiting = json.loads(shell(environment, DONE))
    assert (done, different) == (TASKS, TASKS)
    assert waiting <= 8  # those of the schedule, which go on
    names = json.loads(shell(environment, SCHEDULED))
    assert len(names) == len(set(names)) == len(settings.SCHEDULES)  # both workers wrote them as they started
    assert {path.name for path in Path(folder).glob("worker-*")} == {"worker-0", "worker-1"}
    assert "no difference" in manage(environment, "verify_books").stdout
