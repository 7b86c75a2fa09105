"""The reference site in a real browser: its upload form, its player, its age gate, under its own content policy."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from playwright.sync_api import Browser

from tidegate.testing.clips import ClipSpec, write_clip

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        del format, args


@pytest.fixture
def address(pair: Any) -> Iterator[str]:
    """The site on a real port."""
    with make_server("127.0.0.1", 0, pair.site, handler_class=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Any]:
    """A page; what it says in its console is kept, since a blocked script or style speaks there."""
    one: Any = chromium.new_page(viewport={"width": 1000, "height": 800})
    one.complaints = []
    one.on("console", lambda message: one.complaints.append(message.text))
    yield one
    one.close()


def test_a_creator_uploads_and_a_viewer_watches_once_it_is_released(
    pair: Any, address: str, page: Any, tmp_path: Path
) -> None:
    clip = tmp_path / "clip.mp4"
    write_clip(clip, ClipSpec(duration_s=1.0, has_audio=False))
    page.goto(f"{address}/upload")
    page.get_by_label("Your name").fill("kim")
    page.get_by_label("Title").fill("low <i>tide</i>")
    page.get_by_label("Video").set_input_files(clip)
    page.get_by_label("Made with AI").check()
    page.get_by_role("button", name="Upload").click()
    page.get_by_text("Being checked").wait_for()
    assert page.get_by_role("heading").inner_text() == "Your video: low <i>tide</i>"
    (video,) = pair.store.not_submitted()
    assert (video.is_ai, pair.store.file_of(video.id).read_bytes()) == (True, clip.read_bytes())
    pair.gate.submit_waiting()
    pair.tell(pair.event(video.id, "restricted", 0, "age-restrict", "label"))
    page.reload()
    page.get_by_role("link", name=f"/videos/{video.id}").click()
    page.get_by_role("button", name="I am 18 or older").click()
    video_s = page.locator("video").evaluate(
        "video => new Promise(done => video.readyState ? done(video.duration)"
        " : video.addEventListener('loadedmetadata', () => done(video.duration)))"
    )
    assert video_s == pytest.approx(1.0, abs=0.2)
    page.screenshot(path=str(tmp_path / "watch.png"))
    assert page.complaints == []


def test_a_refusal_is_told_on_the_form(pair: Any, address: str, page: Any, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("no video")
    page.goto(f"{address}/upload")
    page.get_by_label("Your name").fill("kim")
    page.get_by_label("Title").fill("low tide")
    page.get_by_label("Video").set_input_files(notes)
    page.get_by_role("button", name="Upload").click()
    page.get_by_text("Send one of video/mp4").wait_for()
    assert pair.store.not_submitted() == []
