"""When a cluster counts as frozen: judged from what can be seen from outside, by a clock that never jumps."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from prices.management.processes import Member


class Verdict(Enum):
    """What is to be done about the cluster."""

    FINE = "fine"
    ASK = "ask"  # for a heartbeat: it is new, or lost a process, for which the others may wait for ever
    KILL = "kill"


@dataclass(slots=True)
class Watch:
    """`silence`: seconds without a heartbeat that are too many. `answer`: those that one asked for may take.

    Times are seconds of a monotonic clock; a heartbeat is only ever compared with the one before it, so
    that a wall clock that is set anew neither kills nor saves a cluster.
    """

    silence: float
    answer: float
    since: float
    beat: datetime | None = None
    members: frozenset[Member] = frozenset()
    asked: float | None = None

    def look(self, at: float, beat: datetime | None, members: frozenset[Member]) -> Verdict:
        """Judge by the last heartbeat on record and the processes that live."""
        is_new, lost = not self.members, self.members - members
        self.members = members
        if beat != self.beat or not members:
            self.beat = beat
            self.rest(at)
        if members and (is_new or lost):
            self.asked = at
            return Verdict.ASK
        is_late = self.asked is not None and at - self.asked > self.answer
        if is_late or at - self.since > self.silence:
            self.rest(at)
            return Verdict.KILL
        return Verdict.FINE

    def rest(self, at: float) -> None:
        """Begin to count anew: there was a sign of life, or a reason to give none."""
        self.since, self.asked = at, None
