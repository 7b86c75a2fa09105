"""The one call that fetches a reference, whatever kind it is."""

import time

from tidegate.errors import RefusedReferenceError
from tidegate.server.intake.fetching.receiving import Clock, Deadline, Sink, SinkFault
from tidegate.server.intake.fetching.record import Fetched
from tidegate.server.intake.fetching.references import scheme_of, shown
from tidegate.server.intake.fetching.resolving import Resolver, system_resolver
from tidegate.server.intake.fetching.rules import FetchRules
from tidegate.server.intake.fetching.stores import fetch_from_folder, fetch_from_store
from tidegate.server.intake.fetching.web import fetch_from_web


def fetch(
    reference: str,
    sink: Sink,
    rules: FetchRules,
    *,
    resolver: Resolver = system_resolver,
    clock: Clock = time.monotonic,
) -> Fetched:
    """Stream the bytes behind a reference into a sink, as far as the rules let it.

    Blocks for at most about `rules.total_s`; holds under 1 MiB for the web and one block of 4 MiB for stores. The
    sink gets pieces of about 256 KiB; its own errors pass through, and on any error its caller discards it.
    Raises RefusedReferenceError, RefusedAddressError, RefusedResponseError, ReferenceGoneError, UploadTooLargeError and
    EmptyUploadError, which stay true when tried again, and FetchFailedError, which may not (`is_transient`). None
    of them repeats a query, which in signed addresses is a secret.
    """
    try:
        return _fetch(reference, sink, rules, resolver, Deadline(rules.total_s, shown(reference), clock))
    except SinkFault as fault:
        raise fault.cause from None


def _fetch(reference: str, sink: Sink, rules: FetchRules, resolver: Resolver, deadline: Deadline) -> Fetched:
    scheme = scheme_of(reference)
    if scheme in ("http", "https"):
        return fetch_from_web(reference, sink, rules, resolver, deadline)
    if scheme == "file" and rules.folders:
        return fetch_from_folder(reference, sink, rules, deadline)
    if store := rules.store(scheme):
        return fetch_from_store(reference, sink, rules, store, deadline)
    raise RefusedReferenceError(
        f"references by `{scheme}` are not fetched here",
        where=shown(reference),
        next_step="give an https address, or upload the bytes instead",
    )
