"""The HTTP status that an error has in the shapes of other vendors."""

from tidegate.errors import TidegateError
from tidegate.server import problems

BAD_REQUEST = 400
_UNPROCESSABLE = 422


def status_of(error: TidegateError) -> int:
    """The status that the error has everywhere here, but 400 where that is 422: those APIs know no other."""
    status = problems.status_of(error)
    return BAD_REQUEST if status == _UNPROCESSABLE else status
