"""When the watchdog asks, and when it kills: by what it sees, and by a clock that never jumps."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.db import OperationalError
from pytest_django import Settings

from prices.management import processes
from prices.management.commands import qcluster, watch_worker
from prices.management.watch import Verdict, Watch
from prices.models import Heartbeat
from prices.services import beat

BEAT, NEXT = datetime(2024, 6, 15, tzinfo=UTC), datetime(2024, 6, 15, 0, 1, tzinfo=UTC)
ALL = frozenset((pid, "") for pid in range(4))
# A leader with two children, as a cluster is one.
GROUP = "import subprocess, sys; [subprocess.Popen(['sleep', '300']) for _ in range(2)][0].wait()"
PATIENCE = 240  # seconds; on an idle machine everything takes a hundredth of it


@pytest.fixture
def watch() -> Watch:
    """One that has seen a whole, beating cluster at second 0."""
    watch = Watch(silence=180, answer=75, since=0)
    assert watch.look(0, BEAT, ALL) is Verdict.ASK
    assert watch.look(1, NEXT, ALL) is Verdict.FINE
    return watch


class TestJudging:
    def test_a_new_cluster_is_asked_for_a_sign_of_life(self) -> None:
        assert Watch(180, 75, since=0).look(5, None, ALL) is Verdict.ASK

    def test_it_may_be_silent_for_three_minutes(self, watch: Watch) -> None:
        assert watch.look(181, NEXT, ALL) is Verdict.FINE
        assert watch.look(182, NEXT, ALL) is Verdict.KILL

    def test_another_beat_begins_them_anew_even_one_that_a_clock_set_back_has_dated(
        self, watch: Watch
    ) -> None:
        assert watch.look(170, BEAT, ALL) is Verdict.FINE
        assert watch.look(350, BEAT, ALL) is Verdict.FINE
        assert watch.look(351, BEAT, ALL) is Verdict.KILL

    def test_when_a_process_is_gone_it_is_asked_and_has_less_time(self, watch: Watch) -> None:
        fewer = ALL - {(3, "")}
        assert watch.look(10, NEXT, fewer) is Verdict.ASK
        assert watch.look(85, NEXT, fewer) is Verdict.FINE
        assert watch.look(86, NEXT, fewer) is Verdict.KILL

    def test_an_answer_ends_the_suspicion(self, watch: Watch) -> None:
        watch.look(10, NEXT, ALL - {(3, "")})
        assert watch.look(20, BEAT, ALL) is Verdict.FINE
        assert watch.look(199, BEAT, ALL) is Verdict.FINE

    def test_each_loss_is_asked_about(self, watch: Watch) -> None:
        assert watch.look(10, NEXT, ALL - {(3, "")}) is Verdict.ASK
        assert watch.look(20, NEXT, ALL - {(3, ""), (2, "")}) is Verdict.ASK

    def test_where_there_is_no_cluster_there_is_nothing_to_kill(self, watch: Watch) -> None:
        assert watch.look(1000, NEXT, frozenset()) is Verdict.FINE
        assert watch.look(2000, NEXT, ALL) is Verdict.ASK

    def test_after_a_kill_the_next_one_has_all_its_time(self, watch: Watch) -> None:
        watch.look(182, NEXT, ALL)
        assert watch.look(183, NEXT, frozenset()) is Verdict.FINE
        assert watch.look(190, NEXT, ALL) is Verdict.ASK
        assert watch.look(265, NEXT, ALL) is Verdict.FINE

    def test_rest_begins_the_count_anew(self, watch: Watch) -> None:
        watch.rest(500)
        assert watch.look(680, NEXT, ALL) is Verdict.FINE


def whole(cluster: processes.Cluster, count: int = 3) -> None:
    give_up = time.monotonic() + PATIENCE
    while len(cluster.members()) != count:
        assert time.monotonic() < give_up
        time.sleep(0.05)


@pytest.fixture
def leader() -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen([sys.executable, "-c", GROUP], start_new_session=True)
    cluster = processes.Cluster(process.pid, started(process.pid))
    yield process
    cluster.kill()
    process.kill()
    process.wait()


def started(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


@pytest.mark.skipif(not Path("/proc").exists(), reason="reads /proc")
class TestProcesses:
    def test_a_group_is_found_and_killed_whole(self, leader) -> None:
        cluster = processes.Cluster(leader.pid, started(leader.pid))
        whole(cluster)
        assert cluster.is_led()
        cluster.kill()
        whole(cluster, 0)

    def test_what_a_killed_leader_leaves_behind_is_found_too(self, leader) -> None:
        cluster = processes.Cluster(leader.pid, started(leader.pid))
        whole(cluster)
        leader.kill()
        leader.wait()
        assert len(cluster.members()) == 2
        assert not cluster.is_led()
        cluster.kill()
        whole(cluster, 0)

    def test_a_number_that_another_program_has_got_since_is_left_alone(self, leader) -> None:
        whole(processes.Cluster(leader.pid, started(leader.pid)))
        stranger = processes.Cluster(leader.pid, "12345")
        assert stranger.members() == frozenset()
        stranger.kill()
        assert leader.poll() is None

    def test_the_file_says_who_leads(self, tmp_path: Path) -> None:
        code = "from prices.management import processes as p; import pathlib, sys, os"
        code += "; print(p.write(pathlib.Path(sys.argv[1])), os.getpid())"
        for alone in (True, False):
            command = [sys.executable, "-c", code, str(tmp_path / "worker")]
            answer = subprocess.run(command, start_new_session=alone, capture_output=True, text=True)
            assert answer.stdout.split()[0] == str(alone), answer.stderr
            found = processes.read(tmp_path / "worker")
            assert (found.pid if found else None) == (int(answer.stdout.split()[1]) if alone else None)

    @pytest.mark.parametrize("text", ["", "x", "1.5 3"])
    def test_a_file_that_nobody_can_read_names_nobody(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "worker").write_text(text)
        assert processes.read(tmp_path / "worker") is None


@pytest.mark.skipif(not Path("/proc").exists(), reason="reads /proc")
@pytest.mark.django_db
class TestLooking:
    @pytest.fixture
    def cluster(self, leader, tmp_path: Path, settings: Settings) -> processes.Cluster:
        settings.WORKER_FILE = tmp_path / "worker"
        settings.WORKER_FILE.write_text(f"{leader.pid} {started(leader.pid)}")
        cluster = processes.Cluster(leader.pid, started(leader.pid))
        whole(cluster)
        return cluster

    def test_a_silent_cluster_is_killed_whole(self, cluster: processes.Cluster) -> None:
        beat(now=BEAT)
        watch = Watch(180, 75, since=time.monotonic())
        with patch.object(watch_worker, "ask_for_heartbeat") as ask:
            watch_worker.look(watch)
            assert ask.call_count == 1
            watch.asked = time.monotonic() - 76
            watch_worker.look(watch)
        whole(cluster, 0)

    def test_one_that_answers_is_left_alone(self, cluster: processes.Cluster) -> None:
        watch = Watch(180, 75, since=time.monotonic())
        with patch.object(watch_worker, "ask_for_heartbeat", side_effect=lambda: beat(now=NEXT)):
            for _ in range(3):
                watch_worker.look(watch)
        assert watch.asked is None
        assert len(cluster.members()) == 3

    def test_a_database_that_is_away_is_no_fault_of_the_cluster(self, cluster: processes.Cluster) -> None:
        watch = Watch(180, 75, since=-1000, members=cluster.members(), asked=-500)
        with patch.object(Heartbeat.objects, "values_list", side_effect=OperationalError("away")):
            watch_worker.look(watch)
        assert watch.asked is None
        assert len(cluster.members()) == 3

    def test_what_outlived_its_leader_is_ended_by_the_watchdog(self, leader, cluster) -> None:
        leader.kill()
        leader.wait()
        watch_worker.look(Watch(180, 75, since=time.monotonic(), members=cluster.members()))
        whole(cluster, 0)

    def test_and_by_the_next_cluster(self, leader, cluster: processes.Cluster) -> None:
        leader.kill()
        leader.wait()
        with patch.object(qcluster.Cluster, "handle"), patch.object(os, "getpgrp", return_value=0):
            call_command("qcluster")
        whole(cluster, 0)

    def test_a_cluster_that_is_led_is_not_touched_by_another(self, cluster: processes.Cluster) -> None:
        with patch.object(qcluster.Cluster, "handle"), patch.object(os, "getpgrp", return_value=0):
            call_command("qcluster")
        assert len(cluster.members()) == 3

    def test_a_worker_waits_for_its_database(self) -> None:
        answers = [OperationalError("no such table"), OperationalError("no such table"), None]
        with (
            patch.object(qcluster, "sync_schedules", side_effect=answers) as sync,
            patch.object(qcluster, "connection"),
            patch.object(time, "sleep") as sleep,
        ):
            qcluster.write_schedules()
        assert (sync.call_count, sleep.call_count) == (3, 2)
