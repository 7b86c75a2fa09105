"""What both clients do with httpx in the same way: addresses, headers, time limits, and what its errors mean."""

import importlib
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from tidegate.client.calls import Answer, Failure, Request
from tidegate.errors import MissingDependencyError, UsageError

USER_AGENT = "tidegate-client"
CONNECT_S = 10.0
STREAM_SILENCE_S = 60.0
"""A stream from which nothing came for so long, not even the server's sign of life, is connected again."""


class Wire:
    """Where the server is, who asks, and how long an answer may take. Raises UsageError, MissingDependencyError."""

    def __init__(self, url: str, key: str, timeout_s: float) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise UsageError(
                "this is no address of a server", where="url", next_step="pass https://host or http://host"
            )
        if not (key.isascii() and key.isprintable() and key and " " not in key):
            raise UsageError("this is no API key", where="key", next_step="pass the key as it was shown, `tg_…`")
        self.httpx = load_httpx()
        self._url = url.rstrip("/")
        self._key = key
        self._timeout_s = timeout_s

    def __repr__(self) -> str:
        return f"<{self._url}>"

    def options(self, request: Request, *, is_stream: bool = False) -> dict[str, Any]:
        """The keyword arguments that `build_request` of httpx takes, all but a streaming body."""
        headers = {"authorization": f"Bearer {self._key}", "user-agent": USER_AGENT, "accept": "application/json"}
        headers |= dict(request.headers)
        if request.content is not None and request.content.size_bytes is not None:
            headers["content-length"] = str(request.content.size_bytes)
        answer_s = STREAM_SILENCE_S if is_stream else self._timeout_s + request.extra_s
        return {
            "method": request.method,
            "url": self._url + request.path,
            "params": list(request.query) or None,
            "headers": headers,
            "content": request.body,
            "timeout": self.httpx.Timeout(self._timeout_s, connect=CONNECT_S, read=answer_s),
        }

    def failure(self, error: Exception) -> Failure:
        """What an error of httpx means; its own words may hold addresses and are not kept."""
        unsent = (self.httpx.ConnectError, self.httpx.ConnectTimeout, self.httpx.PoolTimeout)
        if isinstance(error, unsent):
            return Failure(what="no connection to the server was made", was_sent=False)
        if isinstance(error, self.httpx.TimeoutException):
            return Failure(what="the server did not answer in time", was_sent=True)
        return Failure(what="the connection to the server broke", was_sent=True)


def answer_of(response: Any) -> Answer:  # noqa: ANN401 - httpx's response, which is not imported here
    """A response that was read whole."""
    return Answer(
        status=response.status_code,
        headers={name.lower(): value for name, value in response.headers.items()},
        body=response.content,
    )


def load_httpx() -> ModuleType:
    """The package, imported at the first client and not before. Raises MissingDependencyError."""
    try:
        return importlib.import_module("httpx")
    except ImportError as error:
        raise MissingDependencyError(
            "the client needs the package httpx", where="tidegate.client", next_step="pip install 'tidegate[client]'"
        ) from error
