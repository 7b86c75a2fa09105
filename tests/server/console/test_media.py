"""Media for people's eyes: ranges, links that end, and a journal of every view."""

import importlib
import time
from collections.abc import Callable
from types import ModuleType

import pytest
from django.core import signing
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import MediaLinkError
from tidegate.server.console.ranges import asked_range, content_type_of
from tidegate.settings import Resolved

MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 400


@pytest.fixture
def media(django_ready: Resolved) -> ModuleType:
    """The module under test, which needs Django to be ready."""
    return importlib.import_module("tidegate.server.console.media")


@pytest.fixture
def watching(
    media: ModuleType, client_as: Callable[..., Client], with_media: Callable[..., str]
) -> tuple[Client, str, str]:
    """A reviewer, an upload with media, and the address of a link to them."""
    client, upload_id = client_as("reviewer"), with_media(MP4)
    token = media.token_for(upload_id, client.person.id)  # type: ignore[attr-defined]
    return client, upload_id, f"/media/{token}"


def _body(response: object) -> bytes:
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def _views(upload_id: str) -> list[tuple[str, str]]:
    from tidegate.server.ledger.models import EntryRow

    rows = EntryRow.objects.filter(subject=upload_id, kind="media.viewed").order_by("seq")
    return [(row.actor, row.body) for row in rows]


def test_the_whole_is_sent_when_no_range_is_asked_for(watching: tuple[Client, str, str]) -> None:
    client, _, address = watching
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "video/mp4"
    assert response["Content-Length"] == str(len(MP4))
    assert _body(response) == MP4


def test_media_come_in_a_sandbox_and_are_kept_nowhere(watching: tuple[Client, str, str]) -> None:
    client, _, address = watching
    response = client.get(address)
    _body(response)
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-99", 0, 100), ("bytes=100-", 100, len(MP4)), ("bytes=-16", len(MP4) - 16, len(MP4))],
)
def test_a_range_is_sent_as_asked(watching: tuple[Client, str, str], asked: str, start: int, end: int) -> None:
    client, _, address = watching
    response = client.get(address, headers={"Range": asked})
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {start}-{end - 1}/{len(MP4)}"
    assert _body(response) == MP4[start:end]


def test_a_range_beyond_the_end_is_refused_with_the_size(watching: tuple[Client, str, str]) -> None:
    client, upload_id, address = watching
    response = client.get(address, headers={"Range": f"bytes={len(MP4)}-"})
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{len(MP4)}"
    assert _views(upload_id) == []


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=0-1,4-5", "items=0-3", "bytes=-", "bytes=a-b", "bytes=--5"])
def test_a_form_of_range_that_is_not_known_is_passed_over(watching: tuple[Client, str, str], asked: str) -> None:
    client, _, address = watching
    response = client.get(address, headers={"Range": asked})
    assert response.status_code == 200
    assert _body(response) == MP4


def test_a_view_stands_in_the_journal_once_a_link_however_many_pieces(
    media: ModuleType, watching: tuple[Client, str, str]
) -> None:
    client, upload_id, address = watching
    for asked in ("bytes=0-9", "bytes=10-19", "bytes=0-"):
        _body(client.get(address, headers={"Range": asked}))
    ((actor, _),) = _views(upload_id)
    assert actor == f"person:{client.person.id}"  # type: ignore[attr-defined]
    _body(client.get(f"/media/{media.token_for(upload_id, client.person.id)}"))  # type: ignore[attr-defined]
    assert len(_views(upload_id)) == 2


def test_asking_for_the_head_shows_nothing_and_is_no_view(watching: tuple[Client, str, str]) -> None:
    client, upload_id, address = watching
    response = client.head(address)
    assert response.status_code == 200
    assert response["Content-Length"] == str(len(MP4))
    assert response.content == b""
    assert _views(upload_id) == []


def test_a_link_is_good_for_its_own_person_alone(
    watching: tuple[Client, str, str], client_as: Callable[..., Client]
) -> None:
    _, upload_id, address = watching
    assert client_as("admin").get(address).status_code == 403
    assert _views(upload_id) == []


def test_a_link_ends_after_five_minutes(
    media: ModuleType, watching: tuple[Client, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, upload_id, address = watching
    later_s = time.time() + media.LINK_S + 2
    monkeypatch.setattr(signing.time, "time", lambda: later_s)
    with pytest.raises(MediaLinkError):
        media.view_of(address.removeprefix("/media/"), person_id=client.person.id)  # type: ignore[attr-defined]
    assert client.get(address).status_code == 403
    assert _views(upload_id) == []


@pytest.mark.parametrize("change", [lambda token: token[:-2] + "AA", lambda token: "", lambda token: "a:b:c"])
def test_a_changed_link_is_refused(
    media: ModuleType, watching: tuple[Client, str, str], change: Callable[[str], str]
) -> None:
    client, upload_id, address = watching
    with pytest.raises(MediaLinkError):
        media.view_of(change(address.removeprefix("/media/")), person_id=client.person.id)  # type: ignore[attr-defined]
    assert client.get("/media/a:b:c").status_code == 403
    assert _views(upload_id) == []


def test_a_link_signed_for_something_else_is_none(watching: tuple[Client, str, str]) -> None:
    client, upload_id, _ = watching
    person_id = client.person.id  # type: ignore[attr-defined]
    other = signing.dumps(["mv_0", upload_id, person_id], salt="something else")
    assert client.get(f"/media/{other}").status_code == 403


def test_an_upload_of_words_alone_has_no_media(
    media: ModuleType, client_as: Callable[..., Client], decided: Callable[..., str]
) -> None:
    client, upload_id = client_as("reviewer"), decided("removed")
    token = media.token_for(upload_id, client.person.id)  # type: ignore[attr-defined]
    assert client.get(f"/media/{token}").status_code == 403
    assert b"no media here" in client.get(f"/uploads/{upload_id}").content


def test_deleted_media_are_not_offered_and_not_sent(watching: tuple[Client, str, str]) -> None:
    from tidegate.server.intake.models import UploadRow

    client, upload_id, address = watching
    UploadRow.objects.filter(id=upload_id).update(media_deleted_at_s=time.time())
    assert client.get(address).status_code == 403
    page = client.get(f"/uploads/{upload_id}").content
    assert b"The media were deleted" in page
    assert b"Load the media" not in page


def test_the_page_holds_no_link_until_somebody_asks(watching: tuple[Client, str, str]) -> None:
    client, upload_id, _ = watching
    assert b"/media/" not in client.get(f"/uploads/{upload_id}").content.replace(b'/media"', b"")
    whole = client.post(f"/uploads/{upload_id}/media")
    assert b'src="/media/' in whole.content
    assert b"<h1>" in whole.content
    part = client.post(f"/uploads/{upload_id}/media", headers={"HX-Request": "true"})
    assert b'src="/media/' in part.content
    assert b"<h1>" not in part.content
    assert b"veiled" in part.content
    assert part["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("beginning", "expected"),
    [
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        (b"\x1a\x45\xdf\xa3rest of it", "video/webm"),
        (b"<html><script>", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_the_type_is_fixed_by_the_container_and_never_by_what_was_sent(beginning: bytes, expected: str) -> None:
    assert content_type_of(beginning) == expected


@given(st.integers(0, 200), st.integers(0, 250), st.integers(0, 250))
def test_a_range_lies_within_the_content(size_bytes: int, first: int, last: int) -> None:
    found = asked_range(f"bytes={first}-{last}", size_bytes)
    if last < first:
        assert found is None
    elif first >= size_bytes:
        assert found == (0, 0)
    else:
        assert found == (first, min(last + 1, size_bytes))


@given(st.integers(0, 200), st.integers(0, 250))
def test_the_last_bytes_are_at_the_end(size_bytes: int, count: int) -> None:
    found = asked_range(f"bytes=-{count}", size_bytes)
    assert found is not None
    start, end = found
    assert end - start == min(count, size_bytes)
    assert end in (0, size_bytes)


@given(st.text(max_size=40), st.integers(0, 10**9))
def test_any_header_is_understood_or_passed_over(header: str, size_bytes: int) -> None:
    found = asked_range(header, size_bytes)
    assert found is None or 0 <= found[0] <= found[1] <= size_bytes
