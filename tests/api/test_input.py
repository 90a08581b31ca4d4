"""What is sent: exact numbers, times of any offset, sound JSON; everything else is refused by name."""

import pytest

from portfolios.models import Portfolio, Transaction
from tests.api.test_transactions import BUY

pytestmark = pytest.mark.django_db
LONG = b'{"kind":"buy","asset":"BTC","quantity":%s,"occurred_at":"2024-06-01T10:30:00Z","unit_price":1}'


@pytest.mark.parametrize(
    "text,stored",
    [
        (b'"0.10"', "0.1"),
        (b"0.1", "0.1"),
        (b"0.30000000000000004441", None),
        (b"0.300000000000000044", "0.300000000000000044"),
        (b"12345678901234567.123456789012345678", "12345678901234567.123456789012345678"),
        (b"1e-18", "0.000000000000000001"),
        (b"1E2", "100"),
        (b'"1e2"', "100"),
        (b'"+3"', "3"),
        (b"5", "5"),
        (b'".5"', "0.5"),
        (b"1e-19", None),
        (b"1e21", None),
        (b"1e400", None),
        (b"1e999999999999999999999", None),
        (b'"1e9999"', None),
        (b"123456789012345678901", None),
        (b"1" * 5000, None),
        (b'"NaN"', None),
        (b'"Infinity"', None),
        (b'"-Infinity"', None),
        (b"NaN", None),
        (b"Infinity", None),
        (b'"1_000"', None),
        ('"１２"'.encode(), None),
        (b'"1,5"', None),
        (b'""', None),
        (b'" 1"', None),
        (b'"0x10"', None),
        (b"true", None),
        (b"null", None),
        (b"[1]", None),
        (b'{"a":1}', None),
        (b"01", None),
    ],
    ids=lambda value: str(value)[:24],
)
def test_amounts_are_taken_by_their_text_or_refused_by_name(program, address, text, stored) -> None:
    said = program.send("post", address, LONG % text)
    if stored is None:
        assert said.status_code in {400, 422}
        assert said.status_code == 400 or list(said.json()["errors"]) == ["quantity"]
        assert not Transaction.objects.exists()
    else:
        assert (said.status_code, said.json()["quantity"]) == (201, stored)


@pytest.mark.parametrize(
    "told,stored",
    [
        ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
        ("2024-01-01T14:00:00+14:00", "2024-01-01T00:00:00Z"),
        ("2023-12-31T13:00:00-11:00", "2024-01-01T00:00:00Z"),
        (1704067200, "2024-01-01T00:00:00Z"),
        ("1704067200", "2024-01-01T00:00:00Z"),
        ("2024-01-01", "2024-01-01T00:00:00Z"),
        ("2024-02-29T23:59:59.250Z", "2024-02-29T23:59:59.25Z"),
        ("2009-01-03T00:00:00Z", "2009-01-03T00:00:00Z"),
        ("2025-01-02T00:00:00Z", "2025-01-02T00:00:00Z"),
        ("2025-01-02T00:00:01Z", None),
        ("2009-01-02T23:59:59Z", None),
        ("2023-02-29T00:00:00Z", None),
        ("2016-12-31T23:59:60Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        (1704067200.5, None),
        (10**30, None),
        (-1, None),
        (1704067200000, None),
        (True, None),
        (None, None),
        ("", None),
        ("yesterday", None),
        ("２０２４-01-01", None),
        ("2024-01-01T00:00:00Z\x00", None),
    ],
    ids=str,
)
def test_times_of_any_offset_and_unix_seconds(program, address, told, stored) -> None:
    said = program.send("post", address, BUY | {"occurred_at": told})
    if stored is None:
        assert (said.status_code, list(said.json()["errors"])) == (422, ["occurred_at"])
    else:
        assert (said.status_code, said.json()["occurred_at"]) == (201, stored)


@pytest.mark.parametrize(
    "body,status",
    [
        (b"{", 400),
        (b"", 422),
        (b"[" * 200_000, 400),
        (b'{"a":' * 100_000, 400),
        (b"\xff\xfe{}", 400),
        (b"{} {}", 400),
        (b'{"name": "\xff"}', 400),
        (b"\xef\xbb\xbf{}", 400),
        (b'{"name":"a","name":"b"}', 422),
        (b'{"name":"\\u0000"}', 422),
        (b'{"name":"\\ud800"}', 422),
        (b'{"\\udfff":1}', 422),
        (b'"text"', 422),
        (b"null", 422),
        (b"[]", 422),
        (b"1", 422),
        (b'{"name":"A","nmae":"B"}', 422),
        (b'{"name":{"a":[1]}}', 422),
        (b'{"name":"' + b"x" * 1_000_000 + b'"}', 422),
    ],
    ids=lambda value: str(value)[:24],
)
def test_what_is_no_sound_json_is_refused(program, body, status) -> None:
    said = program.send("post", "/portfolios/", body)
    assert said.status_code == status
    assert said.json()["detail"]
    assert not Portfolio.objects.exists()


def test_a_whole_surrogate_pair_and_right_to_left_marks_are_text(program) -> None:
    said = program.send("post", "/portfolios/", b'{"name":"\\ud83d\\ude00 \\u202e"}')
    assert (said.status_code, said.json()["name"]) == (201, "\N{GRINNING FACE} \u202e")


@pytest.mark.parametrize(
    "kind,status",
    [
        ("application/json", 201),
        ("application/json; charset=UTF-8", 201),
        ("application/json; charset=latin-1", 415),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data", 415),
        ("", 415),
    ],
)
def test_bodies_are_json(program, kind, status) -> None:
    assert program.send("post", "/portfolios/", {"name": "A"}, Content_Type=kind).status_code == status


def test_a_body_without_end_is_too_large(program, settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    said = program.send("post", "/portfolios/", {"name": "A" * 100})
    assert (said.status_code, said.json()["detail"]) == (413, "This body is too large.")
