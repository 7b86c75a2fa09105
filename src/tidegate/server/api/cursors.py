"""Cursors of lists: where a page ended, as an opaque text that is checked when it comes back. Pure."""

import base64
import binascii
import json
import math
import re

from tidegate.errors import CursorError

MOST_CURSOR_CHARS = 200
_ID = re.compile(r"[a-z]{2}_[0-9a-z]{1,29}\Z")


def written(name: str, key: tuple[float, str]) -> str:
    """The cursor behind the row of this key (a time in seconds and an id) in the list of this name."""
    text = json.dumps([name, *key], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode("ascii")).rstrip(b"=").decode("ascii")


def read(name: str, cursor: str) -> tuple[float, str]:
    """The key of a cursor. Raises CursorError for anything but a cursor that `written` made for this list."""
    try:
        if len(cursor) > MOST_CURSOR_CHARS:
            raise ValueError
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found, at_s, identity = json.loads(text)
        is_whole = found == name and isinstance(at_s, float) and math.isfinite(at_s) and _ID.match(identity)
    except (binascii.Error, ValueError, TypeError, RecursionError):
        is_whole = None
    # One key has one cursor: what decodes to a key but is written otherwise was not made here.
    if not is_whole or written(name, (at_s, identity)) != cursor:
        raise CursorError(
            "this is no cursor of this list", where="?after", next_step="pass `next` of the page before, unchanged"
        )
    return at_s, identity


def is_id(text: str, prefix: str) -> bool:
    """Whether a text has the form of an id of this kind; others are not looked up."""
    return text.startswith(f"{prefix}_") and _ID.match(text) is not None
