"""The price sources as they can be asked during one act: in their order, without those that failed in it.

A source that says "too many requests" or "no" is left alone by every worker, by a row in the database.
"""

import logging
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings

from prices.models import Asset, SourcePause
from prices.sources import SOURCES
from prices.sources.base import (
    NotAuthorisedError,
    OutOfTimeError,
    RateLimitedError,
    Source,
    SourceError,
    UnknownCoinError,
)

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")

ENOUGH = 3.0  # seconds without which it makes no sense to ask
BACK_OFF = (60.0, 120.0)  # seconds after a rate limit that does not say how long; spread over workers
UNAUTHORISED_PAUSE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """How much of an act's time is left, by a monotonic clock, and what time it is by the door's `now`."""

    now: datetime
    seconds: float
    clock: Callable[[], float]
    started: float

    @classmethod
    def start(cls, now: datetime, seconds: float, clock: Callable[[], float]) -> "Stopwatch":
        return cls(now, seconds, clock, clock())

    def left(self) -> float:
        return self.seconds - (self.clock() - self.started)

    def is_up(self) -> bool:
        return self.left() < ENOUGH

    def present(self) -> datetime:
        return self.now + timedelta(seconds=self.clock() - self.started)


class Panel:
    """Iterates over the sources that can still be asked. `failures` says what went wrong, by source."""

    def __init__(self, watch: Stopwatch, only: str | None = None) -> None:
        self.watch = watch
        self.failures: dict[str, str] = {}
        self._out: set[str] = set()
        self._strangers: set[tuple[str, int]] = set()
        paused = dict(SourcePause.objects.filter(until__gt=watch.now).values_list("source", "reason"))
        self._sources: list[Source] = []
        for name in [only] if only else settings.PRICE_SOURCES:
            if name in paused:
                self.failures[name] = paused[name]
            elif name in SOURCES:
                self._sources.append(SOURCES[name](watch.left))
            else:
                logger.warning("PRICE_SOURCES names %r, which is no price source", name)

    def __iter__(self) -> Iterator[Source]:
        return (source for source in self._sources if source.is_usable() and source.name not in self._out)

    def __bool__(self) -> bool:
        return next(iter(self), None) is not None

    def sources_of(self, asset: Asset, moment: datetime) -> Iterator[Source]:
        """Those that have the asset, as far as we know, and whose history goes back that far."""
        for source in self:
            stranger = (source.name, asset.pk) in self._strangers
            if asset.id_at(source.name) and not stranger and source.reaches(moment, self.watch.now):
                yield source

    def ask(
        self, source: Source, question: Callable[[], Answer], asset: Asset | None = None
    ) -> Answer | None:
        """The source's answer, or None: it failed and is out for this act, or does not have the asset."""
        try:
            return question()
        except OutOfTimeError:
            return None
        except UnknownCoinError as error:
            if asset is None:
                self._fail(source, error)
            else:
                self._strangers.add((source.name, asset.pk))
        except SourceError as error:
            self._fail(source, error)
        return None

    def is_stranger(self, source: Source, asset: Asset) -> bool:
        """Whether the source said in this act that it does not have the asset."""
        return (source.name, asset.pk) in self._strangers

    def _fail(self, source: Source, error: SourceError) -> None:
        self._out.add(source.name)
        self.failures[source.name] = str(error)
        logger.warning("price source left out: %s", error)
        if isinstance(error, RateLimitedError):
            seconds = error.retry_after or random.uniform(*BACK_OFF)  # noqa: S311 (spreads workers, hides nothing)
            self._pause(source, timedelta(seconds=seconds), error)
        elif isinstance(error, NotAuthorisedError):
            self._pause(source, UNAUTHORISED_PAUSE, error)

    def _pause(self, source: Source, length: timedelta, error: SourceError) -> None:
        until = self.watch.present() + length
        SourcePause.objects.update_or_create(
            source=source.name, defaults={"until": until, "reason": str(error)[:500]}
        )
