"""What a provider can do wrong. FAULTS spoil the answer as a whole, BENT what stands in it.

Prices are decimals (or texts that spell one) and times whole numbers in every answer made here, so that a
bend finds them whatever the provider's shape.
"""

import contextlib
import gzip
import random
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

RATE_LIMIT = b'{"status":{"error_code":429,"error_message":"You have exceeded the rate limit."}}'
MIDNIGHT, LATER = "Sat, 15 Jun 2024 12:30:00 GMT", "Sat, 15 Jun 2024 12:31:30 GMT"  # 90 seconds apart
BEFORE_GENESIS = 1_230_000_000  # in December 2008


def trickle(handler: Any, beginning: bytes) -> None:
    """The beginning of an answer, then byte by byte what goes on from there, for half a minute."""
    with contextlib.suppress(OSError):
        handler.wfile.write(b"HTTP/1.0 200 OK\r\n" + beginning)
        for _ in range(300):
            handler.wfile.write(b" ")
            time.sleep(0.1)


def endless(handler: Any) -> None:
    """A body that never ends, as fast as it is read."""
    with contextlib.suppress(OSError):
        handler.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n[")
        for _ in range(2000):
            handler.wfile.write(b"1," * 8192)


def hiccup(handler: Any) -> None:
    """One failure, and all is well again."""
    handler.server.faults.clear()
    handler.reply(503, b"")


def hang_up(handler: Any) -> None:
    """A body that ends before the length it promised."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"bitcoin": {}}')


def echo(handler: Any) -> None:
    """An error that quotes the key it was sent."""
    sent = " ".join(handler.headers.values()).replace('"', "")
    text = f"bad request by {sent}"
    handler.reply(200, f'{{"Response":"Error","Message":"{text}","Type":3,"error":["{text}"]}}'.encode())


def json(status: int, body: bytes, **headers: str) -> Callable[[Any], None]:
    return lambda handler: handler.reply(status, body, **headers)


FAULTS: dict[str, Callable[[Any], None]] = {
    "rate limit": json(429, RATE_LIMIT, Retry_After="7"),
    "rate limit until a date": json(429, RATE_LIMIT, Retry_After=LATER, Date=MIDNIGHT),
    "rate limit of a day": json(429, RATE_LIMIT, Retry_After="86400"),
    "rate limit of no time": json(429, RATE_LIMIT, Retry_After="0"),
    "silent rate limit": json(429, RATE_LIMIT),
    "banned": json(418, b"{}", Retry_After="120"),
    "server error": json(500, b'{"status":500,"error":"Internal Server Error"}'),
    "bad gateway": lambda handler: handler.reply(502, b"<html>Bad gateway</html>", "text/html"),
    "unavailable": json(503, b""),
    "html": lambda handler: handler.reply(200, b"<html>Just a moment</html>", "text/html"),
    "html that says it is json": json(200, b"<!doctype html><html>Just a moment</html>"),
    "empty": json(200, b""),
    "truncated": json(200, b'{"bitcoin":{"usd":600'),
    "nonsense": json(200, b'[{"a": [null]}, 5, "x", [[]]]'),
    "another shape": json(200, b'{"data": {"usd": 5}}'),
    "nan": json(200, b'{"bitcoin":{"usd":NaN},"prices":[[1,NaN]]}'),
    "infinity": json(200, b'{"bitcoin":{"usd":Infinity},"prices":[[1,Infinity]]}'),
    "deep": json(200, b"[" * 100_000),
    "response error": json(200, b'{"Response":"Error","Message":"odd","Type":2,"error":["EOdd:Odd"]}'),
    "response limit": json(
        200,
        b'{"Response":"Error","Message":"You are over your rate limit","Type":99,"Data":{},'
        b'"error":["EGeneral:Too many requests"]}',
    ),
    "unknown pair": json(
        200,
        b'{"Response":"Error","Message":"market does not exist for this coin pair","Type":1,"Data":{},'
        b'"error":["EQuery:Unknown asset pair"]}',
    ),
    "echo": echo,
    "unauthorised": json(401, b"{}"),
    "forbidden": json(403, b"{}"),
    "forbidden by law": json(451, b"{}"),
    "not found": json(404, b'{"error":"coin not found"}'),
    "redirect": json(302, b"", Location="/elsewhere"),
    "redirect elsewhere": json(301, b"", Location="http://192.0.2.1/simple/price"),
    "oversize": json(200, b"[" + b"1," * 3_000_000 + b"1]"),
    "endless": endless,
    "bomb": json(200, gzip.compress(b"[" + b"1," * 20_000_000 + b"1]"), Content_Encoding="gzip"),
    "slow": lambda handler: trickle(handler, b"Content-Type: application/json\r\n\r\n"),
    "slow headers": lambda handler: trickle(handler, b"X-Slow: "),
    "reset": lambda handler: None,  # the connection ends without a word
    "hiccup": hiccup,
    "hang up": hang_up,
}


def every(value: Any, change: Callable[[Any], Any]) -> Any:
    """The body with everything in it that is no list and no object changed."""
    if isinstance(value, dict):
        return {key: every(inner, change) for key, inner in value.items()}
    if isinstance(value, list):
        return [every(inner, change) for inner in value]
    return change(value)


def is_price(value: Any) -> bool:
    return isinstance(value, Decimal) or (isinstance(value, str) and value.replace(".", "").isdigit())


def is_time(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 10**9


def price_is(other: Any) -> Callable[[Any], Any]:
    return lambda body: every(body, lambda value: other if is_price(value) else value)


def price_times(factor: int) -> Callable[[Any], Any]:
    """Each price times a factor, a number as a number and a text as a text."""
    return lambda body: every(
        body, lambda value: type(value)(Decimal(value) * factor) if is_price(value) else value
    )


def time_becomes(change: Callable[[int], Any]) -> Callable[[Any], Any]:
    return lambda body: every(body, lambda value: change(value) if is_time(value) else value)


def shifted(seconds: int) -> Callable[[int], int]:
    return lambda at: at + seconds * (1000 if at > 10**11 else 1)


def rows_become(change: Callable[[list[Any]], list[Any]]) -> Callable[[Any], Any]:
    """Every list of rows (of candles, of points) changed as a whole."""

    def bend(body: Any) -> Any:
        if isinstance(body, dict):
            return {key: bend(inner) for key, inner in body.items()}
        is_rows = isinstance(body, list) and body and all(isinstance(row, list | dict) for row in body)
        return change(body) if is_rows else body

    return bend


def named(**names: str) -> Callable[[Any], Any]:
    """Keys and names replaced by others."""

    def bend(body: Any) -> Any:
        if isinstance(body, dict):
            return {names.get(key, key): bend(inner) for key, inner in body.items()}
        if isinstance(body, list):
            return [bend(inner) for inner in body]
        return names.get(body, body) if isinstance(body, str) else body

    return bend


def one_jump(rows: list[Any]) -> list[Any]:
    """One price in the middle ten times too high."""
    middle = len(rows) // 2
    return [*rows[:middle], price_times(10)(rows[middle]), *rows[middle + 1 :]]


def shuffled(rows: list[Any]) -> list[Any]:
    return random.Random(5).sample(rows, len(rows))


def same(body: Any) -> Any:
    return body


BENT: dict[str, Callable[[Any], Any]] = {
    "zero": price_is(0),
    "zero point zero": price_is("0.0"),
    "null": price_is(None),
    "boolean": price_is(True),
    "negative": price_is(-5),
    "text": price_is("cheap"),
    "text nan": price_is("NaN"),
    "text infinity": price_is("Infinity"),
    "too large": price_is(10**30),
    "too small": price_is("0.0000000000000000001"),
    "cents": price_times(100),
    "one jump": rows_become(one_jump),
    "milliseconds for seconds": time_becomes(lambda at: at * 1000),
    "seconds for milliseconds": time_becomes(lambda at: at // 1000),
    "text for a time": time_becomes(str),
    "null for a time": time_becomes(lambda at: None),
    "a day ahead": time_becomes(shifted(86_400)),
    "before genesis": time_becomes(lambda at: BEFORE_GENESIS * (1000 if at > 10**11 else 1)),
    "out of order": rows_become(shuffled),
    "twice": rows_become(lambda rows: [*rows, *rows]),
    "no rows": rows_become(lambda rows: []),
    "rows cut short": rows_become(lambda rows: [row[:1] if isinstance(row, list) else {} for row in rows]),
    "another coin": named(
        bitcoin="litecoin", BTC="LTC", BTCUSDT="LTCUSDT", XXBTZUSD="XLTCZUSD", EUR="SEK", GBP="SEK"
    ),
    "another currency": named(usd="eur", USD="EUR", EUR="USD"),
    "same page": same,
}
