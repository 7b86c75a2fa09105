"""`POST /api/v1/uploads` as a platform meets it: three forms of body, repetition, waiting, and what is refused."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

VIDEO = bytes(range(256)) * 64
FORM = "multipart"


@pytest.fixture
def post(live_server: str, key_for: Callable[..., str]) -> Callable[..., httpx.Response]:
    """Upload with a key of the right scope."""
    key = key_for("uploads:write")

    def send(**given: Any) -> httpx.Response:
        headers = {"Authorization": key, **given.pop("headers", {})}
        path = given.pop("path", "/api/v1/uploads")
        return httpx.post(f"{live_server}{path}", headers=headers, timeout=30.0, **given)

    return send


def _form(**fields: object) -> dict[str, Any]:
    return {
        "files": {
            "metadata": (None, json.dumps(fields), "application/json"),
            "video": ("clip.mp4", VIDEO, "video/mp4"),
        }
    }


def _entries(upload_id: str) -> list[str]:
    from tidegate.server.ledger.models import EntryRow

    return list(EntryRow.objects.filter(subject=upload_id).order_by("seq").values_list("kind", flat=True))


def test_a_form_a_raw_body_and_a_reference_are_all_accepted(post: Callable[..., httpx.Response]) -> None:
    by_form = post(**_form(caption="low tide"))
    raw = post(content=VIDEO, headers={"Content-Type": "video/mp4", "X-Tidegate-Metadata": '{"caption":"high tide"}'})
    by_reference = post(json={"media_url": "https://media.example/clip.mp4", "caption": "mid tide"})
    assert [one.status_code for one in (by_form, raw, by_reference)] == [202, 202, 202]
    assert [one.json()["state"] for one in (by_form, raw, by_reference)] == ["held", "held", "accepted"]
    assert _entries(by_form.json()["id"]) == ["upload.accepted", "upload.held"]
    assert _entries(by_reference.json()["id"]) == ["upload.accepted"]
    assert by_form.headers["location"] == f"/api/v1/uploads/{by_form.json()['id']}"


def test_what_is_kept_is_what_was_sent(post: Callable[..., httpx.Response]) -> None:
    from tidegate.server.intake.models import UploadRow
    from tidegate.server.project.places import blob_store

    upload_id = post(**_form(caption="low tide")).json()["id"]
    row = UploadRow.objects.get(id=upload_id)
    assert row.media_size_bytes == len(VIDEO)
    assert b"".join(blob_store().read_range(row.media_sha256, 0, len(VIDEO))) == VIDEO


def test_the_same_key_twice_is_one_upload(post: Callable[..., httpx.Response]) -> None:
    key = {"headers": {"Idempotency-Key": "video-7"}}
    first, again = post(**_form(caption="a"), **key), post(**_form(caption="a"), **key)
    assert first.json()["id"] == again.json()["id"]
    assert (first.json()["is_duplicate"], again.json()["is_duplicate"]) == (False, True)


def test_the_same_content_without_a_key_is_one_upload(post: Callable[..., httpx.Response]) -> None:
    first, again, other = post(**_form(caption="a")), post(**_form(caption="a")), post(**_form(caption="b"))
    assert first.json()["id"] == again.json()["id"] != other.json()["id"]


def test_a_key_used_for_something_else_is_a_clash_and_takes_nothing(post: Callable[..., httpx.Response]) -> None:
    from tidegate.server.intake.models import UploadRow

    key = {"headers": {"Idempotency-Key": "video-7"}}
    post(**_form(caption="a"), **key)
    clash = post(**_form(caption="b"), **key)
    assert (clash.status_code, clash.json()["code"]) == (409, "TG-H212")
    assert UploadRow.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"json": {"caption": "no video"}}, 422, "TG-I030"),
        ({"json": {"media_url": "https://a.example/x", "captoin": "a"}}, 422, "TG-H211"),
        ({"json": {"media_url": "https://a.example/x", "lane": "none"}}, 422, "TG-H211"),
        ({"json": {"media_url": "https://a.example/x", "caption": "a\0b"}}, 400, "TG-I029"),
        ({"json": ["a list"]}, 400, "TG-I029"),
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400, "TG-I029"),
        ({"content": b"x", "headers": {"Content-Type": "text/html"}}, 415, "TG-I028"),
        ({"content": VIDEO, "headers": {"Content-Type": "video/mp4", "Content-Encoding": "gzip"}}, 415, "TG-I028"),
        ({"content": b"", "headers": {"Content-Type": "video/mp4"}}, 422, "TG-I027"),
        ({"json": {"media_url": "https://a.example/x"}, "headers": {"Idempotency-Key": "k" * 300}}, 422, "TG-H211"),
        ({"json": {"media_url": "https://a.example/x"}, "path": "/api/v1/uploads?wait=soon"}, 422, "TG-H211"),
        ({"json": {"media_url": "https://a.example/x"}, "path": "/api/v1/uploads?wait=-1"}, 422, "TG-H211"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_a_problem_and_keeps_nothing(
    post: Callable[..., httpx.Response], given: dict[str, Any], status: int, code: str
) -> None:
    from tidegate.server.intake.models import UploadRow

    answer = post(**given)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["next_step"] or answer.json()["where"]
    assert not UploadRow.objects.exists()


def test_a_refused_upload_leaves_nothing_of_its_video_behind(
    post: Callable[..., httpx.Response], server_home: Any
) -> None:
    post(**_form(captoin="a"))
    assert list((server_home / "work" / "incoming").iterdir()) == []


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [("", 401, "TG-A002"), ("Bearer tg_wrong", 401, "TG-A003"), ("Basic YTpi", 401, "TG-A002")],
)
def test_nobody_uploads_without_a_good_key(live_server: str, header: str, status: int, code: str) -> None:
    headers = {"Authorization": header} if header else {}
    answer = httpx.post(f"{live_server}/api/v1/uploads", headers=headers, **_form())
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_key_without_the_scope_uploads_nothing(live_server: str, key_for: Callable[..., str]) -> None:
    answer = httpx.post(f"{live_server}/api/v1/uploads", headers={"Authorization": key_for("uploads:read")}, **_form())
    assert (answer.status_code, answer.json()["code"]) == (403, "TG-A006")


def test_a_full_server_says_when_to_come_back_and_keeps_what_it_took(
    post: Callable[..., httpx.Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tidegate.server.intake import backlog as backlogs
    from tidegate.server.intake.models import UploadRow

    assert post(**_form(caption="a")).status_code == 202
    monkeypatch.setattr(backlogs, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(backlogs, "backlog", lambda *_, **__: backlogs.Backlog(count=10**9, late_s=0.0))
    answer = post(**_form(caption="b"))
    assert (answer.status_code, answer.json()["code"]) == (429, "TG-H213")
    assert int(answer.headers["retry-after"]) >= 1
    assert UploadRow.objects.count() == 1


def test_waiting_ends_with_the_time_and_says_where_the_upload_stands(post: Callable[..., httpx.Response]) -> None:
    answer = post(**_form(caption="a"), path="/api/v1/uploads?wait=0.2")
    assert answer.status_code == 202
    assert (answer.json()["state"], answer.json()["verdict"]) == ("held", None)


def test_a_full_disk_takes_nothing_and_says_so_and_the_same_key_is_taken_when_there_is_room(
    post: Callable[..., httpx.Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connection, connections

    from tidegate.server.intake.models import UploadRow

    key = {"headers": {"Idempotency-Key": "video-7"}}
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
    options = connections.settings["default"]["OPTIONS"]
    monkeypatch.setitem(options, "init_command", f"{options['init_command']} PRAGMA max_page_count={pages};")
    refused = []
    for number in range(200):
        answer = post(json={"media_url": f"https://a.example/{number}", "caption": "tide " * 2000})
        if answer.status_code != 202:
            refused.append(answer)
            break
    assert refused, "the database never filled up"
    assert (refused[0].status_code, refused[0].json()["code"]) == (503, "TG-H215")
    assert int(refused[0].headers["retry-after"]) >= 1
    monkeypatch.undo()
    kept = UploadRow.objects.count()
    assert post(**_form(caption="a"), **key).status_code in (202, 503)
    assert post(**_form(caption="a"), **key).status_code == 202
    assert UploadRow.objects.count() == kept + 1
