"""Errors of the Python client: TG-N."""

from tidegate.errors.base import TidegateError


class TidegateApiError(TidegateError):
    """A server answered a call with a problem; code, what, where and next step are the server's own words.

    `status` is the HTTP status, 0 inside a batch that names none; `retry_after_s` is None where the server names none.
    """

    code = "TG-N001"

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        next_step: str = "",
        code: str = "",
        status: int = 0,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(what, where=where, next_step=next_step)
        self.status = status
        self.retry_after_s = retry_after_s
        if code:
            vars(self)["code"] = code

    def __reduce__(self) -> tuple[object, ...]:
        parts = (self.what, self.where, self.next_step, self.code, self.status, self.retry_after_s)
        return (_rebuild_api_error, parts)


def _rebuild_api_error(
    what: str, where: str, next_step: str, code: str, status: int, retry_after_s: float | None
) -> TidegateApiError:
    return TidegateApiError(
        what, where=where, next_step=next_step, code=code, status=status, retry_after_s=retry_after_s
    )


class ServerUnreachableError(TidegateError):
    """No answer came from the server, or the connection broke, and trying again did not help or was not safe."""

    code = "TG-N002"


class UnexpectedAnswerError(TidegateError):
    """What answered does not speak this API: no JSON, another shape, a redirect."""

    code = "TG-N003"


class NotDecidedInTimeError(TidegateError):
    """An upload was not decided within the time that the caller was ready to wait; it stays held."""

    code = "TG-N004"


class WebhookSignatureError(TidegateError):
    """A webhook is not signed with the secret, or not now; nothing of it may be believed."""

    code = "TG-N005"
