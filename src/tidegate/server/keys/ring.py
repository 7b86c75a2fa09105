"""The key ring: wraps data keys, seals small secrets and derives keys for other uses, under the active master key.

No master key encrypts anything itself. Each wrapping and each seal has a key of its own, derived by HKDF from the
master key and 24 random bytes, and used once with AES-256-GCM. So purposes cannot be confused, and there is no number
of wrappings after which a master key is worn out.
"""

import base64
import binascii
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tidegate.errors import KeyRingError, KeyStillNeededError, SealError, UnknownKeyError
from tidegate.server.keys.key_file import KeyFile, Stamp
from tidegate.server.keys.masters import KEY_BYTES, MasterKey, MasterKeys, keys_from_text, new_master_key

NONCE_BYTES = 24
WRAPPED_BYTES = KEY_BYTES + 16
_SEAL_MARK = "tgs1"
# Right because its key is derived from fresh random bytes and encrypts one message.
_ONLY_NONCE = bytes(12)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedKey:
    """A data key as it may be stored: under which master key, 24 random bytes, and 48 bytes with their proof."""

    key_id: str
    nonce: bytes
    wrapped: bytes


class KeyRing:
    """Master keys at work; safe to share between threads, and between processes that open the same folder.

    Made by `open_or_create`, `open` or `from_text`. A change by another process is seen before the next use, at the
    cost of one stat.
    """

    def __init__(self, file: KeyFile | None, keys: MasterKeys, stamp: Stamp | None, clock: Callable[[], float]) -> None:
        self._file = file
        self._keys = keys
        self._stamp = stamp
        self._clock = clock
        self._lock = threading.Lock()

    @classmethod
    def open(cls, folder: Path, *, clock: Callable[[], float] = time.time) -> "KeyRing":
        """The ring in `folder`. Raises KeyRingError when it is missing or damaged, KeyRingExposedError."""
        file = KeyFile(folder)
        keys, stamp = file.read()
        return cls(file, keys, stamp, clock)

    @classmethod
    def open_or_create(cls, folder: Path, *, clock: Callable[[], float] = time.time) -> "KeyRing":
        """The ring in `folder`, made with one key if there is none. Call it only where nothing is held yet.

        Raises KeyRingError when it is damaged or cannot be made, KeyRingExposedError.
        """
        file = KeyFile(folder)
        if not file.path.exists():
            key = new_master_key(clock())
            file.create(MasterKeys(keys=(key,), active_id=key.id))
        return cls.open(folder, clock=clock)

    @classmethod
    def from_text(cls, text: str, *, where: str = "key ring", clock: Callable[[], float] = time.time) -> "KeyRing":
        """A ring of keys given as text: `id=base64` parted by blanks or commas, the active one first.

        `where` names the setting in errors. It cannot be rotated or retired here. Raises KeyRingError.
        """
        return cls(None, keys_from_text(text, where), None, clock)

    @property
    def active_id(self) -> str:
        """Id of the key that protects what is new."""
        return self._current().active_id

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Ids of all keys, oldest first."""
        return tuple(key.id for key in self._current().keys)

    def created_s(self, key_id: str) -> float:
        """When a key was made, in seconds since 1970; 0 where the ring was given as text. Raises UnknownKeyError."""
        return self._key(key_id).created_s

    def wrap(self, data_key: bytes, *, context: bytes = b"") -> WrappedKey:
        """Protect a data key of 32 bytes; `context` must be given again to unwrap it. About 15 us."""
        if len(data_key) != KEY_BYTES:
            raise SealError(f"a data key has {KEY_BYTES} bytes, not {len(data_key)}", where="wrap")
        key, nonce = self._current().active, secrets.token_bytes(NONCE_BYTES)
        cipher = AESGCM(key.derive("wrap", salt=nonce))
        return WrappedKey(key_id=key.id, nonce=nonce, wrapped=cipher.encrypt(_ONLY_NONCE, data_key, context))

    def unwrap(self, wrapped: WrappedKey, *, context: bytes = b"") -> bytes:
        """The data key again. Raises UnknownKeyError, or SealError when it or its context was changed. About 15 us."""
        cipher = AESGCM(self._key(wrapped.key_id).derive("wrap", salt=wrapped.nonce))
        try:
            return cipher.decrypt(_ONLY_NONCE, wrapped.wrapped, context)
        except InvalidTag:
            raise SealError("a wrapped key is not what was wrapped", where=f"key {wrapped.key_id}") from None

    def seal(self, text: str, purpose: str) -> str:
        """A small secret as printable text for the database; opened by `unseal` for the same purpose only."""
        key, nonce = self._current().active, secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(key.derive("seal", salt=nonce)).encrypt(_ONLY_NONCE, text.encode("utf-8"), _bound(purpose))
        return f"{_SEAL_MARK}.{key.id}.{base64.urlsafe_b64encode(nonce + sealed).decode('ascii')}"

    def unseal(self, sealed: str, purpose: str) -> str:
        """The secret again. Raises SealError when it was changed or sealed for another purpose, UnknownKeyError."""
        mark, _, rest = sealed.partition(".")
        key_id, _, encoded = rest.partition(".")
        try:
            content = base64.b64decode(encoded.encode("ascii"), altchars=b"-_", validate=True)
            if mark != _SEAL_MARK:
                raise ValueError("no seal")
            cipher = AESGCM(self._key(key_id).derive("seal", salt=content[:NONCE_BYTES]))
            return cipher.decrypt(_ONLY_NONCE, content[NONCE_BYTES:], _bound(purpose)).decode("utf-8")
        except (InvalidTag, binascii.Error, ValueError):
            raise SealError(
                "a sealed secret was changed or sealed for another purpose",
                where=purpose,
                next_step="enter the secret anew",
            ) from None

    def sealed_by(self, sealed: str) -> str:
        """Id of the master key of a sealed secret, empty if it is none: to seal it anew after `rotate`. No proof."""
        mark, _, rest = sealed.partition(".")
        return rest.partition(".")[0] if mark == _SEAL_MARK else ""

    def derive(self, purpose: str) -> bytes:
        """32 bytes for another use, such as signing; the same ones until the active key changes."""
        return self._current().active.derive(f"derive {purpose}")

    def derive_all(self, purpose: str) -> tuple[bytes, ...]:
        """`derive` of every key, the active one first, then newer before older: to check what is already out."""
        keys = self._current()
        rest = [key for key in reversed(keys.keys) if key.id != keys.active_id]
        return tuple(key.derive(f"derive {purpose}") for key in (keys.active, *rest))

    def rotate(self) -> str:
        """Make a new key and let it protect what is new from now on, in every process; its id. Durable on return."""
        return self._change(lambda keys: keys.with_active(new_master_key(self._clock()))).active_id

    def retire(self, key_id: str, *, is_used: Callable[[str], bool], settled_s: float = 3600.0) -> None:
        """Forget an old key for ever. `is_used(key_id)` looks at everything that it may protect.

        A key that was active within the last `settled_s` seconds stays: another process may be about to store what it
        wrapped before. Raises KeyStillNeededError, UnknownKeyError.
        """

        def without(keys: MasterKeys) -> MasterKeys:
            self._check_settled(keys, keys.of(key_id), settled_s)
            if is_used(key_id):
                raise KeyStillNeededError(
                    "something is still protected by this key",
                    where=f"key {key_id}",
                    next_step="move every object and every sealed secret to the active key first",
                )
            return keys.without(key_id)

        self._change(without)

    def _check_settled(self, keys: MasterKeys, key: MasterKey, settled_s: float) -> None:
        where = f"key {key.id}"
        if key.id == keys.active_id:
            raise KeyStillNeededError("this key is the active one", where=where, next_step="rotate first")
        later = keys.keys[keys.keys.index(key) + 1 :]
        left_s = min((one.created_s for one in later), default=0.0) + settled_s - self._clock()
        if left_s > 0:
            raise KeyStillNeededError(
                "this key was the active one a short while ago", where=where, next_step=f"try again in {left_s:.0f} s"
            )

    def _change(self, change: Callable[[MasterKeys], MasterKeys]) -> MasterKeys:
        if self._file is None:
            raise KeyRingError(
                "the keys are given as text and cannot be changed here",
                where="key ring",
                next_step="put a new key before the others, or take an old one out, where the text is kept",
            )
        self._file.change(change)
        keys, stamp = self._file.read()
        with self._lock:
            self._keys, self._stamp = keys, stamp
        return keys

    def _current(self) -> MasterKeys:
        """The keys as they are now, read again only when the file changed."""
        if self._file is None:
            return self._keys
        with self._lock:
            if self._file.stamp() != self._stamp:
                self._keys, self._stamp = self._file.read()
            return self._keys

    def _key(self, key_id: str) -> MasterKey:
        try:
            return self._keys.of(key_id)
        except UnknownKeyError:
            return self._current().of(key_id)


def _bound(purpose: str) -> bytes:
    return b"seal " + purpose.encode("utf-8")
