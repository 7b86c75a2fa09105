"""Media are kept for a time after the decision, and no longer; what was decided stays."""

import itertools
from collections.abc import Iterator

from django.db import connection, transaction

from tidegate.server.intake.models import UploadRow
from tidegate.server.ledger.journal import Entry, append
from tidegate.server.project.places import blob_store

_BATCH = 500
_OUT_OF_HOLD = ("decided", "acted")


def delete_old_media(*, older_than_s: float, most: int, now_s: float) -> int:
    """Delete the media of up to `most` uploads that were decided so long ago, the oldest first; how many.

    Media that another upload still needs are kept until that one is old as well. An object that the store does not let
    go of yet, because the same content came in again within the hour, stays noted as kept: its turn comes again.
    Raises BlobStoreError; what was deleted before it is noted.
    """
    limit_s = now_s - older_than_s
    count = 0
    for upload_id, sha256 in _old(limit_s):
        if count >= most:
            break
        count += _put_away(upload_id, sha256, limit_s, now_s)
    return count


def _put_away(upload_id: str, sha256: str, limit_s: float, now_s: float) -> bool:
    """The row is marked first, so that nobody reopens the upload meanwhile, but only with its media gone for good."""
    rows = UploadRow.objects.filter(id=upload_id, state__in=_OUT_OF_HOLD, media_deleted_at_s=None)
    with transaction.atomic():
        if not rows.update(media_deleted_at_s=now_s):
            return False
        is_needed = _is_needed(upload_id, sha256, limit_s)
        if not is_needed and not _is_gone(sha256):
            transaction.set_rollback(True)
            return False
        facts = {"media_sha256": sha256, "is_kept_for_another": is_needed}
        append([Entry(kind="media.deleted", subject=upload_id, actor="server", body=facts)], now_s=now_s)
    return True


def delete_orphans(beginning: str = "") -> int:
    """Delete objects that no upload names, as a refused or interrupted submission leaves them; how many.

    Only names that begin so are looked at, so that a large store can be swept part by part. What came in within the
    hour stays: it may be about to be accepted. Raises BlobStoreError. Cost: one listing, one query for 500 names.
    """
    count = 0
    names = blob_store().list(beginning)
    while some := list(itertools.islice(names, _BATCH)):
        rows = UploadRow.objects.filter(media_sha256__in=some, media_deleted_at_s=None).exclude(media_sha256="")
        needed = set(rows.values_list("media_sha256", flat=True))
        count += sum(blob_store().delete(sha256) for sha256 in some if sha256 not in needed)
    return count


def _old(limit_s: float) -> Iterator[tuple[str, str]]:
    """Id and media of each upload that left its hold before the limit, in batches; none is seen twice."""
    decided_at_s, last_id = float("-inf"), ""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT decided_at_s, id, media_sha256 FROM upload "
                "WHERE decided_at_s < %s AND (decided_at_s > %s OR (decided_at_s = %s AND id > %s)) "
                "AND media_deleted_at_s IS NULL AND NOT (media_sha256 = '') AND state IN ('decided', 'acted') "
                "ORDER BY decided_at_s, id LIMIT %s",
                [limit_s, decided_at_s, decided_at_s, last_id, _BATCH],
            )
            rows = cursor.fetchall()
        yield from ((row[1], row[2]) for row in rows)
        if len(rows) < _BATCH:
            return
        decided_at_s, last_id = rows[-1][:2]


def _is_gone(sha256: str) -> bool:
    """Whoever is interrupted before this is noted finds nothing left to delete the next time."""
    blobs = blob_store()
    return blobs.delete(sha256) or not blobs.exists(sha256)


def _is_needed(upload_id: str, sha256: str, limit_s: float) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM upload WHERE media_sha256 = %s AND NOT (media_sha256 = '') AND id <> %s "
            "AND media_deleted_at_s IS NULL AND (decided_at_s IS NULL OR decided_at_s >= %s) LIMIT 1",
            [sha256, upload_id, limit_s],
        )
        return cursor.fetchone() is not None
