"""What can go wrong when a price source is asked; messages name the source, never a key."""


class SourceError(Exception):
    """The source did not give an answer that can be used; another source may, or this one later."""


class UnreachableError(SourceError):
    """No connection, too slow, a server error or a broken body: worth another try."""


class OutOfTimeError(SourceError):
    """The caller's time was used up before the source could be asked: nothing is said about the source."""


class HeldBackError(SourceError):
    """The source is left alone for now, by what all workers know of it: it was not asked."""


class RateLimitedError(SourceError):
    """Too many requests. `retry_after` in seconds, None when the source does not say."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotAuthorisedError(SourceError):
    """The source wants a key, or another key: nothing to hammer at, somebody has to look."""


class UnknownCoinError(SourceError):
    """The source answered that it does not have this coin."""


class OutOfReachError(SourceError):
    """The source answered that its history does not go back that far."""
