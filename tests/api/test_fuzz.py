"""What the document does not declare, by a seeded generator: no answer is a 5xx, nothing half done.

FUZZ=20 asks twenty times as much, with other seeds. On SQLite alone, but for what databases disagree about,
which tests/api/test_input.py and tests/api/test_conventions.py try on both.
"""

import json
import os
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from portfolios.models import Portfolio
from tests.api.conftest import Program
from tests.api.test_transactions import BUY
from tests.factories import SnapshotFactory, record
from tests.security.conftest import dump
from tests.security.doors import OPERATIONS, SAFE, Operation

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="the same on every database: once is enough"),
]

TIMES = int(os.environ.get("FUZZ", "1"))
SEEDS = range(2 * TIMES)
HUGE = "9" * 100_000
NASTY = [
    "",
    " ",
    "\x00",
    "\ud800",
    "\u202e",
    "'",
    '"',
    "%",
    "%00",
    "../",
    "\\",
    "<b>",
    "\r\nX: y",
    "é" * 300,
    "x" * 5000,
]
NUMBERS = [
    "NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e-400", "1E+999999999", "0x10", "1_000",
    "１", "٣", "1,5",
    "1.0000000000000000001", "100000000000000000000", "-0", "+1", ".5", "5.", "1e", "--1", "9" * 4999, HUGE,
]  # fmt: skip
IDS = [
    "0",
    "-1",
    "+1",
    "01",
    "1.0",
    "9223372036854775807",
    "9223372036854775808",
    "9" * 400,
    "None",
    "٣",
    "1%00",
    "%ff",
]
TIMES_TOLD = [
    "0000-01-01T00:00:00Z", "9999-12-31T23:59:60Z", "2024-02-30", "2024-06-01T25:00:00Z",
    "2008-12-31T00:00:00Z",
    "2024-06-01T10:00:00+99:99", "2024-06-01T10:00:00", "99999999999999999999", "-1", "1e30", "now",
    "2024-W01-1",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
]  # fmt: skip
JSONS = [
    None,
    True,
    False,
    0,
    -1,
    1.5,
    [],
    {},
    [[]],
    {"": None},
    [None],
    "",
    "\x00",
    10**100,
    {"a": {"b": [1]}},
]
TYPES = [
    "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
    "multipart/form-data; boundary=x",
    "application/json; charset=utf-16", "application/json; charset=\xff", "application/json;;;=", "x" * 5000,
    "application/xml", "application/json, text/html",
]  # fmt: skip
RAW = [
    b"", b" ", b"{", b"[", b"{}{}", b'{"a":1,"a":2}', b"[" * 100_000, b'{"a":' * 50_000,
    b"\xff\xfe{}", b"\xef\xbb\xbf{}",
    b'"\\ud800"', b'{"name":"\\u0000"}', b'{"name":"a","name":"b"}', b"NaN", b'{"quantity":NaN}',
    b"null", b"0", b"[]",
    b'{"items":[' + b"{}," * 20_000 + b"{}]}", b'{"name":"' + b"x" * 200_000 + b'"}', b"\x00",
    b"{'name':'a'}",
    b'{"quantity":' + b"9" * 100_000 + b"}", b'{"quantity":1e' + b"9" * 50 + b"}", "{\u2028}".encode(),
]  # fmt: skip
LONG = "x" * 100_000
HEADERS = [
    {"Authorization": LONG}, {"Authorization": "Bearer"}, {"Authorization": f"Bearer {LONG}"},
    {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer \xff\x01"}, {"Authorization": "Bearer a b c"},
    {"If-Match": LONG}, {"If-Match": '"' * 999}, {"If-Match": ","}, {"If-Match": "W/"}, {"If-Match": "\xff"},
    {"Idempotency-Key": LONG}, {"Idempotency-Key": ""}, {"Idempotency-Key": "\xff"},
    {"Idempotency-Key": "a b"},
    {"Accept": LONG}, {"Accept": "text/html"}, {"Accept-Encoding": "identity;q=x"}, {"Accept-Language": LONG},
    {"Cookie": "sessionid=" + LONG}, {"Cookie": "sessionid=\xff; csrftoken=;"},
    {"Range": "bytes=0-"}, {"Host": "evil"},
    {"Content-Encoding": "gzip"}, {"If-None-Match": "*"},
    {"Content-Length": "x"}, {"Content-Length": "-1"}, {"Content-Length": ""}, {"Content-Length": "9" * 5000},
    {"Content-Length": "12345678901"}, {"Content-Length": "\xb2"}, {"Content-Length": "1, 2"},
    {"X-HTTP-Method-Override": "DELETE"}, {"Transfer-Encoding": "chunked"}, {"X-Forwarded-For": "\xff, x"},
]  # fmt: skip
WORDS = (
    "limit",
    "offset",
    "at",
    "from",
    "to",
    "asset",
    "kind",
    "currency",
    "method",
    "timestamp",
    "interval",
    "status",
)


@pytest.fixture
def known(program: Program, portfolio: Portfolio) -> dict[str, object]:
    SnapshotFactory()
    record(portfolio, "buy", "1", "2024-01-01", unit_price="100", note="kept")
    row = portfolio.transactions.get()
    return {"portfolio": portfolio.pk, "transaction": row.pk, "symbol": "BTC"}


def path_of(operation: Operation, known: dict[str, object], chance: random.Random) -> str:
    """About her rows, seldom about something odd."""
    odd = {name: chance.choice(IDS if name != "symbol" else [*IDS, *map(_quoted, NASTY)]) for name in known}
    return operation.path.format_map(known if chance.random() < 0.85 else odd)


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass")) or "%20"


def query(chance: random.Random) -> str:
    """What is declared somewhere with hostile values, what is declared nowhere, and things said twice."""
    names = [
        *WORDS,
        *WORDS,
        "page",
        "user",
        "owner",
        "portfolio",
        "__class__",
        "limit[]",
        "",
        "％",
        "_method",
    ]
    values = NASTY + NUMBERS[:-1] + TIMES_TOLD + IDS
    said = [
        f"{name if name.isascii() else _quoted(name)}={_quoted(chance.choice(values))}"
        for name in chance.sample(names, chance.choice([1, 1, 2, 3]))
    ]
    return "&".join(said + said[: chance.random() < 0.2])


def body(chance: random.Random) -> bytes:
    """A good transaction, portfolio or asset with something wrong in it; or no JSON at all."""
    if chance.random() < 0.3:
        return chance.choice(RAW)
    good: dict[str, Any] = chance.choice(
        [
            BUY,
            {"name": "New"},
            {"symbol": "BTC", "quantity": "1", "average_buy_price": "2"},
            {"currency": "EUR"},
        ]
    )
    spoilt = dict(good)
    for name in chance.sample([*BUY, "name", "currency", "to_portfolio", "fee", "extra", "id", "owner"], 2):
        spoilt[name] = chance.choice([*JSONS, *NUMBERS, *TIMES_TOLD, *NASTY])
    told: Any = {"items": [good, spoilt]} if chance.random() < 0.2 else spoilt
    return json.dumps(told).encode()


def with_query(client: Client, operation: Operation, path: str, chance: random.Random) -> Any:
    return client.generic(operation.method, f"{path}?{query(chance)}")


def with_body(client: Client, operation: Operation, path: str, chance: random.Random) -> Any:
    kind = "application/json" if chance.random() < 0.8 else chance.choice(TYPES)
    return client.generic(operation.method, path, body(chance), kind)


def with_headers(client: Client, operation: Operation, path: str, chance: random.Random) -> Any:
    good = json.dumps(BUY).encode() if operation.method not in SAFE else b""
    return client.generic(operation.method, path, good, "application/json", headers=chance.choice(HEADERS))


def with_method(client: Client, operation: Operation, path: str, chance: random.Random) -> Any:
    method = chance.choice(["OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "G" * 999, "HEAD", "PURGE"])
    return client.generic(method, path)


KINDS: list[Callable[..., Any]] = [with_query, with_body, with_headers, with_method]


def told(answer: Any, method: str) -> dict[str, Any]:
    assert answer["Content-Type"].startswith("application/json"), answer["Content-Type"]
    return {} if method == "HEAD" else json.loads(answer.content)


def asked(kind: Callable[..., Any], seed: int) -> Iterator[tuple[Operation, random.Random]]:
    for number, operation in enumerate(OPERATIONS):
        if kind is not with_body or operation.has_body:
            yield operation, random.Random(f"{kind.__name__} {seed} {number}")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_hostile_is_refused_in_json_and_nothing_is_half_done(kind, seed, program, known) -> None:
    before = dump()
    for operation, chance in asked(kind, seed):
        path = path_of(operation, known, chance)
        answer = kind(program, operation, path, chance)
        said = (operation.method, path[:200], answer.status_code, answer.content[:300])
        assert answer.status_code < 500 or operation.path == "/api/health", said
        if answer.status_code >= 400:
            method = answer.wsgi_request.method
            heard = told(answer, method)
            assert method == "HEAD" or operation.path == "/api/health" or heard["detail"], said
            assert dump() == before, said
        elif answer.status_code in {201, 204} or operation.method not in SAFE:
            before, known = dump(), known | _still(known)


def values() -> list[str]:
    """One of each sort of what is hostile, and what is small and good: a slip may hang on a single value."""
    small = [str(number) for number in range(-2, 12)]
    odd = [
        "ß",
        "Ａ",
        "ﬀ",
        "BTC",
        "btc",
        "%s",
        "{0}",
        "[]",
        "true",
        "null",
        "2024-06-01",
        "2024-06-01T10:00:00Z",
    ]
    return [*NASTY, *NUMBERS[:-2], *TIMES_TOLD, *small, *odd, *IDS[5:8]]


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each.method == "GET"], ids=str)
def test_each_parameter_takes_or_refuses_each_value(operation: Operation, program, known) -> None:
    path = operation.path.format_map(known)
    for name in sorted(operation.query):
        for value in values():
            answer = program.get(f"{path}?{name}={_quoted(value)}")
            assert answer.status_code < 500, (name, value, answer.content[:300])


def _still(known: dict[str, object]) -> dict[str, object]:
    """What was taken may have deleted the rows that the test is about."""
    found = Portfolio.objects.filter(pk=known["portfolio"]).first()
    return {} if found else {"portfolio": 1, "transaction": 1}
