"""What nobody means to type, for every field of every form: made from a seed, the same each time."""

import random
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import quote_plus

LONG = 1_000_000
VALUES = [
    "", " ", "\x00", "a\x00b", "\u202eevil", "\u200b", "\ufeff", "\ud800", "\udfff x",
    "é" * 300, "\U0001f4a9" * 90,
    "x" * 5_000, "9" * 5_000, "\r\nSet-Cookie: x=1", "\t", "\x1b[31m", "%00", "%s%n%x", "{{7*7}}", "${7*7}",
    "../../etc/passwd", "' OR 1=1 --", "\\", "'\"`", "\uff11\uff12\uff13", "\u0661\u0662", "\u00b2", "\u2160",
    "1e999999999", "1E-999999999", "-1e400", "9e99999999999999999999", "NaN", "sNaN", "Infinity", "-inf",
    "0x10", "1_000", "1,5",
    "1.", ".", "-", "+", "--1", "1e", "0" * 400 + "1", "0." + "0" * 400 + "1", "-0", "0", "-1", str(2**31),
    str(2**63), str(-(2**63)), str(10**30), str(10**400), "true", "null", "[]", "{}",
    "[" * 2_000, '{"a":' * 500,
    "9999-12-31T23:59:59", "0001-01-01T00:00", "2024-02-30T00:00", "2024-13-01", "10000-01-01T00:00",
    "2024-01-01T00:00:00+99:99", "2024-01-01T25:61", "-2024-01-01T00:00", "2024-01-01T00:00:60",
    "\u0662024-01-01T00:00",
    "00000000-0000-0000-0000-000000000000", "urn:uuid:x", "on", "USD\x00", "usd", "XXX", "btc", "BTC ",
    "fifo\x00",
    "http://[", "javascript:x", "//x", "mailto:x@y",
    "x@" + "y" * 300, '"@"@x.org', "a@\u0430.\u0440\u0444", "=cmd|' /C calc'!A0",
]  # fmt: skip
KINDS = [
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-8",
    "application/x-www-form-urlencoded; charset=utf-7",
    "application/x-www-form-urlencoded; charset=hex",
    "application/x-www-form-urlencoded; charset=unicode_escape",
    "application/x-www-form-urlencoded; charset=idna",
    "application/x-www-form-urlencoded; charset=",
    "application/x-www-form-urlencoded; charset=no-such",
    "application/json",
    "application/json; charset=utf-16",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=x",
    "multipart/form-data; boundary=x; charset=rot13",
    "multipart/form-data; boundary=\u00e9",
    "multipart/form-data; boundary=" + "x" * 300,
    "text/plain",
    "text/xml",
    "*/*",
    "x",
    ";",
    "",
    "application/octet-stream; x=" + "y" * 2000,
]


class Fields(HTMLParser):
    """Names of the controls of a page with the values they stand on."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag in {"input", "select", "textarea", "button"} and said.get("name"):
            self.found.setdefault(str(said["name"]), said.get("value") or "")


def fields_of(html: str) -> dict[str, str]:
    reader = Fields()
    reader.feed(html)
    return reader.found


def encoded(pairs: list[tuple[str, str]]) -> bytes:
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs).encode()


def _quoted(text: str) -> str:
    return quote_plus(text.encode("utf-8", "surrogatepass"))


def multipart(pairs: list[tuple[str, str]], boundary: str = "x") -> bytes:
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in pairs
    ]
    return ("".join(parts) + f"--{boundary}--\r\n").encode("utf-8", "surrogatepass")


def broken(fields: dict[str, str], seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """Content types and bodies of requests in which one to three things are wrong."""
    dice = random.Random(seed)
    for _ in range(count):
        pairs = list(fields.items()) or [("x", "")]
        for _ in range(dice.randint(1, 3)):
            place = dice.randrange(len(pairs))
            wrong = "x" * LONG if dice.random() < 0.005 else dice.choice(VALUES)
            act = dice.choice(["replace", "replace", "replace", "repeat", "add", "drop"])
            pairs = _changed(pairs, place, wrong, act)
        kind = dice.choice(KINDS) if dice.random() < 0.25 else KINDS[dice.choice([0, 12])]
        yield kind, multipart(pairs) if "boundary=x" in kind else encoded(pairs)


def _changed(pairs: list[tuple[str, str]], place: int, wrong: str, act: str) -> list[tuple[str, str]]:
    name = pairs[place][0]
    if act == "replace":
        return [*pairs[:place], (name, wrong), *pairs[place + 1 :]]
    if act == "drop":
        return [*pairs[:place], *pairs[place + 1 :]] or [("x", wrong)]
    return [*pairs, (name if act == "repeat" else wrong[:200], wrong)]
