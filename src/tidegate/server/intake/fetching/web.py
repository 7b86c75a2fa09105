"""Fetching from the web: one hop at a time, each checked like the first, none of it decoded."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpcore

from tidegate.errors import (
    FetchFailedError,
    ReferenceGoneError,
    RefusedReferenceError,
    RefusedResponseError,
)
from tidegate.server.intake.fetching.exchanging import Exchange, ExchangeFault, exchange
from tidegate.server.intake.fetching.receiving import Deadline, Receipt, Sink
from tidegate.server.intake.fetching.record import Fetched
from tidegate.server.intake.fetching.references import WebReference, follow, read_web, scheme_of, shown
from tidegate.server.intake.fetching.resolving import Resolver, checked_addresses
from tidegate.server.intake.fetching.rules import FetchRules

_REDIRECTS = (301, 302, 303, 307, 308)
_LATER = (408, 423, 425, 429)
_HEADERS = ((b"Accept", b"*/*"), (b"Accept-Encoding", b"identity"), (b"User-Agent", b"tidegate"))


def fetch_from_web(reference: str, sink: Sink, rules: FetchRules, resolver: Resolver, deadline: Deadline) -> Fetched:
    """Fetch an `http` or `https` address into a sink; see `fetch` for what it raises."""
    _check_scheme(scheme_of(reference), rules, shown(reference))
    here, visited = read_web(reference), set[str]()
    for _ in range(rules.max_redirects + 1):
        if here.text in visited:
            raise _refused_response("the redirects go in a circle", here)
        visited.add(here.text)
        with _answer(here, rules, resolver, deadline) as response:
            if response.status not in _REDIRECTS:
                return _receive(response, here, Receipt(sink, rules.max_bytes, here.shown))
            there = _next_hop(response, here, rules)
        here = there
    raise _refused_response(f"there are more than {rules.max_redirects} redirects", here)


@contextmanager
def _answer(
    here: WebReference, rules: FetchRules, resolver: Resolver, deadline: Deadline
) -> Iterator[httpcore.Response]:
    """The head of one hop's answer from a checked, pinned address; its failures as errors of ours."""
    _check_rules(here, rules)
    addresses = checked_addresses(
        here.host, rules.allowed_networks, resolver, timeout_s=deadline.left_s(rules.connect_s), where=here.shown
    )
    what = Exchange(
        method="GET", headers=_HEADERS, connect_s=rules.connect_s, silent_s=rules.read_s, ca_file=rules.ca_file
    )
    try:
        with exchange(what, here, addresses, deadline) as response:
            yield response
    except ExchangeFault as fault:
        raise FetchFailedError(
            f"the fetch did not come to its end: {fault.why}", where=here.shown, next_step="it is tried again later"
        ) from fault


def _check_scheme(scheme: str, rules: FetchRules, where: str) -> None:
    if scheme not in rules.schemes:
        allowed = " or ".join(sorted(rules.schemes)) or "another scheme"
        raise RefusedReferenceError(
            f"references by `{scheme}` are not fetched here", where=where, next_step=f"give an address by {allowed}"
        )


def _check_rules(here: WebReference, rules: FetchRules) -> None:
    _check_scheme(here.scheme, rules, here.shown)
    if here.port not in rules.ports:
        raise RefusedReferenceError(
            f"port {here.port} is not fetched from", where=here.shown, next_step="serve the file on an allowed port"
        )
    if not rules.is_host_allowed(here.host):
        raise RefusedReferenceError(
            "the host is not among those that are fetched from",
            where=here.shown,
            next_step="upload the bytes instead, or have the host listed",
        )


def _next_hop(response: httpcore.Response, here: WebReference, rules: FetchRules) -> WebReference:
    locations = _values(response, b"location")
    if len(locations) != 1:
        raise _refused_response("a redirect names no place to go, or several", here)
    there = follow(here, locations[0])
    if here.scheme == "https" and there.scheme == "http" and not rules.is_downgrade_allowed:
        raise _refused_response("a redirect leads from https to http", here)
    return there


def _receive(response: httpcore.Response, here: WebReference, receipt: Receipt) -> Fetched:
    """The body of a last hop, streamed into the sink."""
    _check_status(response.status, here)
    for coding in _values(response, b"content-encoding"):
        if coding.strip().lower() not in (b"", b"identity"):
            raise _refused_response("the bytes are compressed, though plain ones were asked for", here)
    lengths = _values(response, b"content-length")
    size_bytes = int(lengths[0]) if lengths and lengths[0].isdigit() else None
    if size_bytes is not None:
        receipt.expect(size_bytes)
    elif b"chunked" not in b",".join(_values(response, b"transfer-encoding")).lower():
        # An end that is only the end of the connection cannot be told from a fault; the rest would go unscreened.
        raise _refused_response("the answer says neither how long it is nor where it ends", here)
    for piece in response.iter_stream():
        receipt.take(piece)
    kinds = _values(response, b"content-type")
    return Fetched(
        sha256=receipt.finish(size_bytes),
        size_bytes=receipt.size_bytes,
        content_type=kinds[0].decode("latin-1").partition(";")[0].strip().lower()[:100] if kinds else "",
        final_url=here.shown,
    )


def _check_status(status: int, here: WebReference) -> None:
    if status in _LATER or status >= 500:
        raise FetchFailedError(
            f"the server answered with status {status}", where=here.shown, next_step="it is tried again later"
        )
    if status >= 400:
        raise ReferenceGoneError(
            f"the server answered with status {status}",
            where=here.shown,
            next_step="check that the address is right and has not expired, and submit it again",
        )
    if status != 200:
        raise _refused_response(f"the server answered with status {status} instead of the whole file", here)


def _values(response: httpcore.Response, name: bytes) -> list[bytes]:
    return [value for key, value in response.headers if key.lower() == name]


def _refused_response(what: str, here: WebReference) -> RefusedResponseError:
    return RefusedResponseError(what, where=here.shown, next_step="give the address of the plain file itself")
