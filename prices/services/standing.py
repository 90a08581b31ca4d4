"""How each price source stands with all workers: asked, left alone, or tried again by one of them.

What one worker learns ("too many requests", "no access", it failed again) is a row that every worker reads
before its next request. Nothing here asks a source.
"""

import logging
import random
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from prices.models import SourceState
from prices.sources.base import Source
from prices.sources.errors import HeldBackError, NotAuthorisedError, RateLimitedError, SourceError

logger = logging.getLogger(__name__)

BACK_OFF = (60.0, 120.0)  # seconds after a rate limit that does not say how long; spread over workers
REFUSED_PAUSE = timedelta(hours=1)
FAILURES_ALLOWED = 3  # in a row; each of them had its tries within the request already
FAILING_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
LONGEST_REFUSAL = timedelta(days=1)
TRIAL = timedelta(minutes=2)  # longer than a task may run: so long one worker tries alone
MOST_DOUBLINGS = 6
HEARD_OF = timedelta(minutes=1)  # an answer is noted no oftener, so that asking costs no writing
NOTHING_HELD = {"until": None, "cause": "", "reason": "", "failures": 0, "asked_as": ""}


def held_back(source: Source, now: datetime) -> str:
    """Why nobody may ask the source just now; empty when it may be asked."""
    return _why_held(SourceState.objects.filter(source=source.name).first(), source, now)


def permit(source: Source, now: datetime, *, on_trial: bool = False) -> bool:
    """Say before each request that it may be sent, or HeldBackError; whether that makes it a trial.

    Of a source that kept failing, the first to come after its pause has the trial (and goes on `on_trial`);
    the others wait for what comes of it.
    """
    state = SourceState.objects.filter(source=source.name).first()
    is_failing = state is not None and state.cause == SourceState.Cause.FAILING
    if on_trial and is_failing:
        return True
    if why := _why_held(state, source, now):
        raise HeldBackError(why)
    if state is None or not is_failing or state.until is None:
        return False
    if not SourceState.objects.filter(pk=state.pk, until=state.until).update(until=now + TRIAL):
        raise HeldBackError(f"{source.name}: another worker tries whether it answers again")
    return True


def note_answer(source: Source, now: datetime) -> None:
    """It answers: that it failed before is over. A limit that another worker has just met is not."""
    state = SourceState.objects.filter(source=source.name).first()
    if state is None:
        state, _ = SourceState.objects.get_or_create(source=source.name)
    if not state.cause and state.answered_at and abs(now - state.answered_at) < HEARD_OF:
        return
    if state.failures >= FAILURES_ALLOWED:
        logger.warning("price source answers again: %s", source.name)
    own = SourceState.objects.filter(pk=state.pk)
    own.update(answered_at=now)
    said = Q(cause__in=[SourceState.Cause.LIMIT, SourceState.Cause.REFUSED], asked_as=source.asked_as)
    own.exclude(said, until__gt=now).update(**NOTHING_HELD)


def note_nothing(source: Source, now: datetime) -> None:
    """A trial ended before anything was learnt: the next one may try."""
    failing = SourceState.objects.filter(source=source.name, cause=SourceState.Cause.FAILING)
    failing.filter(until__gt=now, until__lte=now + TRIAL).update(until=now)


@transaction.atomic
def note_failure(source: Source, error: SourceError, now: datetime) -> None:
    """Write down what went wrong, and for how long nobody asks; never shorter than was said before."""
    SourceState.objects.get_or_create(source=source.name)
    state = SourceState.objects.select_for_update().get(source=source.name)
    if state.asked_as != source.asked_as:
        state.failures, state.until, state.asked_as = 0, None, source.asked_as
    cause, length = _verdict(error, state.failures)
    state.failures += 1
    state.failed_at = now
    is_held = state.until is not None and state.until > now
    if not is_held or cause != SourceState.Cause.FAILING:
        state.cause, state.reason = cause, source.hide_key(str(error))[:500]
    if length or not is_held:
        state.until = max(now + length, state.until or now) if length else None
    state.save()
    _tell(state, source.hide_key(str(error)))


def ask_again(*, sources: Iterable[str]) -> int:
    """Forget what is held against these sources: a person knows better. Returns how many there were."""
    found = SourceState.objects.filter(source__in=sources)
    return found.update(**NOTHING_HELD)


def _why_held(state: SourceState | None, source: Source, now: datetime) -> str:
    if state is None or state.until is None or state.until <= now:
        return ""
    if state.asked_as != source.asked_as:
        return ""  # another address or key is another matter
    return state.reason or f"{source.name}: left alone for now"


def _verdict(error: SourceError, before: int) -> tuple[SourceState.Cause, timedelta]:
    """The cause, and how long to leave the source alone after that many failures in a row before this one."""
    doubled = 2 ** min(before, MOST_DOUBLINGS)
    if isinstance(error, RateLimitedError):
        seconds = error.retry_after or random.uniform(*BACK_OFF) * doubled  # noqa: S311 (spreads workers)
        return SourceState.Cause.LIMIT, min(timedelta(seconds=seconds), LONGEST_PAUSE)
    if isinstance(error, NotAuthorisedError):
        return SourceState.Cause.REFUSED, min(REFUSED_PAUSE * doubled, LONGEST_REFUSAL)
    beyond = before + 1 - FAILURES_ALLOWED
    if beyond < 0:
        return SourceState.Cause.FAILING, timedelta(0)
    return SourceState.Cause.FAILING, min(FAILING_PAUSE * 2 ** min(beyond, MOST_DOUBLINGS), LONGEST_PAUSE)


def _tell(state: SourceState, error: str) -> None:
    """What somebody has to look at is an error, what passes by itself a warning."""
    until = f"; left alone until {state.until:%Y-%m-%d %H:%M:%S} UTC" if state.until else ""
    level = logging.ERROR if state.cause == SourceState.Cause.REFUSED else logging.WARNING
    logger.log(level, "price source left out: %s%s", error, until)
