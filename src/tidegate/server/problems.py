"""Errors over HTTP as RFC 9457 problem documents: one table says which status each has."""

import json
import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING

from tidegate import errors
from tidegate.errors import TidegateError

if TYPE_CHECKING:
    from django.http import HttpResponse

LOG = logging.getLogger("tidegate.server")
CONTENT_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:tidegate:error:"
"""`type` is this and the code: a name, not an address, so that it is the same on every server."""

STATUS: Mapping[type[TidegateError], int] = MappingProxyType(
    {
        errors.BodyTooSlowError: 408,
        errors.BodyCutShortError: 400,
        errors.BodyPartsError: 422,
        errors.BodyTypeError: 415,
        errors.MalformedBodyError: 400,
        errors.DigestMismatchError: 422,
        errors.EmptyUploadError: 422,
        errors.UploadTooLargeError: 413,
        errors.RefusedReferenceError: 422,
        errors.RefusedAddressError: 422,
        errors.RefusedResponseError: 422,
        errors.ReferenceGoneError: 422,
        errors.FetchFailedError: 503,
        errors.UploadFieldError: 422,
        errors.IdempotencyClashError: 409,
        errors.BusyError: 429,
        errors.NotFoundError: 404,
        errors.RequestFormError: 422,
        errors.ListenersFullError: 503,
        errors.PrecheckBusyError: 429,
        errors.PrecheckUnavailableError: 503,
        errors.DatabaseDownError: 503,
        errors.CaseClosedError: 409,
        errors.RulingError: 422,
        errors.UndoTooLateError: 409,
        errors.KeyMissingError: 401,
        errors.KeyUnknownError: 401,
        errors.KeyExpiredError: 401,
        errors.KeyRevokedError: 401,
        errors.AccessError: 403,
        errors.AccountRequestError: 422,
        errors.LastAdminError: 409,
        errors.FirstLinkError: 404,
        errors.EndpointUrlError: 422,
        errors.EndpointKindsError: 422,
        errors.EndpointPausedError: 409,
        errors.EndpointUnknownError: 404,
        errors.DeliveryUnknownError: 404,
        errors.ReplayError: 409,
        errors.NotStandingError: 409,
        errors.StillHeldBackError: 409,
        errors.BlobSpaceError: 503,
        errors.BlobStoreError: 503,
        errors.BlobMissingError: 410,
        errors.BlobNameError: 404,
        errors.TextRequestError: 422,
        errors.TextsTooLargeError: 413,
        errors.TextsBusyError: 429,
        errors.TextsUnavailableError: 503,
    }
)
"""Error -> status; a class that is not here has the status of its nearest base, and 500 without one."""

RETRY_AFTER_S = 5.0
"""What 429 and 503 ask for where the error says nothing."""
_NO_ROUTE: Mapping[int, str] = MappingProxyType(
    {400: "the request cannot be read", 404: "there is nothing at this address", 405: "not this method here"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """An error as an answer: its status, its JSON object, and headers beside the content type."""

    status: int
    body: Mapping[str, object]
    headers: Mapping[str, str] = field(default_factory=dict)


def status_of(error: BaseException) -> int:
    """The status of an error, by its class or the nearest base that has one."""
    return next((STATUS[base] for base in type(error).__mro__ if base in STATUS), 500)


def problem_of(error: BaseException) -> Problem:
    """The problem document of an error; one nobody foresaw says its class to the log and nothing to the caller."""
    if not isinstance(error, TidegateError):
        LOG.error("request.failed error=%s", type(error).__name__, exc_info=error)
        error = TidegateError("something here went wrong; it was noted", next_step="try again, with the same key")
    status = status_of(error)
    headers: dict[str, str] = {}
    if status in (429, 503):
        headers["Retry-After"] = str(math.ceil(getattr(error, "retry_after_s", None) or RETRY_AFTER_S))
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="tidegate"'
    body: dict[str, object] = {
        "type": f"{TYPE_PREFIX}{error.code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": error.what,
        "code": error.code,
        "where": error.where,
        "next_step": error.next_step,
    }
    return Problem(status=status, body=body, headers=headers)


def plain_problem(status: int, *, where: str = "", next_step: str = "", allow: str = "") -> Problem:
    """The problem of a request that met no route or no method: it has no error of ours, its code is the status."""
    body: dict[str, object] = {
        "type": f"{TYPE_PREFIX}HTTP-{status}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": _NO_ROUTE.get(status, HTTPStatus(status).phrase),
        "code": f"HTTP-{status}",
        "where": where,
        "next_step": next_step,
    }
    return Problem(status=status, body=body, headers={"Allow": allow} if allow else {})


def problem_response(error: BaseException) -> "HttpResponse":
    """The problem as Django answers it."""
    return as_response(problem_of(error))


def as_response(problem: Problem) -> "HttpResponse":
    """A problem as Django's response."""
    from django.http import HttpResponse

    body = json.dumps(problem.body)
    return HttpResponse(body, status=problem.status, content_type=CONTENT_TYPE, headers=dict(problem.headers))


def problem_bytes(error: BaseException) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """The problem as an ASGI application answers it: status, headers, body."""
    problem = problem_of(error)
    headers = [(b"content-type", CONTENT_TYPE.encode())]
    headers += [(name.lower().encode(), value.encode("latin-1")) for name, value in problem.headers.items()]
    return problem.status, headers, json.dumps(problem.body).encode()
