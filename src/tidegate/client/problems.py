"""Reads the problems that a server answers with (RFC 9457)."""

import math
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from tidegate.client.calls import Answer
from tidegate.errors import TidegateApiError, UnexpectedAnswerError

_MOST_WORDS = 500


def problem_of(body: Mapping[str, Any], *, status: int = 0, retry_after_s: float | None = None) -> TidegateApiError:
    """The error of one problem document; what it leaves out stays empty."""
    what = _text(body, "detail") or _text(body, "title") or f"the server answered with status {status}"
    stated = body.get("status")
    return TidegateApiError(
        what,
        where=_text(body, "where"),
        next_step=_text(body, "next_step"),
        code=_text(body, "code"),
        status=status or (stated if isinstance(stated, int) else 0),
        retry_after_s=retry_after_s,
    )


def problem_in(answer: Answer, *, now_s: float | None = None) -> TidegateApiError:
    """The error that an answer of status 400 or above is, a proxy's page without a problem document included."""
    try:
        body = answer.json()
    except UnexpectedAnswerError:
        body = None
    known = body if isinstance(body, Mapping) else {}
    return problem_of(known, status=answer.status, retry_after_s=retry_after_s(answer.headers, now_s=now_s))


def retry_after_s(headers: Mapping[str, str], *, now_s: float | None = None) -> float | None:
    """Seconds that `Retry-After` asks to wait (RFC 9110, 10.2.3: a number or a date); None without a readable one."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - (time.time() if now_s is None else now_s)
        except ValueError:
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    return value[:_MOST_WORDS] if isinstance(value, str) else ""
