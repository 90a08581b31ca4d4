"""Tries are bounded per account and per address, by all web processes together; known and unknown names cost
the same and hear the same.
"""

from datetime import timedelta
from hashlib import sha256

import pytest
import time_machine
from django.contrib.auth import hashers
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import throttle
from accounts.models import Tally, User
from tests.factories import NOW

pytestmark = pytest.mark.django_db
DOORS = ["/accounts/login/", "/admin/login/"]
NAMES = ["alice", "nobody", "disabled", "demo", "", "x" * 200]


@pytest.fixture
def work(monkeypatch) -> list[str]:
    """The password hashes that are computed: the work that tells a known name from an unknown one by time."""
    done: list[str] = []
    encode = hashers.MD5PasswordHasher.encode

    def counted(self, password, salt):
        done.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", counted)
    return done


@pytest.fixture
def people(alice: User) -> None:
    User.objects.create_user("disabled", "d@example.org", "a-long-password", is_active=False)
    User.objects.create_user("demo", "demo@example.org", "demo", is_demo=True)


@pytest.mark.parametrize("door", DOORS)
def test_a_known_and_an_unknown_name_cost_one_hash_and_hear_the_same(door, people, work) -> None:
    heard = set()
    for name in NAMES[:4]:
        work.clear()
        response = Client().post(door, {"username": name, "password": "wrong"})
        assert len(work) == 1, name
        heard.add((response.status_code, *map(str, response.context["form"].non_field_errors())))
    assert len(heard) == 1


def test_a_link_for_a_known_and_an_unknown_address_of_mail_hears_the_same(people, work, client) -> None:
    heard = set()
    for email in ("alice@example.org", "nobody@example.org", "d@example.org", "demo@example.org"):
        response = client.post("/accounts/password_reset/", {"email": email})
        heard.add((response.status_code, response["Location"], len(work)))
    assert heard == {(302, "/accounts/password_reset/done/", 0)}
    assert [message.to for message in mail.outbox] == [["alice@example.org"]]


@pytest.mark.parametrize("door", DOORS)
def test_one_address_that_tries_many_names_is_stopped(door, settings, people) -> None:
    settings.LOGIN_FAILURES_PER_HOUR = 5
    answers = [Client().post(door, {"username": f"name{n}", "password": "x"}).status_code for n in range(7)]
    assert answers[5:] == [429, 429]
    assert 429 not in answers[:5]
    assert Client().post(door, {"username": "x", "password": "x"}, REMOTE_ADDR="192.0.2.9").status_code != 429
    assert Client().get(door).status_code == 200


@pytest.mark.parametrize("name", ["alice", "nobody"])
def test_one_name_that_is_tried_from_many_addresses_is_stopped_whether_it_exists_or_not(
    name, settings, people
) -> None:
    settings.LOGIN_FAILURES_PER_HOUR = 5
    form = {"username": name, "password": "x"}
    answers = [
        Client().post("/accounts/login/", form, REMOTE_ADDR=f"192.0.2.{n}").status_code for n in range(1, 8)
    ]
    assert answers == [422] * 5 + [429] * 2


def test_the_two_doors_count_together_and_signing_in_counts_for_nothing(settings, people) -> None:
    settings.LOGIN_FAILURES_PER_HOUR = 2
    right = {"username": "alice", "password": "alice-has-a-long-password"}
    assert [Client().post("/accounts/login/", right).status_code for _ in range(4)] == [302] * 4
    wrong = right | {"password": "x"}
    answers = [Client().post(door, wrong).status_code for door in (*DOORS, *DOORS)]
    assert [code == 429 for code in answers] == [False, False, True, True]


def test_the_door_of_programs_counts_with_them(settings, people) -> None:
    """Else one name could be tried there from many addresses, and many names from one, without end."""
    settings.LOGIN_FAILURES_PER_HOUR = 2
    wrong, path = {"username": "alice", "password": "x"}, "/api/auth/token"
    answers = [
        Client().post(path, wrong, content_type="application/json", REMOTE_ADDR=f"192.0.2.{n}").status_code
        for n in range(3)
    ]
    assert answers == [401, 401, 429]
    assert Client().post(DOORS[0], wrong, REMOTE_ADDR="192.0.2.9").status_code == 429


def test_an_hour_later_they_begin_anew(settings, people) -> None:
    settings.LOGIN_FAILURES_PER_HOUR = 1
    form = {"username": "alice", "password": "x"}
    with time_machine.travel(NOW, tick=False) as clock:
        assert [Client().post("/accounts/login/", form).status_code for _ in range(2)] == [422, 429]
        clock.shift(timedelta(minutes=61))
        assert Client().post("/accounts/login/", form).status_code == 422


def test_tallies_are_rows_that_every_process_sees_and_that_name_nobody() -> None:
    """A cache of one process would begin at 0 in the next: the count is in the database alone."""
    assert [throttle.count("form", "192.0.2.7", now=NOW) for _ in range(3)] == [1, 2, 3]
    row = Tally.objects.get()
    assert (row.tries, len(row.key)) == (3, 64)
    assert row.key != sha256(b"form\n192.0.2.7").hexdigest()  # every address could be tried
    Tally.objects.update(tries=9)  # as another process would
    assert throttle.count("form", "192.0.2.7", now=NOW) == 10
    assert throttle.tries("form", "192.0.2.7", now=NOW) == 10
    assert throttle.tries("form", "192.0.2.8", now=NOW) == 0


def test_tallies_of_past_hours_do_not_pile_up() -> None:
    for number in range(5):
        throttle.count("form", str(number), now=NOW)
    throttle.count("form", "later", now=NOW + timedelta(hours=2))
    assert Tally.objects.count() == 1


def test_registration_is_bounded_by_the_address_that_sends_it(settings, client) -> None:
    settings.ACCOUNT_FORMS_PER_HOUR = 3
    answers = [
        client.post("/accounts/register/", {"username": f"n{n}", "email": f"n{n}@example.org"}).status_code
        for n in range(5)
    ]
    assert answers == [422, 422, 422, 429, 429]
    assert not User.objects.exists()


def test_the_pause_says_how_long_and_nothing_of_the_account(settings, people) -> None:
    settings.LOGIN_FAILURES_PER_HOUR = 1
    for _ in range(2):
        response = Client().post("/accounts/login/", {"username": "alice", "password": "x"})
    assert (response.status_code, response["Retry-After"]) == (429, "3600")
    assert "alice" not in response.content.decode()
    assert timezone.get_current_timezone_name() == "UTC"
