"""Every refusal of the API: {"detail": "…", "errors": {"field": ["…"]}}, whoever refuses."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core.exceptions import (
    NON_FIELD_ERRORS,
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.db import DataError, IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled
from ninja.errors import ValidationError as Unfit

from bitfolio.away import AWAY, is_full, may_be_saved, note, retry_after
from portfolios.ledger import HoldingWouldBeNegative
from portfolios.services import BatchRefused, BatchWouldBeNegative, ChangedMeanwhile

Errors = Mapping[str, list[str]]
NO_ROOM = "The server has run out of room on its disk; nothing was done."
MAY_BE_DONE = (
    "The database went away meanwhile: this may have been done. "
    "Read before you send it again, or repeat it with its Idempotency-Key."
)
SAID = {
    400: "This request can’t be read.",
    401: "Send a valid access token, or sign in.",
    403: "This session’s request lacks its CSRF token.",
    404: "There is nothing here.",
    405: "This address does not take that method.",
    409: "It was changed meanwhile; nothing was done.",
    412: "It was changed since you read it; nothing was done. Read it again.",
    413: "This body is too large.",
    415: "Send application/json in UTF-8.",
    422: "Some of this is not valid.",
    429: "Too many requests.",
    500: "Something broke here; it was noted.",
    503: "The database is busy or away; nothing was done. Try again.",
}
WORDS = {
    "missing": "This is required.",
    "extra_forbidden": "There is no such field.",
    "too_long": "There are too many.",
}


class Refused(Exception):
    """What a convention refuses, before any view is asked."""

    def __init__(self, status: int, errors: Errors | None = None, detail: str = "") -> None:
        self.status, self.errors, self.detail = status, errors or {}, detail
        super().__init__(status, detail)


def refusal(
    status: int, detail: str = "", errors: Errors | None = None, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """The answer; its detail is the first of the errors where it has no words of its own."""
    errors = errors or {}
    said = detail or _first(errors) or SAID.get(status, "Refused.")
    return JsonResponse({"detail": said, "errors": errors}, status=status, headers=headers)


def handle_all(api: NinjaAPI) -> None:
    """Turn whatever services and conventions raise into such an answer."""
    answers: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
        Refused: lambda _, error: refusal(error.status, error.detail, error.errors),
        Unfit: _unfit,
        HttpError: _by_status,
        AuthenticationError: _unknown,
        Throttled: lambda _, error: refusal(429, headers=error.wait and {"Retry-After": str(error.wait)}),
        ValidationError: lambda _, error: refusal(422, *_invalid(error)),
        BatchWouldBeNegative: lambda _, error: refusal(409, errors=by_row(error.errors)),
        BatchRefused: lambda _, error: refusal(422, errors=by_row(error.errors)),
        HoldingWouldBeNegative: _negative,
        ChangedMeanwhile: lambda *_: refusal(412),
        PermissionDenied: lambda *_: refusal(403),
        RequestDataTooBig: lambda *_: refusal(413),
        UnreadablePostError: lambda *_: refusal(400),
        SuspiciousOperation: lambda *_: refusal(400),
        DataError: lambda *_: refusal(422, "A value here is more than can be kept."),
        IntegrityError: lambda *_: refusal(409),
    }
    for gone in (Http404, ObjectDoesNotExist):
        answers[gone] = lambda *_: refusal(404)
    for trouble in AWAY:
        answers[trouble] = _away
    for kind, answer in answers.items():
        api.add_exception_handler(kind, answer)


def by_row(errors: Mapping[int, Mapping[str, list[str]]]) -> dict[str, list[str]]:
    """Messages of a batch under `items.INDEX.FIELD`; what is about no field, under `items.INDEX`."""
    return {
        ".".join(["items", str(index), *([] if field == NON_FIELD_ERRORS else [field])]): messages
        for index, row in errors.items()
        for field, messages in row.items()
    }


def _first(errors: Errors) -> str:
    return next((f"{field}: {messages[0]}" for field, messages in errors.items() if messages), "")


def _by_status(_request: HttpRequest, error: HttpError) -> HttpResponse:
    """A view's own refusal; or that of the reader of bodies, which ninja wraps."""
    cause = error.__cause__
    if isinstance(cause, Refused):
        return refusal(cause.status, cause.detail, cause.errors)
    return refusal(error.status_code, "" if cause else error.message)


def _away(request: HttpRequest, error: Exception) -> HttpResponse:
    note(error)
    said = MAY_BE_DONE if may_be_saved(request, error) else NO_ROOM if is_full(error) else ""
    return refusal(503, said, headers={"Retry-After": retry_after(error)})


def _unknown(_request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    said = "" if error.message == "Unauthorized" else error.message  # ninja's own word
    return refusal(401, said, headers={"WWW-Authenticate": "Bearer"})


def _invalid(error: ValidationError) -> tuple[str, dict[str, list[str]]]:
    """What services refuse by field; what they refuse of the whole is the detail."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages), {}
    errors = dict(error.message_dict)
    return " ".join(errors.pop(NON_FIELD_ERRORS, [])), errors


def _unfit(_request: HttpRequest, error: Unfit) -> HttpResponse:
    """What does not fit a schema, by field; an address that does not fit leads nowhere."""
    if any(each["loc"][0] == "path" for each in error.errors):
        return refusal(404)
    errors: dict[str, list[str]] = {}
    for each in error.errors:
        messages = errors.setdefault(_field(each["loc"]), [])
        if (said := _in_words(each)) not in messages:
            messages.append(said)
    return refusal(422, errors=errors)


def _field(place: Iterable[Any]) -> str:
    """`items.3.quantity`: without where it was sent, and without the name that the view gives the body."""
    source, *rest = place
    steps = rest[1:] if source == "body" else rest
    return ".".join(map(str, steps)) or source


def _in_words(error: Mapping[str, Any]) -> str:
    said: str = WORDS.get(error["type"]) or error["msg"].removeprefix("Value error, ")
    return said if said.endswith((".", "?")) else f"{said}."


def _negative(request: HttpRequest, error: HoldingWouldBeNegative) -> HttpResponse:
    """Names the asset, the time and the quantity held."""
    said = error.plainly(undone=request.method == "DELETE")
    return refusal(409, said, {"quantity": [said]})
