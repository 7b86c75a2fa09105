"""Digest headers: what a sender says its bytes hash to, checked when the last one is there.

`Content-Digest` and `Repr-Digest` (RFC 9530), `Digest` (RFC 3230) and `Content-MD5` (RFC 1864), with SHA-256, SHA-512
and MD5. Other algorithms are passed over, as those documents ask.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator, Sequence

from tidegate.errors import DigestMismatchError, MalformedBodyError

RawHeaders = Sequence[tuple[bytes, bytes]]
_LISTS = (b"content-digest", b"repr-digest", b"digest")
_SIZES_BYTES = {"sha-256": 32, "sha-512": 64, "md5": 16}


class Digests:
    """The digests that headers promise, and the hashes that run along. Without such a header it costs nothing."""

    def __init__(self, headers: RawHeaders, where: str) -> None:
        self._where = where
        self._promised = tuple(self._read(headers))
        self._running = {
            name: hashlib.new(name.replace("sha-", "sha"), usedforsecurity=False) for name, _ in self._promised
        }

    def update(self, data: bytes | memoryview) -> None:
        """Take the next bytes."""
        for running in self._running.values():
            running.update(data)

    def check(self) -> None:
        """Raises DigestMismatchError unless the bytes taken are those promised."""
        for name, promised in self._promised:
            if not hmac.compare_digest(self._running[name].digest(), promised):
                raise DigestMismatchError(
                    f"the bytes that arrived have another {name} than their header says",
                    where=self._where,
                    next_step="send it again; if it stays so, hash the bytes as they are sent",
                )

    def _read(self, headers: RawHeaders) -> Iterator[tuple[str, bytes]]:
        for key, value in headers:
            if key.lower() == b"content-md5":
                yield "md5", self._decoded("md5", value)
            elif key.lower() in _LISTS:
                for item in value.split(b","):
                    name, _, text = item.strip().partition(b"=")
                    algorithm = name.decode("latin-1").lower()
                    if algorithm in _SIZES_BYTES:
                        yield algorithm, self._decoded(algorithm, text.partition(b";")[0].strip().strip(b":"))

    def _decoded(self, algorithm: str, text: bytes) -> bytes:
        try:
            digest = base64.b64decode(text.strip(), validate=True)
        except (binascii.Error, ValueError):
            digest = b""
        if len(digest) != _SIZES_BYTES[algorithm]:
            raise MalformedBodyError(
                f"a digest header holds no {algorithm} in base64",
                where=self._where,
                next_step="write it like Content-Digest: sha-256=:<base64>:",
            )
        return digest
