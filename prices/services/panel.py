"""The price sources as they can be asked during one act: in their order, without those that failed in it.

What a source says to one worker holds for all of them: see `standing`.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from django.conf import settings

from prices.models import Asset
from prices.selectors import HOUR
from prices.services import standing
from prices.sources import SOURCES
from prices.sources.base import Source
from prices.sources.errors import HeldBackError, OutOfTimeError, SourceError, UnknownCoinError

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")

ENOUGH = 3.0  # seconds without which it makes no sense to ask


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
    """Iterates over the sources that can still be asked. `failures` says what went wrong, by source.

    `names` are asked in that order; without them those of PRICE_SOURCES.
    """

    def __init__(self, watch: Stopwatch, names: Sequence[str] | None = None) -> None:
        self.watch = watch
        self.failures: dict[str, str] = {}
        self._out: set[str] = set()
        self._strangers: set[tuple[str, int]] = set()
        self._trials: set[str] = set()
        self._sources: list[Source] = []
        for name in settings.PRICE_SOURCES if names is None else names:
            if name in SOURCES:
                self._seat(name)
            else:
                logger.warning("PRICE_SOURCES names %r, which is no price source", name)

    def __iter__(self) -> Iterator[Source]:
        return (source for source in self._sources if source.is_usable() and source.name not in self._out)

    def __bool__(self) -> bool:
        return next(iter(self), None) is not None

    def sources_of(self, asset: Asset, moment: datetime, step: timedelta = HOUR) -> Iterator[Source]:
        """Those that have the asset, as far as we know, and whose history goes back that far."""
        for source in self:
            if not asset.id_at(source.name) or self.is_stranger(source, asset):
                continue
            if source.reaches(moment, self.watch.now, step):
                yield source

    def has(self, asset: Asset) -> bool:
        """Whether any source, failed or not, has a name for the asset."""
        return any(asset.id_at(source.name) for source in self._sources if source.is_usable())

    def lacks(self, asset: Asset, moment: datetime, step: timedelta) -> bool:
        """Whether a source that could know the price of that moment is out for now."""
        out = [source for source in self._sources if source.is_usable() and source.name in self._out]
        known = [each for each in out if asset.id_at(each.name) and not self.is_stranger(each, asset)]
        return any(source.reaches(moment, self.watch.now, step) for source in known)

    def ask(
        self, source: Source, question: Callable[[], Answer], asset: Asset | None = None
    ) -> Answer | None:
        """The source's answer, or None: it failed and is out for this act, or does not have the asset."""
        try:
            answer = question()
        except OutOfTimeError:
            standing.note_nothing(source, self.watch.present())
            return None
        except HeldBackError as error:
            self._leave_out(source, error)
            return None
        except UnknownCoinError as error:
            if asset is None:
                self._fail(source, error)
                return None
            self._strangers.add((source.name, asset.pk))
            answer = None
        except SourceError as error:
            self._fail(source, error)
            return None
        self._trials.discard(source.name)
        standing.note_answer(source, self.watch.present())
        return answer

    def is_stranger(self, source: Source, asset: Asset) -> bool:
        """Whether the source said in this act that it does not have the asset."""
        return (source.name, asset.pk) in self._strangers

    def _seat(self, name: str) -> None:
        source = SOURCES[name](self.watch.left, present=self.watch.present)
        source.permit = partial(self._permit, source)
        self._sources.append(source)
        if why := standing.held_back(source, self.watch.now):
            self._leave_out(source, why)

    def _permit(self, source: Source) -> None:
        if standing.permit(source, self.watch.present(), on_trial=source.name in self._trials):
            self._trials.add(source.name)

    def _fail(self, source: Source, error: SourceError) -> None:
        self._leave_out(source, error)
        standing.note_failure(source, error, self.watch.present())

    def _leave_out(self, source: Source, why: object) -> None:
        self._out.add(source.name)
        self.failures[source.name] = source.hide_key(str(why))
