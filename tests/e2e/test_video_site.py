"""The reference site against a scripted Tidegate: it shows only what was released, however events come."""

import re
from typing import Any

import pytest
from video_site.gate import webhook_secret

from tidegate.errors import ServerUnreachableError

VIDEO = bytes(range(256)) * 1000
SIGNED = "/tidegate/events"


def test_an_upload_is_streamed_to_tidegate_and_seen_by_nobody(pair: Any) -> None:
    video_id, mine = pair.upload()
    assert VIDEO in pair.tidegate.bodies[0]
    assert list(pair.tidegate.uploads) == [video_id]
    assert not pair.is_served(video_id)
    assert "low tide" not in pair.browser.get("/").text
    assert "Being checked" in pair.browser.get(mine).text


def test_an_allowed_video_is_published(pair: Any) -> None:
    video_id, mine = pair.upload()
    assert pair.tell(pair.event(video_id, "allowed")) == 204
    assert pair.is_served(video_id)
    answer = pair.file(video_id)
    assert (answer.content, answer.headers["content-type"]) == (VIDEO, "video/mp4")
    assert answer.headers["cache-control"] == "no-store"
    assert "low tide" in pair.browser.get("/").text
    assert "Published" in pair.browser.get(mine).text


def test_a_part_of_a_video_is_served_as_browsers_ask_for_it(pair: Any) -> None:
    video_id, _ = pair.upload()
    pair.tell(pair.event(video_id, "allowed"))
    part = pair.file(video_id, Range="bytes=300-309")
    assert (part.status_code, part.content) == (206, VIDEO[300:310])
    assert part.headers["content-range"] == f"bytes 300-309/{len(VIDEO)}"
    assert pair.file(video_id, Range=f"bytes={len(VIDEO) - 3}-").content == VIDEO[-3:]
    assert pair.file(video_id, Range="bytes=9-3").status_code == 200
    assert pair.file(video_id, Range=f"bytes={len(VIDEO)}-").status_code == 200


@pytest.mark.parametrize("verdict", ["held", "removed"])
def test_what_is_held_or_removed_is_withheld(pair: Any, verdict: str) -> None:
    video_id, _ = pair.upload()
    pair.tell(pair.event(video_id, verdict))
    assert not pair.is_served(video_id)


def test_a_case_for_a_person_keeps_a_video_back(pair: Any) -> None:
    video_id, mine = pair.upload()
    pair.tell(pair.event(video_id, "held", kind="upload.in_review"))
    assert not pair.is_served(video_id)
    assert "Being checked" in pair.browser.get(mine).text
    pair.tell(pair.event(video_id, "allowed", 1))
    assert pair.is_served(video_id)


def test_an_age_restriction_is_a_gate_before_page_and_bytes(pair: Any) -> None:
    video_id, _ = pair.upload()
    pair.tell(pair.event(video_id, "restricted", 0, "age-restrict"))
    page = pair.browser.get(f"/videos/{video_id}")
    assert page.status_code == 200
    assert "<video" not in page.text
    assert pair.file(video_id).status_code == 403
    passed = pair.browser.post(f"/videos/{video_id}/age")
    assert passed.status_code == 303
    assert "<video" in pair.browser.get(passed.headers["location"]).text
    assert pair.file(video_id).content == VIDEO


@pytest.mark.parametrize("cookie", ["is_adult=no", "is_adult", "\x01;is_adult=yes\x02", "other=yes"])
def test_no_other_cookie_opens_the_gate(pair: Any, cookie: str) -> None:
    video_id, _ = pair.upload()
    pair.tell(pair.event(video_id, "restricted", 0, "age-restrict"))
    assert pair.file(video_id, Cookie=cookie).status_code == 403


@pytest.mark.parametrize(
    ("action", "words"),
    [("label", "deserves care"), ("warn-before-share", "Look twice"), ("restrict-interaction", "Comments are closed")],
)
def test_a_restriction_is_seen_on_the_page(pair: Any, action: str, words: str) -> None:
    video_id, _ = pair.upload()
    pair.tell(pair.event(video_id, "restricted", 0, action))
    assert words in pair.browser.get(f"/videos/{video_id}").text
    assert pair.file(video_id).content == VIDEO


def test_what_is_not_recommended_is_found_by_its_address_only(pair: Any) -> None:
    video_id, _ = pair.upload()
    pair.tell(pair.event(video_id, "restricted", 0, "not-recommended"))
    assert pair.is_served(video_id)
    assert "low tide" not in pair.browser.get("/").text


@pytest.mark.parametrize("action", ["region-block", "hold", "escalate", "remove", "something-new"])
def test_an_action_that_the_site_cannot_carry_out_withholds(pair: Any, action: str) -> None:
    video_id, _ = pair.upload()
    pair.tell(pair.event(video_id, "restricted", 0, "label", action))
    assert not pair.is_served(video_id)


def test_a_decision_taken_back_is_reversed(pair: Any) -> None:
    video_id, mine = pair.upload()
    pair.tell(pair.event(video_id, "restricted", 0, "label", "age-restrict"))
    pair.tell(pair.event(video_id, "restricted", 0, "label", "age-restrict", kind="decision.undone"))
    assert not pair.is_served(video_id)
    text = pair.browser.get(mine).text
    assert "remove-label lift-age-restriction" in text
    assert "Being checked" in text
    pair.tell(pair.event(video_id, "allowed", 1))
    assert pair.is_served(video_id)


def test_delivering_twice_is_harmless(pair: Any) -> None:
    video_id, mine = pair.upload()
    events = [pair.event(video_id, "allowed"), pair.event(video_id, "removed", 1)]
    assert [pair.tell(one) for one in (*events, *events, *reversed(events))] == [204] * 6
    assert not pair.is_served(video_id)
    history = re.findall(r"<li>(.*?)</li>", pair.browser.get(mine).text)
    assert history == ["upload.decided: allow", "upload.decided: remove"]


def test_a_forged_or_foreign_webhook_changes_nothing(pair: Any) -> None:
    video_id, _ = pair.upload()
    forged = pair.tell(pair.event(video_id, "allowed"), secret="whsec_" + "Zm9yZ2Vk" * 4)
    assert forged == 401
    assert pair.tell(pair.event_of("v-elsewhere", "up_9", "allowed", 0)) == 204
    assert pair.tell(pair.event_of(video_id, "up_9", "allowed", 0)) == 204, (
        "another upload that claims to be this video"
    )
    assert pair.browser.post(SIGNED, content=b"{}").status_code == 401
    assert pair.browser.post(SIGNED, content=iter([b"{}"])).status_code == 413
    assert not pair.is_served(video_id)


def test_a_decision_that_comes_before_the_answer_to_the_upload_counts(pair: Any) -> None:
    video_id, _ = pair.upload(is_submitted=False)
    pair.tell(pair.event_of(video_id, "up_0", "allowed", 0))
    assert pair.is_served(video_id)
    assert pair.store.not_submitted() == []


def test_what_tidegate_does_not_hold_yet_is_submitted_later_under_the_same_key(pair: Any) -> None:
    pair.tidegate.is_down = True
    video_id, mine = pair.upload()
    assert "Being checked" in pair.browser.get(mine).text
    pair.tidegate.is_down = False
    pair.start()
    assert pair.gate.submit_waiting() == 1
    assert pair.gate.submit_waiting() == 0
    assert list(pair.tidegate.uploads) == [video_id]


def test_a_site_killed_between_upload_and_noting_it_makes_no_second_upload(pair: Any) -> None:
    video_id, _ = pair.upload(is_submitted=False)
    video = pair.store.video(video_id)
    assert video is not None
    assert pair.gate.submit(video)
    pair.store.note_submitted(video_id, "")
    pair.start()
    pair.gate.submit_waiting()
    assert len(pair.tidegate.bodies) == 2
    assert len(pair.tidegate.uploads) == 1


def test_a_video_that_tidegate_refuses_is_said_to_its_creator_and_never_shown(pair: Any) -> None:
    pair.tidegate.refusal = 413
    video_id, mine = pair.upload()
    assert "TG-I026" in pair.browser.get(mine).text
    pair.tidegate.refusal = 0
    assert pair.gate.submit_waiting() == 0
    assert not pair.is_served(video_id)


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_refusal_that_may_pass_is_tried_again(pair: Any, status: int) -> None:
    pair.tidegate.refusal = status
    pair.upload()
    pair.tidegate.refusal = 0
    assert pair.gate.submit_waiting() == 1


def test_missed_webhooks_are_found_in_the_feed_at_the_next_start(pair: Any) -> None:
    first, second, third = (pair.upload(title)[0] for title in ("one", "two", "three"))
    events = [pair.event(first, "allowed"), pair.event(second, "removed"), pair.event(third, "allowed")]
    events.append(pair.event(third, "allowed", kind="decision.undone"))
    pair.tidegate.feed = [pair.item(seq, event) for seq, event in enumerate(events, 5)]
    pair.start()
    assert pair.gate.catch_up() == 4
    assert [pair.is_served(one) for one in (first, second, third)] == [True, False, False]
    assert pair.gate.catch_up() == 0
    assert pair.store.mark("feed") == "8~"
    assert pair.tell(events[0]) == 204
    assert pair.is_served(first)


def test_a_decision_that_the_feed_says_was_taken_back_is_never_acted_on(pair: Any) -> None:
    video_id, _ = pair.upload()
    gone = pair.event(video_id, "allowed", undo_until="2026-01-01T00:00:00Z", undone_at="2026-01-01T00:00:00Z")
    pair.tidegate.feed = [pair.item(1, gone)]
    pair.gate.catch_up()
    assert not pair.is_served(video_id)
    pair.tell(pair.event(video_id, "allowed", 0))
    assert not pair.is_served(video_id), "a late delivery of it"


def test_a_feed_that_breaks_off_is_read_on_from_where_it_was(pair: Any) -> None:
    video_id, _ = pair.upload()
    pair.tidegate.is_down = True
    with pytest.raises(ServerUnreachableError):
        pair.gate.catch_up()
    pair.tidegate.is_down = False
    pair.tidegate.feed = [pair.item(1, pair.event(video_id, "allowed"))]
    assert pair.gate.catch_up() == 1


def test_a_creator_reads_the_reason_and_the_statement(pair: Any) -> None:
    video_id, mine = pair.upload()
    upload_id = pair.tidegate.uploads[video_id]["id"]
    draft = {"decision_facts": "Found <here>.", "content_type": ["CONTENT_TYPE_VIDEO"]}
    pair.tidegate.statements[upload_id] = {"id": "st_0", "statement": {}}
    pair.tell(pair.event(video_id, "removed", 0, statement_of_reasons="st_1"))
    assert "Statement" not in pair.browser.get(mine).text, "this is another decision's"
    pair.tidegate.statements[upload_id] = {"id": "st_1", "statement": draft}
    text = pair.browser.get(mine).text
    assert "a reason" in text
    assert "Found &lt;here&gt;." in text
    pair.tidegate.is_down = True
    assert "CONTENT_TYPE_VIDEO" in pair.browser.get(mine).text, "it is kept"


def test_a_statement_that_is_not_to_be_had_leaves_the_reason(pair: Any) -> None:
    video_id, mine = pair.upload()
    pair.tell(pair.event(video_id, "removed", 0, statement_of_reasons="st_1"))
    pair.tidegate.is_down = True
    answer = pair.browser.get(mine)
    assert answer.status_code == 200
    assert "a reason" in answer.text


def test_the_webhook_is_made_once_and_made_anew_when_its_secret_was_lost(pair: Any) -> None:
    assert len(pair.tidegate.webhooks) == 1
    before = pair.secret
    pair.start()
    assert (pair.secret, len(pair.tidegate.webhooks)) == (before, 1)
    pair.store.set_mark("webhook", "")
    lost = pair.tidegate.webhooks[0]["id"]
    pair.start()
    assert len(pair.tidegate.webhooks) == 1
    assert pair.tidegate.webhooks[0]["id"] != lost
    webhook_secret(pair.store, pair.client, "http://elsewhere.test/events")
    assert [one["url"] for one in pair.tidegate.webhooks] == ["http://elsewhere.test/events"]


@pytest.mark.parametrize(
    ("params", "kind", "body", "status"),
    [
        ({"title": "", "creator": "kim"}, "video/mp4", VIDEO, 422),
        ({"title": "low tide"}, "video/mp4", VIDEO, 422),
        ({"title": "low tide", "creator": "kim"}, "text/html", VIDEO, 415),
        ({"title": "low tide", "creator": "kim"}, "video/mp4", b"", 413),
        ({"title": "low tide", "creator": "kim"}, "video/mp4", bytes((1 << 20) + 1), 413),
        ({"title": "low tide", "creator": "kim"}, "video/mp4", iter([VIDEO]), 411),
    ],
)
def test_an_upload_that_is_none_is_refused(
    pair: Any, params: dict[str, str], kind: str, body: Any, status: int
) -> None:
    answer = pair.browser.put("/videos", params=params, content=body, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert pair.store.not_submitted() == []


def test_an_upload_that_breaks_off_leaves_nothing(pair: Any) -> None:
    headers = {"Content-Type": "video/mp4", "Content-Length": "5000"}
    params = {"title": "low tide", "creator": "kim"}
    answer = pair.browser.put("/videos", params=params, content=VIDEO[:100], headers=headers)
    assert answer.status_code == 400
    orphan = pair.store.file_of("v-orphan")
    orphan.write_bytes(VIDEO)
    pair.start()
    assert list(orphan.parent.iterdir()) == []


def test_words_of_people_are_shown_as_words(pair: Any) -> None:
    video_id, mine = pair.upload("<script>alert(1)</script>")
    pair.tell(pair.event(video_id, "allowed"))
    for address in ("/", mine, f"/videos/{video_id}"):
        answer = pair.browser.get(address)
        assert "<script>alert" not in answer.text
        assert "default-src 'self'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/nothing", "/videos/../site.sqlite3", "/mine/none", "/videos/v0/file", "/web.py"])
def test_there_is_nothing_else(pair: Any, path: str) -> None:
    assert pair.browser.get(path).status_code == 404
