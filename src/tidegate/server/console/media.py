"""Media for people's eyes: short-lived links bound to one person and one upload; every view stands in the journal."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from django.core import signing
from django.db import connection, transaction

from tidegate.errors import MediaLinkError
from tidegate.server.blobs.reader import BlobReader
from tidegate.server.console.ranges import content_type_of
from tidegate.server.intake.models import UploadRow
from tidegate.server.ledger.journal import Entry, append
from tidegate.server.ledger.models import EntryRow
from tidegate.server.project.places import blob_store

LINK_S = 300
"""How long a link is good for, in seconds."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
    "Content-Disposition": 'inline; filename="media"',
    "Accept-Ranges": "bytes",
}
_SALT = "tidegate.console.media"
_KIND = "media.viewed"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a link stands for: one person's view of one upload."""

    view_id: str
    upload_id: str
    person_id: str


def token_for(upload_id: str, person_id: str) -> str:
    """The secret part of a link that lets this person see this upload's media for `LINK_S` seconds."""
    told = [f"mv_{secrets.token_hex(12)}", upload_id, person_id]
    return signing.dumps(told, salt=_SALT)


def view_of(token: str, *, person_id: str) -> View:
    """What a link of this person stands for. Raises MediaLinkError for any other link and for one that is too old."""
    try:
        view_id, upload_id, owner_id = signing.loads(token, salt=_SALT, max_age=LINK_S)
    except (signing.BadSignature, ValueError, TypeError):
        raise _not_good() from None
    if not secrets.compare_digest(str(owner_id), person_id):
        raise _not_good()
    return View(view_id=view_id, upload_id=upload_id, person_id=owner_id)


def media_of(view: View) -> str:
    """The name of the media in the blob store. Raises MediaLinkError where the upload has none, or none any more."""
    row = UploadRow.objects.filter(id=view.upload_id).only("media_sha256", "media_deleted_at_s").first()
    if row is None or not row.media_sha256 or row.media_deleted_at_s is not None:
        raise _not_good()
    return row.media_sha256


def note_view(view: View, media_sha256: str, *, now_s: float) -> None:
    """Write into the journal that somebody sees these media, once a link however many pieces a player asks for."""
    if _is_noted(view):
        return
    with transaction.atomic():
        _lock(view.upload_id)
        if not _is_noted(view):
            facts = {"view": view.view_id, "media_sha256": media_sha256}
            actor = f"person:{view.person_id}"
            append([Entry(kind=_KIND, subject=view.upload_id, actor=actor, body=facts)], now_s=now_s)


def _is_noted(view: View) -> bool:
    return EntryRow.objects.filter(subject=view.upload_id, kind=_KIND, body__contains=f'"{view.view_id}"').exists()


def _lock(upload_id: str) -> None:
    """Two pieces asked for at once must not both be the first; SQLite's transactions are one at a time anyway."""
    if connection.vendor == "postgresql":
        UploadRow.objects.select_for_update().only("id").filter(id=upload_id).first()


def _not_good() -> MediaLinkError:
    return MediaLinkError(
        "this link to media is not good any more", next_step="open the upload's page and show it anew"
    )


def opened(media_sha256: str) -> tuple[BlobReader, str]:
    """The media, opened, and their type. Raises as BlobStore.open does."""
    reader = blob_store().open(media_sha256)
    try:
        return reader, content_type_of(reader.read(16) or b"")
    except BaseException:
        reader.close()
        raise


class Pieces(Iterator[bytes]):
    """Bytes [start, end), decrypted piece by piece. Close it, also where nothing was taken: it holds the reader."""

    def __init__(self, reader: BlobReader, start: int, end: int) -> None:
        self._reader = reader
        reader.seek(start)
        self._pieces = reader.pieces(end)

    def __next__(self) -> bytes:
        """The next piece; the reader is closed behind the last."""
        try:
            return bytes(next(self._pieces))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the media."""
        self._reader.close()
