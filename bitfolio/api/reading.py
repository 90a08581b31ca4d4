"""How bodies are read: JSON in UTF-8, numbers exact, nothing said twice, nothing that no row could keep."""

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpRequest
from ninja.parser import Parser

from bitfolio.api.errors import Refused

LONGEST_INT = 60  # digits; what is longer is no row's number and no amount, and slow to read as an integer
UNKEPT = "There is a character here that can’t be kept."


class ExactParser(Parser):
    """ninja's reader of bodies, with ours in its place."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Raises Refused."""
        if not _is_json(request):
            raise Refused(415)
        return read_json(request.body)


def read_json(body: bytes) -> Any:
    """Raises Refused: 400 for what is no JSON, 422 for what is said twice or can't be kept."""
    try:
        found = json.loads(
            body.decode(),
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_no_number,
            object_pairs_hook=_once,
        )
    except RecursionError as error:
        raise Refused(400, detail="This JSON is nested too deeply.") from error
    except (ValueError, InvalidOperation) as error:
        raise Refused(400, detail="This is no JSON in UTF-8.") from error
    if b"\\u" in body:  # else JSON itself has refused what can't be kept
        unkept = {place: [UNKEPT] for place, text in _texts(found) if not is_kept(text)}
        if unkept:
            raise Refused(422, unkept)
    return found


def is_kept(text: str) -> bool:
    """Whether databases take a text: no NUL, no half of a surrogate pair."""
    return not any(character == "\x00" or "\ud800" <= character <= "\udfff" for character in text)


def _is_json(request: HttpRequest) -> bool:
    charset = (request.content_params or {}).get("charset", "utf-8").lower()
    return request.content_type == "application/json" and charset in {"utf-8", "utf8"}


def _decimal(text: str) -> Decimal:
    return Decimal(text)


def _integer(text: str) -> int | Decimal:
    return int(text) if len(text) <= LONGEST_INT else Decimal(text)


def _no_number(_text: str) -> Any:
    raise ValueError("NaN and Infinity are no JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = {name: ["This was given twice."] for name in names if names.count(name) > 1}
        raise Refused(422, twice)
    return found


def _texts(found: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a body with where it stands; the names of fields too."""
    if isinstance(found, str):
        yield place or "body", found
    elif isinstance(found, list):
        for index, each in enumerate(found):
            yield from _texts(each, f"{place}.{index}".strip("."))
    elif isinstance(found, dict):
        for name, each in found.items():
            if not is_kept(name):
                yield place or "body", name
            else:
                yield from _texts(each, f"{place}.{name}".strip("."))
