"""Idempotency-Key: a POST that creates is done once under a key, and answered the same again."""

import hashlib
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja.operation import Operation

from accounts.services import KeyUsedOtherwise, Said, answer_once
from bitfolio.api.errors import Refused

HEADER = "Idempotency-Key"
KEY = re.compile(r"[\x21-\x7e]{1,255}")
TOLD = ("ETag", "Location")  # headers that are said again
JSON = "application/json; charset=utf-8"
DOCUMENTED = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "Any text of yours, without blanks. The same key with the same body is answered the same, "
    "for 48 hours, and done once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}


def creates(operation: Operation) -> bool:
    """Whether it does, for somebody who is known: the key is theirs."""
    is_known = bool(operation.auth_callbacks)
    return is_known and "POST" in operation.methods and 201 in operation.response_models


def once(operation: Operation, view: Callable[..., Any]) -> Callable[..., Any]:
    """Let a view that creates answer a repetition from what it said first."""

    @wraps(view)
    def asked(request: HttpRequest, **values: Any) -> Any:
        key = request.headers.get(HEADER)
        if key is None:
            return view(request, **values)
        if not KEY.fullmatch(key):
            raise Refused(422, {HEADER: ["Use 1 to 255 letters, digits and signs, without blanks."]})

        def answer() -> Said:
            response = values.get(operation.signature.response_arg) or HttpResponse(content_type=JSON)
            response = operation._result_to_response(request, view(request, **values), response)
            headers = {name: response[name] for name in TOLD if name in response}
            return Said(response.status_code, response.content.decode(), headers)

        return _said(request, key, answer)

    return asked


def _said(request: HttpRequest, key: str, answer: Callable[[], Said]) -> HttpResponse:
    try:
        said = answer_once(
            owner=request.user, key=key, request=_fingerprint(request), now=request.now, answer=answer
        )
    except KeyUsedOtherwise as error:
        raise Refused(422, {HEADER: ["This key was used for another request."]}) from error
    return HttpResponse(said.body, status=said.status, content_type=JSON, headers=said.headers)


def _fingerprint(request: HttpRequest) -> str:
    asked = f"{request.method} {request.path.rstrip('/')}?{request.META['QUERY_STRING']}\n".encode()
    return hashlib.sha256(asked + request.body).hexdigest()
