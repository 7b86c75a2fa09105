"""Errors of scoring texts: TG-T."""

from tidegate.errors.base import TidegateError


class TextRequestError(TidegateError, ValueError):
    """A request to score texts is not what it must be; nothing of it was scored."""

    code = "TG-T001"
    exit_code = 2


class TextsTooLargeError(TextRequestError):
    """The body of a request to score texts is larger than is taken."""

    code = "TG-T002"
    exit_code = 2


class TextsBusyError(TidegateError):
    """As many texts are being scored as may be; nothing was taken. `retry_after_s` says when to try again."""

    code = "TG-T003"
    retry_after_s: float = 1.0


class TextsUnavailableError(TidegateError):
    """Texts cannot be scored now: nobody scores them, no answer came in time, or a detector is missing."""

    code = "TG-T004"


class DeskProtocolError(TidegateError):
    """What came over a desk's socket is no message of this version: too large, cut short, or garbage."""

    code = "TG-T005"


class DeskSocketError(TidegateError):
    """The socket that text desks listen on cannot be opened."""

    code = "TG-T006"
