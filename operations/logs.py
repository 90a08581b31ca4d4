"""Log lines that carry the number of the request they belong to: readable by people, or JSON for programs.

Read by the settings, so it knows none. What was typed never gets into a line: routes stand there in place of
addresses, and known secrets, links that reset a password and tokens are blotted out wherever they turn up.
"""

import re
from collections.abc import Iterable, MutableMapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

BLOT = "…"
SHORTEST = 8  # characters; what is shorter is no secret worth the name, and would blot out innocent words
# A password link's token, what a header of authorisation carries, a token of ours wherever it stands, a
# query, and the row that PostgreSQL quotes when it refuses one.
GIVEAWAYS = re.compile(
    r"(?<=/reset/)[^\s/]+/[^\s/]+|(?<=Bearer )\S+|\beyJ[\w-]+\.[\w-]+\.[\w-]*|\bbf_[\w-]{20,}"
    r"|(?<=[\w/])\?[\w%.-]+=\S*|(?<=DETAIL:).*|(?<=://)[^\s/@]+@"
)


class Formatter(structlog.stdlib.ProcessorFormatter):
    """`style`: "line" for people or "json" for programs. `secrets`: values that never may appear."""

    def __init__(self, *, style: str, secrets: Iterable[str]) -> None:
        super().__init__(
            foreign_pre_chain=[
                structlog.contextvars.merge_contextvars,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                with_fields,
                of_its_request,
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                without(secrets),
                structlog.processors.JSONRenderer() if style == "json" else line,
            ],
        )


def logging_settings(style: str, level: str, secrets: Iterable[str]) -> dict[str, Any]:
    """What LOGGING says: everything to standard error."""
    formatter = {"()": "operations.logs.Formatter", "style": style, "secrets": list(secrets)}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"bitfolio": formatter},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "bitfolio"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "axes": {"level": "WARNING"},
            "django-q": {"level": "WARNING"},  # its INFO is a line for each process and each step of a task
        },
    }


def request_id() -> str:
    """The number of the request under way; "" outside of one."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def with_fields(_logger: Any, _name: str, event: EventDict) -> EventDict:
    """What a line of the standard library brings along as `extra={"fields": {…}}`."""
    fields = getattr(event.get("_record"), "fields", None)
    return {**event, **fields} if isinstance(fields, MutableMapping | dict) else event


def of_its_request(_logger: Any, _name: str, event: EventDict) -> EventDict:
    """Django speaks of an answer when its request is over, its number forgotten: the request still has it."""
    number = getattr(getattr(event.get("_record"), "request", None), "number", None)
    return {"request_id": number, **event} if number else event


def without(secrets: Iterable[str]) -> Processor:
    """Blot out these values and everything that gives itself away as secret, in every text of a line."""
    known = sorted({secret for secret in secrets if len(secret) >= SHORTEST}, key=len, reverse=True)
    exact = re.compile("|".join(map(re.escape, known)) or r"(?!)")

    def clean(value: Any) -> Any:
        return GIVEAWAYS.sub(BLOT, exact.sub(BLOT, value)) if isinstance(value, str) else value

    def blot(_logger: Any, _name: str, event: EventDict) -> EventDict:
        return {key: clean(value) for key, value in event.items()}

    return blot


def line(_logger: Any, _name: str, event: EventDict) -> str:
    """`2025-01-01T00:00:00Z WARNING prices.services: what happened  request_id=…`, then what was raised."""
    head = (event.pop("timestamp", ""), str(event.pop("level", "")).upper(), event.pop("logger", ""))
    text, raised = event.pop("event", ""), event.pop("exception", "")
    fields = "".join(f"  {key}={value}" for key, value in event.items())
    return f"{' '.join(head)}: {text}{fields}" + (f"\n{raised}" if raised else "")
