"""One signed POST to one endpoint, once: what comes back is a status or a coded reason, never words of the receiver."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import httpcore
from standardwebhooks import Webhook

from tidegate.errors import (
    DeliveryFailedError,
    DeliveryRejectedError,
    FetchFailedError,
    TidegateError,
)
from tidegate.server.enforcement.retrying import retry_after_s
from tidegate.server.enforcement.targets import SendRules, addresses_of
from tidegate.server.intake.fetching.exchanging import Exchange, ExchangeFault, exchange
from tidegate.server.intake.fetching.receiving import Deadline
from tidegate.server.intake.fetching.references import WebReference, read_web

_GONE = 410
_ASKS_FOR_PATIENCE = (429, 503)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What is sent: the stored text of the event, byte for byte, under its key. `secret` is a plain `whsec_...`."""

    url: str
    secret: str
    event_id: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: a status if one did, and why it does not count as delivered; `why` is empty when it does.

    `asked_s` is how long the receiver asked to be left alone. `is_gone` is its wish to be left alone for good.
    """

    status: int | None = None
    why: str = ""
    asked_s: float = 0.0
    is_gone: bool = False

    @property
    def is_delivered(self) -> bool:
        """Whether the receiver took it."""
        return not self.why


def send(post: Post, rules: SendRules) -> Answer:
    """Send once and wait for the whole answer, at most `rules.total_s`. Raises nothing: every failure is an answer."""
    try:
        target = read_web(post.url)
        deadline = Deadline(rules.total_s, target.shown)
        with _answer(post, target, rules, deadline) as response:
            answer = _judged(response)
            if answer.is_delivered:
                _read_some(response, rules.most_answer_bytes)
            return answer
    except FetchFailedError:
        return _failed(DeliveryFailedError(f"no answer within {rules.total_s:g} s"))
    except TidegateError as error:
        return _failed(error)
    except Exception as error:  # noqa: BLE001 - one endpoint's fault must not end the lane; its words are not kept
        return _failed(DeliveryFailedError(f"sending raised {type(error).__name__}"))


@contextmanager
def _answer(post: Post, target: WebReference, rules: SendRules, deadline: Deadline) -> Iterator[httpcore.Response]:
    addresses = addresses_of(target, rules, timeout_s=deadline.left_s(rules.connect_s))
    content = post.body.encode("utf-8")
    what = Exchange(
        method="POST",
        headers=_headers(post, content),
        content=content,
        connect_s=rules.connect_s,
        silent_s=rules.total_s,
        ca_file=rules.ca_file,
    )
    try:
        with exchange(what, target, addresses, deadline) as response:
            yield response
    except ExchangeFault as fault:
        raise DeliveryFailedError(fault.why) from fault


def _headers(post: Post, content: bytes) -> list[tuple[bytes, bytes]]:
    """The headers of the standard-webhooks scheme; the signature is over key, moment and the bytes that are sent."""
    moment = datetime.fromtimestamp(int(time.time()), UTC)
    signature = Webhook(post.secret).sign(post.event_id, moment, post.body)
    return [
        (b"Content-Type", b"application/json"),
        (b"Content-Length", str(len(content)).encode("ascii")),
        (b"Accept-Encoding", b"identity"),
        (b"User-Agent", b"tidegate"),
        (b"webhook-id", post.event_id.encode("ascii")),
        (b"webhook-timestamp", str(int(moment.timestamp())).encode("ascii")),
        (b"webhook-signature", signature.encode("ascii")),
    ]


def _judged(response: httpcore.Response) -> Answer:
    status = response.status
    if 200 <= status < 300:
        return Answer(status=status)
    asked = next((value for key, value in response.headers if key.lower() == b"retry-after"), b"")
    asked_s = retry_after_s(asked.decode("latin-1"), now_s=time.time()) if status in _ASKS_FOR_PATIENCE else 0.0
    what = f"the endpoint answered with status {status}"
    if 300 <= status < 400:
        what = f"the endpoint answered with a redirect, status {status}, which is not followed"
    why = _coded(DeliveryRejectedError(what))
    return Answer(status=status, why=why, asked_s=asked_s, is_gone=status == _GONE)


def _read_some(response: httpcore.Response, most_bytes: int) -> None:
    """Read the answer to its end, so that one that is cut off does not count; what is beyond the cap is left unread."""
    count = 0
    for piece in response.iter_stream():
        count += len(piece)
        if count > most_bytes:
            return


def _failed(error: TidegateError) -> Answer:
    return Answer(why=_coded(error))


def _coded(error: TidegateError) -> str:
    return f"{error.code} {error.what}"
