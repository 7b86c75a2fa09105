"""The console in a real browser: no complaint, no overflow, the player and a ruling by keyboard alone."""

import asyncio
import importlib
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from tidegate.records import Evidence, MediaInfo, Screening, Signal, Span
from tidegate.testing.clips import Truth

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module", autouse=True)
def beside_an_event_loop() -> Iterator[None]:
    """Playwright's loop lives in this thread, though nothing of it runs while a test reads the database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture
def address(database: str) -> Iterator[str]:
    """A web server of this process on a free port of this machine."""
    import uvicorn
    from django.core.asgi import get_asgi_application

    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(get_asgi_application(), lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])))
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listening.close()


class Visit:
    """A page of somebody who is signed in, with everything that the browser complained about."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.complaints: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: str) -> None:
        """Open a page of the console."""
        self.page.goto(self.address + path, wait_until="load")

    @property
    def overflow_px(self) -> int:
        """How much wider the page is than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.fixture
def visit_as(chromium: Browser, address: str, client_as: Callable[..., object]) -> Iterator[Callable[..., Visit]]:
    """A browser window in which somebody of a role is signed in: `visit_as("lead", width=390)`."""
    contexts = []

    def make(role: str, *, width: int = 1280, height: int = 800, scheme: str = "light") -> Visit:
        client = client_as(role)
        context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
        contexts.append(context)
        session_id = client.cookies["sessionid"].value  # type: ignore[attr-defined]
        context.add_cookies([{"name": "sessionid", "value": session_id, "url": address}])
        return Visit(context.new_page(), address)

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def seen(clip: Callable[..., Truth], claimed: Callable[..., object], found: Callable[..., object],
         stored: Callable[[bytes], str]) -> str:  # fmt: skip
    """A held upload with a real clip and something found between its first and second second; its id."""
    from tidegate.server.history.finishing import finish

    content = clip(suffix=".mp4", duration_s=3.0).path.read_bytes()
    one = claimed(media_sha256=stored(content), media_size_bytes=len(content), external_id="harbour.mp4")
    held = found(one, "held")
    media = MediaInfo(
        sha256="ab" * 32, size_bytes=len(content), container="mp4", duration_s=3.0, video=None, audio=None
    )
    signal = Signal(
        label="matching.frame",
        score=0.9,
        detector_id="matching.frame@1",
        evidence=Evidence(span=Span(start_s=1.0, end_s=2.0)),
    )
    screening: Screening = replace(held.screening, media=media, signals=(signal,))  # type: ignore[attr-defined]
    finish([replace(held, screening=screening)], "screen-test", now_s=time.time())  # type: ignore[type-var, list-item]
    return str(one.upload.id)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("width", "height", "scheme"), [(1280, 800, "light"), (1280, 800, "dark"), (390, 844, "light")]
)
def test_no_page_overflows_and_the_browser_complains_of_none(
    width: int, height: int, scheme: str, visit_as: Callable[..., Visit], seen: str, decided: Callable[..., str]
) -> None:
    words = decided("removed", caption="a line " * 300, external_id="x" * 200, creator_id="y" * 200)
    visit = visit_as("admin", width=width, height=height, scheme=scheme)
    for path in ("/", "/uploads", f"/uploads/{seen}", f"/uploads/{words}", "/cases", "/settings/keys",
                 "/settings/webhooks", "/settings/people"):  # fmt: skip
        visit.open(path)
        assert visit.overflow_px <= 0, path
        assert visit.page.locator("h1").count() == 1
    assert visit.complaints == []


def test_the_figures_renew_themselves_and_stop_when_paused(
    visit_as: Callable[..., Visit], accepted: Callable[..., str]
) -> None:
    visit = visit_as("lead")
    visit.open("/")
    tile = visit.page.locator(".tile dd").first
    expect(tile).to_have_text(re.compile("^0"))
    accepted()
    expect(tile).to_have_text(re.compile("^1"), timeout=30_000)
    visit.page.get_by_role("button", name="Pause").click()
    expect(visit.page.locator("#live")).to_have_text("Paused")
    assert visit.complaints == []


def _until(page: Page, expression: str) -> None:
    """Wait for something to hold in the page; Playwright's own wait evaluates in a way that the policy forbids."""
    for _ in range(600):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never came to hold: {expression}")


def test_media_are_loaded_shown_and_sought_by_keyboard_and_stand_in_the_journal_once(
    visit_as: Callable[..., Visit], seen: str
) -> None:
    visit = visit_as("reviewer")
    visit.open(f"/uploads/{seen}")
    page = visit.page
    assert page.locator("video").count() == 0
    page.locator(".timeline a[data-seek]").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Load the media")).to_be_focused()
    page.keyboard.press("Enter")
    show = page.get_by_role("button", name="Show the picture")
    expect(show).to_be_focused(timeout=30_000)
    assert page.evaluate("getComputedStyle(document.querySelector('video')).filter").startswith("blur")
    page.keyboard.press("Enter")
    assert page.evaluate("getComputedStyle(document.querySelector('video')).filter") == "none"
    _until(page, "document.querySelector('video').readyState >= 2")
    assert page.evaluate("document.querySelector('video').error") is None
    assert page.evaluate("document.querySelector('video').currentTime") == pytest.approx(1.0)
    page.locator(".evidence a[data-seek]").focus()
    page.keyboard.press("Enter")
    _until(page, "!document.querySelector('video').seeking")
    assert visit.complaints == []
    rows = importlib.import_module("tidegate.server.ledger.models").EntryRow.objects
    assert rows.filter(subject=seen, kind="media.viewed").count() == 1


def test_a_person_restricts_by_keyboard_and_takes_it_back(visit_as: Callable[..., Visit], seen: str) -> None:
    visit = visit_as("reviewer")
    visit.open(f"/uploads/{seen}")
    page = visit.page
    page.get_by_role("radio", name="Allow").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("checkbox", name="label")).to_be_hidden()
    page.keyboard.press("ArrowRight")
    page.get_by_role("checkbox", name="label").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Decide").press("Enter")
    expect(page.get_by_text("Decided: restricted.")).to_be_visible(timeout=30_000)
    assert re.fullmatch(r"0:[0-3]\d", page.locator("[data-countdown-s]").inner_text())
    page.get_by_role("button", name="Take back").press("Enter")
    expect(page.get_by_text("the case is open again")).to_be_visible(timeout=30_000)
    assert visit.complaints == []


def test_every_part_of_the_frame_is_reached_by_keyboard_and_shows_that_it_is(
    visit_as: Callable[..., Visit], database: str
) -> None:
    visit = visit_as("admin")
    visit.open("/uploads")
    page = visit.page
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    for role in ("banner", "navigation", "main", "search"):
        assert page.get_by_role(role).count() >= 1, role  # type: ignore[arg-type]


def test_a_phone_has_its_pages_behind_a_menu(visit_as: Callable[..., Visit], database: str) -> None:
    visit = visit_as("lead", width=390, height=844)
    visit.open("/uploads")
    cases = visit.page.get_by_role("link", name="Cases")
    expect(cases).to_be_hidden()
    visit.page.locator(".menu > summary").click()
    expect(cases).to_be_visible()
    cases.click()
    expect(visit.page.get_by_role("heading", name="Cases")).to_be_visible()


def test_a_theme_that_was_chosen_stays(visit_as: Callable[..., Visit], database: str) -> None:
    visit = visit_as("lead")
    visit.open("/cases")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = visit.page.evaluate(ground)
    button = visit.page.locator("[data-theme-switch]")
    button.click()
    button.click()
    dark = visit.page.evaluate(ground)
    visit.open("/uploads")
    assert visit.page.evaluate(ground) == dark != light
