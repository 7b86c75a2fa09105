"""Media go when their time is over, not before, and not while anybody needs them."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Decided = Callable[..., str]
DAY_S = 86_400.0
NOW_S = time.time()
OLD_S = NOW_S - 40 * DAY_S


@pytest.fixture
def keep(server_home: Path, django_ready: object) -> Callable[..., str]:
    """Keep content in the server's own store; its name. What has been there for long may be deleted."""
    from tidegate.server.project.places import blob_store

    def make(content: bytes, *, is_new: bool = False) -> str:
        with blob_store().writer() as writer:
            writer.write(content)
            sha256 = writer.commit().sha256
        if not is_new:
            for path in (server_home / "blobs").rglob(f"*{sha256[4:]}*"):
                os.utime(path, (OLD_S, OLD_S))
        return sha256

    return make


def _delete(most: int = 100) -> int:
    from tidegate.server.intake.retention import delete_old_media

    return delete_old_media(older_than_s=30 * DAY_S, most=most, now_s=NOW_S)


def _is_there(sha256: str) -> bool:
    from tidegate.server.project.places import blob_store

    return blob_store().exists(sha256)


def _deleted_at_s(upload_id: str) -> float | None:
    from tidegate.server.intake.models import UploadRow

    return UploadRow.objects.get(id=upload_id).media_deleted_at_s


def _entries(upload_id: str) -> list[str]:
    from tidegate.server.ledger.models import EntryRow

    return list(EntryRow.objects.filter(subject=upload_id, kind="media.deleted").values_list("body", flat=True))


def test_old_media_are_deleted_and_what_was_decided_stays(
    both_databases: str, decided: Decided, keep: Callable[..., str]
) -> None:
    from tidegate.server.history.models import DecisionRow
    from tidegate.server.ledger.verify import verify

    sha256 = keep(both_databases.encode())
    upload_id = decided("removed", now_s=OLD_S, media_sha256=sha256)
    assert _delete() == 1
    assert not _is_there(sha256)
    assert _deleted_at_s(upload_id) == NOW_S
    assert len(_entries(upload_id)) == 1
    assert DecisionRow.objects.filter(upload_id=upload_id, verdict="removed").exists()
    assert _delete() == 0
    assert verify().findings == ()


@pytest.mark.parametrize("verdict", ["young", "held", "waiting"])
def test_media_that_somebody_may_still_look_at_stay(
    database: str, decided: Decided, accepted: Decided, keep: Callable[..., str], verdict: str
) -> None:
    sha256 = keep(verdict.encode())
    if verdict == "young":
        decided("allowed", now_s=NOW_S - 29 * DAY_S, media_sha256=sha256)
    elif verdict == "held":
        decided("held", now_s=OLD_S, media_sha256=sha256)
    else:
        accepted(now_s=OLD_S, media_sha256=sha256)
    assert _delete() == 0
    assert _is_there(sha256)


def test_media_that_another_upload_needs_stay_until_that_one_is_old(
    database: str, decided: Decided, keep: Callable[..., str]
) -> None:
    from tidegate.server.intake.models import UploadRow

    sha256 = keep(b"two uploads share me")
    old = decided("allowed", now_s=OLD_S, media_sha256=sha256)
    young = decided("allowed", now_s=NOW_S - DAY_S, media_sha256=sha256)
    assert _delete() == 1
    assert _is_there(sha256)
    assert _deleted_at_s(old) == NOW_S
    assert '"is_kept_for_another":true' in _entries(old)[0]
    UploadRow.objects.filter(id=young).update(decided_at_s=OLD_S)
    assert _delete() == 1
    assert not _is_there(sha256)


def test_media_of_two_old_uploads_are_deleted_once(database: str, decided: Decided, keep: Callable[..., str]) -> None:
    sha256 = keep(b"two old uploads share me")
    ids = [decided("allowed", now_s=OLD_S, media_sha256=sha256) for _ in range(2)]
    assert _delete() == 2
    assert not _is_there(sha256)
    assert [_deleted_at_s(upload_id) for upload_id in ids] == [NOW_S, NOW_S]


def test_media_that_came_in_again_just_now_are_not_called_deleted_and_their_turn_comes(
    both_databases: str, decided: Decided, keep: Callable[..., str], server_home: Path
) -> None:
    sha256 = keep(b"again " + both_databases.encode(), is_new=True)
    upload_id = decided("allowed", now_s=OLD_S, media_sha256=sha256)
    assert _delete() == 0
    assert _is_there(sha256)
    assert (_deleted_at_s(upload_id), _entries(upload_id)) == (None, [])
    keep(b"again " + both_databases.encode())
    assert _delete() == 1
    assert not _is_there(sha256)


def test_one_that_must_wait_does_not_hold_up_the_others(
    database: str, decided: Decided, keep: Callable[..., str]
) -> None:
    waits = decided("allowed", now_s=OLD_S - DAY_S, media_sha256=keep(b"waits", is_new=True))
    goes = decided("allowed", now_s=OLD_S, media_sha256=keep(b"goes"))
    assert _delete(most=1) == 1
    assert (_deleted_at_s(waits), _deleted_at_s(goes)) == (None, NOW_S)


def test_media_that_are_gone_already_are_noted(database: str, decided: Decided) -> None:
    upload_id = decided("allowed", now_s=OLD_S, media_sha256="cd" * 32)
    assert _delete() == 1
    assert _deleted_at_s(upload_id) == NOW_S


def test_at_most_so_many_are_deleted_at_a_time_oldest_first(
    database: str, decided: Decided, keep: Callable[..., str]
) -> None:
    ids = [
        decided("allowed", now_s=OLD_S + number, media_sha256=keep(f"one of {number}".encode())) for number in range(5)
    ]
    assert _delete(most=2) == 2
    assert [_deleted_at_s(upload_id) is not None for upload_id in ids] == [True, True, False, False, False]
    assert _delete() == 3


def test_words_alone_have_no_media_to_delete(database: str, decided: Decided) -> None:
    decided("allowed", now_s=OLD_S)
    assert _delete() == 0


def test_what_no_upload_names_is_swept_and_what_came_in_just_now_is_not(
    both_databases: str, decided: Decided, accepted: Decided, keep: Callable[..., str]
) -> None:
    from tidegate.server.intake.retention import delete_orphans

    vendor = both_databases.encode()
    orphan, fresh = keep(b"orphan " + vendor), keep(b"fresh " + vendor, is_new=True)
    waits, done = keep(b"waits " + vendor), keep(b"done " + vendor)
    accepted(media_sha256=waits)
    decided("removed", media_sha256=done)
    other = "0" if orphan[0] != "0" else "1"
    delete_orphans(other)
    assert _is_there(orphan)
    assert delete_orphans(orphan[:2]) >= 1
    delete_orphans()
    assert [_is_there(name) for name in (orphan, fresh, waits, done)] == [False, True, True, True]
