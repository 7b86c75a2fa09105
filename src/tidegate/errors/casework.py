"""Errors of leases, cases and submissions: TG-H1, TG-H2."""

from tidegate.errors.base import TidegateError


class LeaseRanOutError(TidegateError):
    """A worker died or fell silent while it held an upload; the upload is tried again, then it is a person's."""

    code = "TG-H101"


class ScreeningFailedError(TidegateError):
    """Screening raised what no part of it declares; the upload is tried again, then it is a person's."""

    code = "TG-H102"


class FetchingFailedError(TidegateError):
    """Fetching raised what no part of it declares; it is tried again, then the upload is a person's."""

    code = "TG-H103"


class CaseClosedError(TidegateError):
    """The case is decided already, or there is none of that id."""

    code = "TG-H201"


class RulingError(TidegateError, ValueError):
    """A person's ruling does not hold together: no clause, or actions that restrict nothing."""

    code = "TG-H202"
    exit_code = 2


class UndoTooLateError(TidegateError):
    """A decision can no longer be taken back unseen: its window has passed, or the platform is being told."""

    code = "TG-H203"


class UploadFieldError(TidegateError, ValueError):
    """A field of a submitted upload is unknown, has the wrong type, or a value out of range."""

    code = "TG-H211"
    exit_code = 2


class IdempotencyClashError(TidegateError):
    """The idempotency key was used before for another upload; nothing was taken."""

    code = "TG-H212"


class BusyError(TidegateError):
    """More is waiting than can be decided in time; nothing was taken. `retry_after_s` says when to try again."""

    code = "TG-H213"
    retry_after_s: float = 5.0


class NotFoundError(TidegateError):
    """There is nothing of that id."""

    code = "TG-H214"


class DatabaseDownError(TidegateError):
    """The database does not answer; nothing was taken."""

    code = "TG-H215"


class LedgerBrokenError(TidegateError):
    """The journal does not hold: an entry, or what it speaks of, was changed, removed or added."""

    code = "TG-H401"


class ServeError(TidegateError):
    """The server cannot start: its port or its home is taken."""

    code = "TG-H402"
