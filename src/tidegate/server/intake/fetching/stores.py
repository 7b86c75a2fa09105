"""Fetching from object stores by fsspec, and from folders of this machine that the rules name."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from tidegate.errors import (
    FetchFailedError,
    MissingDependencyError,
    ReferenceGoneError,
    RefusedReferenceError,
    TidegateError,
)
from tidegate.server.intake.fetching.receiving import Deadline, Receipt, Sink, SinkFault
from tidegate.server.intake.fetching.record import Fetched
from tidegate.server.intake.fetching.references import scheme_of, shown
from tidegate.server.intake.fetching.rules import FetchRules, StoreRules

_BLOCK_BYTES = 4 * 1024 * 1024


def fetch_from_store(reference: str, sink: Sink, rules: FetchRules, store: StoreRules, deadline: Deadline) -> Fetched:
    """Fetch `scheme://bucket/key` into a sink; see `fetch` for what it raises. Holds one block of 4 MiB."""
    where = shown(reference)
    path = _path(reference, store)
    receipt = Receipt(sink, rules.max_bytes, where)
    with _failures_named(where):
        files = _open_store(store, rules, where)
        facts = files.info(path)
        if facts.get("type") != "file" or not isinstance(facts.get("size"), int):
            raise ReferenceGoneError("the store holds no such object", where=where, next_step="check bucket and key")
        receipt.expect(facts["size"])
        with files.open(path, "rb", block_size=_BLOCK_BYTES, cache_type="none") as stream:
            _copy(stream.read, receipt, deadline)
    kind = str(facts.get("ContentType") or facts.get("contentType") or "").partition(";")[0].strip().lower()[:100]
    return _fetched(receipt, facts["size"], kind, where)


def fetch_from_folder(reference: str, sink: Sink, rules: FetchRules, deadline: Deadline) -> Fetched:
    """Fetch `file:///path` into a sink if it lies under an allowed folder, whatever links say."""
    scheme_of(reference)
    where = shown(reference)
    path = unquote(reference.partition("://")[2])
    if not path.startswith("/") or "\0" in path or not _is_inside(path, rules):
        raise _outside(where)
    receipt = Receipt(sink, rules.max_bytes, where)
    with _failures_named(where):
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        with os.fdopen(handle, "rb", buffering=0) as stream:
            # The path is asked again of the open file: between check and opening a link may have been put there.
            if not _is_inside(f"/proc/self/fd/{handle}", rules):
                raise _outside(where)
            facts = os.fstat(handle)
            if not stat.S_ISREG(facts.st_mode):
                raise ReferenceGoneError("the path is no plain file", where=where, next_step="give a file")
            receipt.expect(facts.st_size)
            _copy(stream.read, receipt, deadline)
    return _fetched(receipt, facts.st_size, "", where)


def _path(reference: str, store: StoreRules) -> str:
    """Bucket and key of a reference. Raises RefusedReferenceError for other buckets and for keys that climb."""
    scheme_of(reference)
    bucket, _, key = reference.partition("://")[2].partition("/")
    where = shown(reference)
    if bucket not in store.buckets:
        raise RefusedReferenceError(
            "the bucket is not among those that are read", where=where, next_step="have the bucket listed"
        )
    if not key or "::" in key or {".", ".."} & set(key.split("/")):
        raise RefusedReferenceError(
            "the key of the object is empty or climbs out of its bucket", where=where, next_step="give a plain key"
        )
    return f"{bucket}/{key}"


def _open_store(store: StoreRules, rules: FetchRules, where: str) -> Any:  # noqa: ANN401 - fsspec has no types
    import fsspec

    options = dict(store.options)
    if store.scheme in ("s3", "s3a"):
        waits = {"connect_timeout": rules.connect_s, "read_timeout": rules.read_s}
        options["config_kwargs"] = {**waits, **options.get("config_kwargs", {})}
    try:
        return fsspec.filesystem(store.scheme, **options)
    except ImportError as error:
        raise MissingDependencyError(
            f"the driver for `{store.scheme}` is not installed",
            where=where,
            next_step=f"install the fsspec driver for {store.scheme}, for s3: pip install 'tidegate[s3]'",
        ) from error


def _copy(read: Callable[[int], bytes | None], receipt: Receipt, deadline: Deadline) -> None:
    while data := read(_BLOCK_BYTES):
        deadline.left_s(1.0)
        receipt.take(data)


def _fetched(receipt: Receipt, size_bytes: int, content_type: str, where: str) -> Fetched:
    return Fetched(
        sha256=receipt.finish(size_bytes), size_bytes=receipt.size_bytes, content_type=content_type, final_url=where
    )


def _is_inside(path: str, rules: FetchRules) -> bool:
    real = os.path.realpath(path)
    return any(os.path.commonpath((real, folder)) == folder for folder in map(os.path.realpath, rules.folders))


def _outside(where: str) -> RefusedReferenceError:
    return RefusedReferenceError(
        "files of this machine are not fetched from there", where=where, next_step="have the folder listed"
    )


@contextmanager
def _failures_named(where: str) -> Iterator[None]:
    """Whatever a store's driver raises, as an error of ours: drivers raise what they like."""
    try:
        yield
    except (TidegateError, SinkFault):
        raise
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise ReferenceGoneError("there is no such object", where=where, next_step="check bucket and key") from error
    except PermissionError as error:
        raise ReferenceGoneError(
            "the store does not let us read the object", where=where, next_step="check the store's keys and grants"
        ) from error
    except Exception as error:
        raise FetchFailedError(
            f"the store failed: {type(error).__name__}", where=where, next_step="it is tried again later"
        ) from error
