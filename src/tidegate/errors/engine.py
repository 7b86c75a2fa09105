"""Errors of engines and lanes: TG-E."""

from tidegate.errors.base import TidegateError


class LaneSpecError(TidegateError, ValueError):
    """Lanes were asked for that cannot be run as described; nothing was started."""

    code = "TG-E001"
    exit_code = 2


class LaneFactoryError(TidegateError):
    """A lane's factory cannot be imported, is not callable, or returns no lane."""

    code = "TG-E002"


class LaneFailedError(TidegateError):
    """A lane raised an error without a code of its own; its type and last frame are said, never its text."""

    code = "TG-E003"


class LaneLostError(TidegateError):
    """A lane's process ended unasked: by a signal, or by an exit of its own."""

    code = "TG-E004"


class LaneSilentError(TidegateError):
    """A lane's process gave no sign of life, or did not open, in its time, and was killed."""

    code = "TG-E005"


class EngineStateError(TidegateError):
    """An engine was asked for what it cannot do in its present state, such as starting twice."""

    code = "TG-E006"
