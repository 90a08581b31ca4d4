"""The dashboard and a portfolio's page, on the server, against the least that a signed-in page costs
(benchmarks/minimal.py). Both go through Django's test client: middleware, session, queries and template are
in, network and web server are not. The clock of the site stands at the end of the workload, as if the
prices were new.

A page is remembered for the minute, until something that it shows changes: that is the row with the goal. The
row without one is the same page drawn anew, as the first reader of a minute, or after a change, gets it.
"""

import itertools
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from unittest import mock

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from benchmarks import minimal, stage
from benchmarks.measure import Line, compared, grows, in_turns
from benchmarks.workload import UNTIL

ON_A_DATABASE = True
MOST, STEEPEST = 2, 0.05
PAIRS = 41
WARM_UP = 3
Get = Callable[[], object]


def pages(sizes: tuple[int, ...]) -> Iterator[Line]:
    """Dashboard and portfolio page."""
    stage.prices()
    call_command("collectstatic", interactive=False, verbosity=0)
    took: dict[str, dict[int, float]] = {"Dashboard": {}, "Portfolio page": {}}
    clock = Clock()
    with (
        mock.patch.object(timezone, "now", clock.read),
        override_settings(ROOT_URLCONF=minimal.__name__),
    ):
        for size, name in itertools.product((0, *sizes), took):
            lines, took[name][size] = _page(name, size, clock)
            yield from lines
    for name, seconds in took.items():
        yield grows(f"{name}, from {sizes[0]:,} on", {size: seconds[size] for size in sizes}, STEEPEST)


class Clock:
    """What the site takes for the time."""

    now = UNTIL

    def read(self) -> datetime:
        return self.now

    def moves_on(self, then: Get) -> object:
        self.now += timedelta(minutes=1)
        return then()


def _page(name: str, size: int, clock: Clock) -> tuple[list[Line], float]:
    portfolio = stage.history(size)
    owner = portfolio.owner
    path = reverse("dashboard") if name == "Dashboard" else reverse("portfolio", args=[portfolio.pk])
    ours = _getter(owner, path)
    with override_settings(MIDDLEWARE=minimal.MIDDLEWARE):  # they are loaded at the first request
        other = _getter(owner, minimal.ADDRESS)
    queries = _queries(ours)
    for _ in range(WARM_UP):
        other()
    sides = in_turns(ours, other, pairs=PAIRS)
    line = compared(f"{name} at {size:,} transactions, against a minimal page", sides, MOST)
    told = line._replace(
        ours=f"{line.ours}, {queries} queries", other=f"{line.other}, {_queries(other)} queries"
    )
    anew = in_turns(partial(clock.moves_on, ours), other, pairs=PAIRS)
    clock.now = UNTIL
    return [
        told,
        compared(f"{name} at {size:,} transactions, drawn anew, against the same", anew, None),
    ], sides.ours


def _getter(owner: User, path: str) -> Get:
    client = Client(SERVER_NAME="localhost", raise_request_exception=True)
    with override_settings(AXES_ENABLED=False):  # it counts attempts by requests, of which this is none
        client.force_login(owner, settings.AUTHENTICATION_BACKENDS[-1])
    _answered(client, path)
    return partial(_answered, client, path)


def _answered(client: Client, path: str) -> None:
    response = client.get(path)
    if response.status_code != 200:
        raise RuntimeError(f"{path} answered {response.status_code}")


def _queries(get: Get) -> int:
    with CaptureQueriesContext(connection) as caught:
        get()
    return len(caught)


ROWS = (pages,)
