"""The format of a stored object, version 1; all numbers big-endian.

An object is a header of 1024 bytes and then chunks::

    0     8   magic "TIDEBLOB"
    8     4   version: 1
    12    4   bytes of content in a chunk, C
    16   16   zero
    32  100   key slot A
    132       zero up to 512
    512 100   key slot B
    612       zero up to 1024
    1024      chunks of C + 16 bytes; the last has between 0 and C bytes of content, and 16

A key slot in use::

    0     4   generation, 1 or more; of two slots the higher one counts
    4     8   bytes of content in the whole object
    12   16   id of the master key, ASCII
    28   24   nonce of the wrapping
    52   48   the object's data key, wrapped (see `keys.ring`)

The data key is 32 random bytes made for this object alone. It is wrapped with the first 16 bytes of the header, the
object's name (32 bytes of SHA-256 of the content), the content's size and the generation as context: a header moved to
another name, or with another size, opens nothing. There are two slots so that a key can be wrapped anew in place: the
idle slot is written and made durable before the other is emptied, so at any moment one is whole.

Chunks are AES-256-GCM in the STREAM construction: the nonce of chunk i is i in 11 bytes and one byte that is 1 for the
last chunk and 0 before it; the first 16 bytes of the header are associated data. A chunk that is altered, moved,
repeated or left out does not open, nor does an object cut at the end of a chunk. Empty content is one empty last chunk.
What the format does not hide: the SHA-256 of the content (the name), its size and its time.
"""

import re
import struct
from dataclasses import dataclass

from tidegate.errors import BlobDamagedError, BlobNameError, SealError, UnknownKeyError
from tidegate.server.keys.ring import KeyRing, WrappedKey

HEADER_BYTES = 1024
TAG_BYTES = 16
CHUNK_BYTES = 256 << 10
SLOT_OFFSETS = (32, 512)
_MAGIC = b"TIDEBLOB"
_VERSION = 1
_MOST_CHUNK_BYTES = 16 << 20
_PREFIX = struct.Struct(">8sII")
_SLOT = struct.Struct(">IQ16s24s48s")
_NAME = re.compile(r"[0-9a-f]{64}")
EMPTY_SLOT = bytes(_SLOT.size)


def check_name(sha256: str) -> str:
    """The name itself. Raises BlobNameError unless it is 64 lowercase hexadecimal digits; so it is never a path."""
    if not _NAME.fullmatch(sha256):
        raise BlobNameError(
            "an object's name is the SHA-256 of its content, 64 lowercase hexadecimal digits", where=repr(sha256[:80])
        )
    return sha256


def relative_path(sha256: str) -> str:
    """Where an object lies below the root of its store: `media/ab/cd/<sha256>`."""
    return f"media/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def damaged(sha256: str, what: str) -> BlobDamagedError:
    """The error of an object that is not what its name promises."""
    next_step = "restore this object from a backup of the store, or have the video uploaded again"
    return BlobDamagedError(what, where=f"object {sha256}", next_step=next_step)


def prefix(chunk_bytes: int) -> bytes:
    """The first 16 bytes of a header, which never change: associated data of every chunk."""
    return _PREFIX.pack(_MAGIC, _VERSION, chunk_bytes)


def nonce(index: int, is_last: bool) -> bytes:
    """The nonce of chunk `index` of an object, counted from 0."""
    return index.to_bytes(11, "big") + (b"\x01" if is_last else b"\x00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a header holds, proven: the data key, sizes in bytes, and which slot it came from."""

    sha256: str
    data_key: bytes
    size_bytes: int
    chunk_bytes: int
    key_id: str
    generation: int
    slot: int

    def __repr__(self) -> str:
        return f"Opened(sha256={self.sha256!r}, size_bytes={self.size_bytes}, key_id={self.key_id!r})"

    @property
    def chunks(self) -> int:
        """How many chunks the object has, at least one."""
        return max(1, -(-self.size_bytes // self.chunk_bytes))

    @property
    def stored_bytes(self) -> int:
        """How long the whole object must be."""
        return HEADER_BYTES + self.size_bytes + TAG_BYTES * self.chunks

    def chunk_offset(self, index: int) -> int:
        """Where chunk `index` begins in the object, in bytes."""
        return HEADER_BYTES + index * (self.chunk_bytes + TAG_BYTES)

    def chunk_size(self, index: int) -> int:
        """Bytes of content in chunk `index`."""
        return min(self.chunk_bytes, self.size_bytes - index * self.chunk_bytes)


def sealed_slot(ring: KeyRing, opened: Opened) -> bytes:
    """The key slot for `opened` under the active master key; its `key_id` and `slot` are not looked at."""
    wrapped = ring.wrap(opened.data_key, context=_context(opened))
    key_id = wrapped.key_id.encode("ascii")
    return _SLOT.pack(opened.generation, opened.size_bytes, key_id, wrapped.nonce, wrapped.wrapped)


def header(ring: KeyRing, opened: Opened) -> bytes:
    """The whole header of a new object."""
    content = bytearray(HEADER_BYTES)
    content[: _PREFIX.size] = prefix(opened.chunk_bytes)
    slot = sealed_slot(ring, opened)
    content[SLOT_OFFSETS[0] : SLOT_OFFSETS[0] + len(slot)] = slot
    return bytes(content)


def open_header(content: bytes, sha256: str, ring: KeyRing) -> Opened:
    """Prove a header of this object and open its data key.

    Raises BlobDamagedError, or UnknownKeyError when no slot is under a key that the ring holds.
    """
    if len(content) < HEADER_BYTES:
        raise damaged(sha256, "the object is cut off in its header")
    magic, version, chunk_bytes = _PREFIX.unpack_from(content)
    if magic != _MAGIC or version != _VERSION or not 0 < chunk_bytes <= _MOST_CHUNK_BYTES:
        raise damaged(sha256, "the object has no header of a version that can be read")
    unknown: UnknownKeyError | None = None
    for slot, parts in _slots(content):
        generation, size_bytes, key_id, wrap_nonce, wrapped = parts
        found = Opened(
            sha256=sha256,
            data_key=b"",
            size_bytes=size_bytes,
            chunk_bytes=chunk_bytes,
            key_id=key_id.decode("ascii", errors="replace"),
            generation=generation,
            slot=slot,
        )
        try:
            stored = WrappedKey(key_id=found.key_id, nonce=wrap_nonce, wrapped=wrapped)
            return _with_key(found, ring.unwrap(stored, context=_context(found)))
        except UnknownKeyError as error:
            unknown = error
        except SealError:
            continue
    if unknown is not None:
        raise UnknownKeyError(unknown.what, where=f"object {sha256}, {unknown.where}", next_step=unknown.next_step)
    raise damaged(sha256, "the object's header was altered, or belongs to another object")


def key_ids(content: bytes) -> tuple[str, ...]:
    """Ids of the master keys that a header names, without proof; none if it is no header."""
    if len(content) < HEADER_BYTES:
        return ()
    return tuple(parts[2].decode("ascii", errors="replace") for _, parts in _slots(content))


def _slots(content: bytes) -> list[tuple[int, tuple[int, int, bytes, bytes, bytes]]]:
    """The slots in use, the highest generation first."""
    found = [(slot, _SLOT.unpack_from(content, offset)) for slot, offset in enumerate(SLOT_OFFSETS)]
    return sorted(((slot, parts) for slot, parts in found if parts[0] > 0), key=lambda one: -one[1][0])


def _context(opened: Opened) -> bytes:
    name = bytes.fromhex(opened.sha256)
    return prefix(opened.chunk_bytes) + name + struct.pack(">QI", opened.size_bytes, opened.generation)


def _with_key(found: Opened, data_key: bytes) -> Opened:
    return Opened(
        sha256=found.sha256,
        data_key=data_key,
        size_bytes=found.size_bytes,
        chunk_bytes=found.chunk_bytes,
        key_id=found.key_id,
        generation=found.generation,
        slot=found.slot,
    )
