"""What is too large to be packed and unpacked for each reading: kept as it is, in each process by itself."""

from collections import OrderedDict
from threading import Lock
from typing import Generic, TypeVar
from uuid import uuid4

from django.core.cache import cache

from portfolios.selectors.memory import KEPT, key_of

Thing = TypeVar("Thing")


class Shelf(Generic[Thing]):
    """A few things that nobody changes, those last asked for; together of at most a size.

    The cache holds a token for each: a thing is there as long as its token is, so that things go when the
    cache is emptied, and after a day.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._there: OrderedDict[str, tuple[str, Thing, int]] = OrderedDict()
        self._lock = Lock()

    def find(self, label: str) -> Thing | None:
        key = key_of(label)
        token = cache.get(key)
        with self._lock:
            kept = self._there.get(key)
            if kept is None or kept[0] != token:
                return None
            self._there.move_to_end(key)
            return kept[1]

    def put(self, label: str, thing: Thing, size: int) -> None:
        """Keep a thing; what was asked for the longest ago goes for it. What is larger than all is not."""
        if size > self.most:
            return
        key = key_of(label)
        token = str(cache.get_or_set(key, lambda: uuid4().hex, KEPT))
        with self._lock:
            self._there[key] = (token, thing, size)
            self._there.move_to_end(key)
            while sum(each for _, _, each in self._there.values()) > self.most:
                self._there.popitem(last=False)
