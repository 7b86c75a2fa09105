"""Master keys as values: one key, an ordered set of them with the active one, and their two written forms.

The file form is JSON that carries a check value for each key, so that a changed letter is noticed before it locks
everything. The text form, for an environment variable, is `id=base64` parted by blanks or commas, the active key first.
"""

import base64
import binascii
import json
import math
import re
import secrets
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tidegate.errors import KeyRingError, UnknownKeyError

KEY_BYTES = 32
ID_CHARS = 16
_FORMAT = "tidegate-keys"
_VERSION = 1
_ID = re.compile(r"[0-9a-z]{16}")
_LOST = "restore the key ring from your backup; without its keys the held media and sealed secrets cannot be opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterKey:
    """One master key: `id` of 16 characters 0-9 a-z, `created_s` in seconds since 1970, and 32 secret bytes.

    Its `repr` never shows the secret. Raises KeyRingError when one of the three is out of range.
    """

    id: str
    created_s: float
    secret: bytes

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise KeyRingError("a key's id is not 16 characters of 0-9 and a-z", where="key ring", next_step=_LOST)
        if len(self.secret) != KEY_BYTES:
            raise KeyRingError(
                f"the key is {len(self.secret)} bytes long, not {KEY_BYTES}", where=f"key {self.id}", next_step=_LOST
            )
        if not (math.isfinite(self.created_s) and self.created_s >= 0.0):
            raise KeyRingError("the key has no moment of creation", where=f"key {self.id}", next_step=_LOST)

    def __repr__(self) -> str:
        return f"MasterKey(id={self.id!r}, created_s={self.created_s})"

    def derive(self, purpose: str, *, salt: bytes = b"", size_bytes: int = KEY_BYTES) -> bytes:
        """A key for one purpose (HKDF-SHA-256, RFC 5869): purposes and salts never share one. About 6 us."""
        info = b"tidegate 1 " + purpose.encode("utf-8")
        return HKDF(algorithm=hashes.SHA256(), length=size_bytes, salt=salt, info=info).derive(self.secret)


def new_master_key(now_s: float) -> MasterKey:
    """A fresh key from the operating system's randomness."""
    return MasterKey(id=secrets.token_hex(ID_CHARS // 2), created_s=now_s, secret=secrets.token_bytes(KEY_BYTES))


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterKeys:
    """Every master key, oldest first, and the id of the one that protects what is new.

    Raises KeyRingError when there is no key, an id comes twice or the active one is not among them.
    """

    keys: tuple[MasterKey, ...]
    active_id: str

    def __post_init__(self) -> None:
        ids = [key.id for key in self.keys]
        if len(set(ids)) != len(ids):
            raise KeyRingError("two keys have one id", where="key ring", next_step=_LOST)
        if self.active_id not in ids:
            raise KeyRingError("the active key is not in the ring", where="key ring", next_step=_LOST)

    @property
    def active(self) -> MasterKey:
        """The key that protects what is new."""
        return self.of(self.active_id)

    def of(self, key_id: str) -> MasterKey:
        """The key of that id. Raises UnknownKeyError."""
        for key in self.keys:
            if key.id == key_id:
                return key
        raise UnknownKeyError("the key ring does not hold this key", where=f"key {key_id!r}", next_step=_LOST)

    def with_active(self, key: MasterKey) -> "MasterKeys":
        """These keys and a new active one."""
        return MasterKeys(keys=(*self.keys, key), active_id=key.id)

    def without(self, key_id: str) -> "MasterKeys":
        """These keys less one, which must not be the active one."""
        return MasterKeys(keys=tuple(key for key in self.keys if key.id != key_id), active_id=self.active_id)

    def to_json(self) -> str:
        """The form of the key file."""
        rows = [
            {"id": key.id, "created_s": key.created_s, "key": _encoded(key.secret), "check": _check_value(key)}
            for key in self.keys
        ]
        form = {"format": _FORMAT, "version": _VERSION, "active": self.active_id, "keys": rows}
        return json.dumps(form, indent=1) + "\n"

    def to_text(self) -> str:
        """The form of an environment variable: all secrets in one line, the active key first. It is a secret itself."""
        rest = [key for key in reversed(self.keys) if key.id != self.active_id]
        return " ".join(f"{key.id}={_encoded(key.secret)}" for key in (self.active, *rest))


def keys_from_json(text: str, where: str) -> MasterKeys:
    """Read the form of the key file. Raises KeyRingError naming `where`; its text never holds a secret."""
    try:
        form = json.loads(text)
        if (form["format"], form["version"]) != (_FORMAT, _VERSION):
            raise KeyRingError("this is no key ring of a version that can be read", where="version", next_step=_LOST)
        keys = tuple(_key_of_row(row) for row in form["keys"])
        return MasterKeys(keys=keys, active_id=form["active"])
    except (ValueError, KeyError, TypeError, AttributeError):
        # Without the cause: the message of a JSON error or a failed conversion can quote a secret.
        raise KeyRingError("the key ring is damaged: it cannot be read", where=where, next_step=_LOST) from None
    except KeyRingError as error:
        raise KeyRingError(error.what, where=f"{where} ({error.where})", next_step=error.next_step) from None


def keys_from_text(text: str, where: str) -> MasterKeys:
    """Read the form of an environment variable. Raises KeyRingError naming `where`; its text never holds a secret."""
    keys = []
    for part in re.split(r"[\s,]+", text.strip()):
        key_id, _, encoded = part.partition("=")
        try:
            keys.append(MasterKey(id=key_id, created_s=0.0, secret=_decoded(encoded)))
        except (ValueError, KeyRingError):
            raise KeyRingError(
                f"key {len(keys) + 1} is not `id=key` with an id of 16 characters 0-9 a-z and 32 bytes in base64",
                where=where,
                next_step="make one with `python -c \"import base64, secrets; print(secrets.token_hex(8) + '=' + "
                'base64.b64encode(secrets.token_bytes(32)).decode())"`',
            ) from None
    return MasterKeys(keys=tuple(reversed(keys)), active_id=keys[0].id)


def _key_of_row(row: dict[str, Any]) -> MasterKey:
    key = MasterKey(id=row["id"], created_s=float(row["created_s"]), secret=_decoded(row["key"]))
    if row["check"] != _check_value(key):
        raise KeyRingError("the key is not the one that was written", where=f"key {key.id}", next_step=_LOST)
    return key


def _check_value(key: MasterKey) -> str:
    return key.derive("check", salt=key.id.encode(), size_bytes=8).hex()


def _encoded(secret: bytes) -> str:
    return base64.b64encode(secret).decode("ascii")


def _decoded(text: str) -> bytes:
    """Strict base64, the standard or the URL alphabet. Raises ValueError."""
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error
