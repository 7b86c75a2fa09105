"""Reading one object: seekable, decrypting only the chunks that are asked for, handing out nothing unproven."""

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tidegate.errors import UsageError
from tidegate.server.blobs import layout
from tidegate.server.blobs.layout import Opened
from tidegate.server.blobs.place import Place, Stored
from tidegate.server.keys.ring import KeyRing

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


def opened_header(stored: Stored, sha256: str, ring: KeyRing) -> Opened:
    """The proven header of an object whose length is right. Raises BlobDamagedError, UnknownKeyError."""
    content = bytearray(layout.HEADER_BYTES)
    count = stored.read_into(0, memoryview(content))
    opened = layout.open_header(bytes(content[:count]), sha256, ring)
    if stored.size_bytes != opened.stored_bytes:
        what = f"the object has {stored.size_bytes} bytes where {opened.stored_bytes} belong"
        raise layout.damaged(sha256, what)
    return opened


class BlobReader(io.RawIOBase):
    """The content of one object as a seekable binary file. Not for use from two threads at once.

    Every byte handed out was proven by its chunk's tag; a bad chunk raises BlobDamagedError. Memory: one chunk in
    plain, and as much encrypted as the place reads ahead.
    """

    def __init__(self, place: Place, sha256: str, ring: KeyRing) -> None:
        super().__init__()
        self._place, self._sha256, self._ring = place, sha256, ring
        self._position = 0
        self._plain_index = -1
        self._fetched_from, self._fetched_to = 0, 0
        self._fetched = memoryview(b"")
        self._chunks_ahead = 1
        self._stored = place.open(sha256)
        try:
            self._use(opened_header(self._stored, sha256, ring))
        except BaseException:
            self._stored.close()
            raise

    def _use(self, opened: Opened) -> None:
        self._opened = opened
        self._cipher = AESGCM(opened.data_key)
        self._prefix = layout.prefix(opened.chunk_bytes)
        self._plain = memoryview(bytearray(min(opened.chunk_bytes, opened.size_bytes)))

    @property
    def size_bytes(self) -> int:
        """Bytes of content, proven by the header."""
        return self._opened.size_bytes

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """The position in bytes."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; beyond the end is allowed and reads nothing. Raises UsageError before the beginning. Free of cost."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size_bytes}
        if whence not in base or base[whence] + offset < 0:
            raise UsageError(f"cannot seek to {offset} from {whence}", where=f"object {self._sha256}")
        self._position = base[whence] + offset
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        """Up to `size` bytes, fewer only at the end; all that is left when negative. Raises BlobDamagedError."""
        end = self.size_bytes if size is None or size < 0 else self._position + size
        return b"".join(bytes(piece) for piece in self.pieces(end))

    def readall(self) -> bytes:
        """All that is left. Raises BlobDamagedError."""
        return self.read(-1)

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill a buffer, fewer bytes only at the end. Raises BlobDamagedError."""
        target, done = memoryview(buffer).cast("B"), 0
        for piece in self.pieces(self._position + len(target)):
            target[done : done + len(piece)] = piece
            done += len(piece)
        return done

    def pieces(self, end: int) -> Iterator[memoryview]:
        """The content from here to `end` without copies: each piece holds until the next is asked for."""
        while self._position < min(end, self.size_bytes):
            index, offset = divmod(self._position, self._opened.chunk_bytes)
            piece = self._chunk(index)[offset : offset + end - self._position]
            self._position += len(piece)
            yield piece

    def check_empty(self) -> None:
        """Prove the one chunk of an empty object, which no read touches. Raises BlobDamagedError."""
        if not self.size_bytes:
            self._chunk(0)

    def close(self) -> None:
        """Let go of the object; more than once is harmless."""
        if not self.closed and hasattr(self, "_stored"):
            self._stored.close()
        super().close()

    def _chunk(self, index: int) -> memoryview:
        if self.closed:
            raise UsageError("this object is closed", where=f"object {self._sha256}")
        plain = self._plain[: self._opened.chunk_size(index)]
        if index == self._plain_index:
            return plain
        self._plain_index = -1
        if not self._is_opened(index, plain):
            plain = self._chunk_of_replaced(index)
        self._plain_index = index
        return plain

    def _is_opened(self, index: int, plain: memoryview) -> bool:
        """Decrypt one chunk into `plain`; whether it proved right."""
        sealed = self._sealed(index)
        if len(sealed) != len(plain) + layout.TAG_BYTES:
            return False
        is_last = index == self._opened.chunks - 1
        try:
            self._cipher.decrypt_into(layout.nonce(index, is_last), sealed, self._prefix, plain)
        except InvalidTag:
            return False
        return True

    def _chunk_of_replaced(self, index: int) -> memoryview:
        """The chunk again where another writer put the same content anew since we opened it, under another data key."""
        fresh = self._place.open(self._sha256)
        self._stored.close()
        self._stored = fresh
        before, self._fetched_to = self._opened.data_key, 0
        self._use(opened_header(fresh, self._sha256, self._ring))
        plain = self._plain[: self._opened.chunk_size(index)]
        if self._opened.data_key == before or not self._is_opened(index, plain):
            raise layout.damaged(self._sha256, f"chunk {index} was altered, moved or cut off")
        return plain

    def _sealed(self, index: int) -> memoryview:
        """The encrypted chunk; where the place is far, more are fetched at once the longer reading goes straight on."""
        whole = self._opened.chunk_bytes + layout.TAG_BYTES
        if not self._fetched_from <= index < self._fetched_to:
            most = max(1, self._place.read_ahead_bytes // whole)
            self._chunks_ahead = min(most, self._chunks_ahead * 2) if index == self._fetched_to else 1
            self._fetch(index, min(self._chunks_ahead, self._opened.chunks - index), whole)
        start = (index - self._fetched_from) * whole
        return self._fetched[start : start + self._opened.chunk_size(index) + layout.TAG_BYTES]

    def _fetch(self, index: int, count: int, whole: int) -> None:
        self._fetched_to = 0
        if len(self._fetched) < count * whole:
            self._fetched = memoryview(bytearray(count * whole))
        last = index + count - 1
        length = (count - 1) * whole + self._opened.chunk_size(last) + layout.TAG_BYTES
        done = self._stored.read_into(self._opened.chunk_offset(index), self._fetched[:length])
        if done != length:
            # What an earlier fetch left in the buffer must not pass for what is there now.
            self._fetched[done:length] = bytes(length - done)
        self._fetched_from, self._fetched_to = index, index + count
