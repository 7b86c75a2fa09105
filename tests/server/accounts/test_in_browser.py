"""Signing in with a real browser: its policy of content, its referrers and its cookies let every page work."""

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect

if TYPE_CHECKING:
    from tidegate.server.accounts.models import Person

WORDS = "thirty gulls on a groyne"

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module", autouse=True)
def beside_an_event_loop() -> Iterator[None]:
    """Playwright's loop lives in this thread, though nothing of it runs while a test reads the database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture
def window(chromium: Browser) -> Iterator[Callable[..., tuple[Page, list[str]]]]:
    """A window that nobody is signed in with, and what the browser complains about in it."""
    contexts = []

    def make(width: int = 1280, height: int = 800, scheme: str = "light") -> tuple[Page, list[str]]:
        context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
        contexts.append(context)
        page, complaints = context.new_page(), list[str]()
        page.on("console", lambda message: complaints.append(message.text) if message.type != "verbose" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page, complaints

    yield make
    for context in contexts:
        context.close()


def code(secret: str) -> str:
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def overflow_px(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def test_the_first_administrator_comes_from_the_link_to_the_console_and_back_again(
    live_server: str, window: Callable[..., tuple[Page, list[str]]]
) -> None:
    from tidegate.server.accounts.people import first_admin_link

    link = first_admin_link(time.time())
    assert link is not None
    page, complaints = window()
    page.goto(live_server + link.path)
    page.get_by_label("Your e-mail address").fill("ada@example.org")
    page.get_by_label("Password", exact=True).fill(WORDS)
    page.get_by_label("The same password again").fill(WORDS)
    page.get_by_role("button", name="Set it and sign in").click()
    expect(page.get_by_role("heading", name="Set up your authenticator")).to_be_visible()
    assert page.get_by_role("img", name="QR code").evaluate("image => image.naturalWidth") > 0
    page.get_by_text("It cannot be scanned").click()
    secret = page.locator("details code").inner_text().replace(" ", "")
    page.get_by_label("Authenticator code").fill(code(secret))
    page.get_by_role("button", name="Set it up").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    recovery = page.locator("ol code").first.inner_text()
    page.get_by_role("link", name="I kept them").click()
    expect(page).to_have_url(f"{live_server}/")

    page.goto(f"{live_server}/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("E-mail address").fill("ada@example.org")
    page.get_by_label("Password").fill(WORDS)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Code").fill(recovery)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{live_server}/")
    assert complaints == []


def test_the_secret_of_a_link_is_told_to_no_other_page(
    live_server: str, window: Callable[..., tuple[Page, list[str]]], person: Callable[..., "Person"]
) -> None:
    from tidegate.server.accounts.people import renew_link

    link = renew_link(person().id, now_s=time.time())
    page, _ = window()
    told: list[str] = []
    page.on("request", lambda request: told.append(request.headers.get("referer", "")))
    page.goto(live_server + link.path)
    page.get_by_label("Password", exact=True).fill("short")
    page.get_by_role("button", name="Set it and sign in").click()
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<a id=out href=\"http://192.0.2.1/\">out</a>')")
    page.route("http://192.0.2.1/**", lambda route: route.fulfill(body="elsewhere"))
    page.click("#out")
    assert told[-1] == ""
    assert page.evaluate("document.referrer") == ""


@pytest.mark.parametrize(("width", "height", "scheme"), [(1280, 800, "dark"), (390, 844, "light")])
def test_every_page_fits_and_the_browser_complains_of_none(
    live_server: str,
    window: Callable[..., tuple[Page, list[str]]],
    person: Callable[..., "Person"],
    width: int,
    height: int,
    scheme: str,
) -> None:
    from tidegate.server.accounts.people import invite, renew_link

    long = f"{'a-long-name' * 5}@{'harbour' * 7}.example.org"
    somebody = invite(long, "reviewer", name="x" * 120, now_s=time.time()).person
    page, complaints = window(width, height, scheme)
    page.goto(live_server + renew_link(somebody.id, now_s=time.time()).path)
    assert overflow_px(page) <= 0
    page.get_by_label("Password", exact=True).fill(WORDS)
    page.get_by_label("The same password again").fill(WORDS)
    page.get_by_role("button", name="Set it and sign in").click()
    expect(page).to_have_url(f"{live_server}/")
    for path in ("security", "password", "authenticator", "reauthenticate", "logout"):
        page.goto(f"{live_server}/accounts/{path}/")
        assert page.locator("h1").count() == 1, path
        assert overflow_px(page) <= 0, path
    assert complaints == []
