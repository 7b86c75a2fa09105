"""Errors of the HTTP API: TG-H3."""

from tidegate.errors.base import TidegateError


class RequestFormError(TidegateError, ValueError):
    """A parameter or a field of a request's JSON is missing, has the wrong type, or a value that is not taken."""

    code = "TG-H301"
    exit_code = 2


class CursorError(RequestFormError):
    """The cursor of a list or the position in the feed is not one that this server gave out."""

    code = "TG-H302"
    exit_code = 2


class ListenersFullError(TidegateError):
    """As many listen to the stream of decisions as may; the feed tells the same."""

    code = "TG-H303"
    retry_after_s: float = 15.0


class PrecheckBusyError(TidegateError):
    """As many prechecks are under way as may be; nothing was taken. `retry_after_s` says when to try again."""

    code = "TG-H311"
    retry_after_s: float = 5.0


class PrecheckUnavailableError(TidegateError):
    """Nobody prechecks now: no lane is set up for it, or no answer came in time."""

    code = "TG-H312"
