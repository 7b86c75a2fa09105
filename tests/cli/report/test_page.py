"""The page in a real browser: nothing breaks out of it, nothing runs in it, and a keyboard is enough."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tidegate.cli.report.build import ReportBuilder
from tidegate.records import Policy
from tidegate.screening import Screened

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def report(tmp_path: Path, spoken_sample: Screened, unreadable_sample: Screened, sample_policy: Policy) -> Path:
    builder = ReportBuilder(sample_policy, made_at_s=1_790_000_000.0, expected=2)
    builder.add("harbour.mp4", spoken_sample)
    builder.add(f"{'long-name-' * 20}.mp4", unreadable_sample)
    builder.write(tmp_path / "report.html")
    builder.close()
    return tmp_path / "report.html"


def opened(browser: Browser, report: Path, width_px: int, scheme: str = "light") -> tuple[Page, list[str]]:
    """The page at that width, and everything the browser complained of or asked the network for."""
    page = browser.new_page(viewport={"width": width_px, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("request", lambda request: heard.append(request.url) if request.url.startswith("http") else None)
    page.goto(report.as_uri())
    return page, heard


@pytest.mark.parametrize("width_px", [360, 768, 1280, 2560])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_every_width_without_a_complaint(browser: Browser, report: Path, width_px: int, scheme: str) -> None:
    page, heard = opened(browser, report, width_px, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width_px
    assert heard == []
    page.close()


def test_a_sensitive_picture_is_blurred_until_the_keyboard_asks_for_it(browser: Browser, report: Path) -> None:
    page, _ = opened(browser, report, 1280)
    picture = page.locator(".sensitive img").first
    filter_of = "element => getComputedStyle(element).filter"
    assert "blur" in picture.evaluate(filter_of)
    page.locator("input.reveal").first.focus()
    page.keyboard.press("Space")
    assert picture.evaluate(filter_of) == "none"
    page.close()


def test_a_bar_of_the_timeline_leads_to_its_evidence_and_on_to_its_picture(browser: Browser, report: Path) -> None:
    page, _ = opened(browser, report, 1280)
    page.locator(".lane-matches a").first.click()
    assert page.url.endswith("#u1-e1")
    assert page.locator("#u1-e1").is_visible()
    page.locator("#u1-e1 .place a").click()
    assert page.locator(page.url.partition("#")[2].join(("#", ""))).is_visible()
    page.close()


def test_a_script_that_got_in_would_not_run(browser: Browser, report: Path) -> None:
    report.write_text(report.read_text().replace("<main", "<script>document.title = 'ran'</script><main"))
    page, heard = opened(browser, report, 1280)
    assert page.title() != "ran"
    assert any("Content Security Policy" in line for line in heard)
    page.close()


def test_it_can_be_printed(browser: Browser, report: Path) -> None:
    page, _ = opened(browser, report, 1280)
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.close()


def test_a_quote_leads_to_its_evidence_and_each_part_back_to_its_words(browser: Browser, report: Path) -> None:
    page, _ = opened(browser, report, 1280)
    page.locator(".line-caption .ref").first.click()
    joined = page.locator(f"#{page.url.partition('#')[2]}")
    assert "Read together" in joined.inner_text()
    links = joined.locator(".pieces a")
    assert links.all_inner_texts() == ["caption", "picture T2 0:02.0", "voice 0:14.6"]
    for index in range(3):
        links.nth(index).click()
        assert page.locator(f"#{page.url.partition('#')[2]}").is_visible()
    page.close()


def test_the_tag_of_words_on_a_frame_leads_to_their_line(browser: Browser, report: Path) -> None:
    page, _ = opened(browser, report, 1280)
    tag = page.locator(".picture a.tag").nth(2)
    name = tag.inner_text()
    tag.click()
    assert name in page.locator(f"#{page.url.partition('#')[2]}").inner_text()
    page.close()


def test_boxes_and_their_tags_stay_on_the_picture(browser: Browser, report: Path) -> None:
    page, _ = opened(browser, report, 360)
    outside = page.evaluate(
        """() => [...document.querySelectorAll('.still')].flatMap(still => {
            const frame = still.getBoundingClientRect();
            return [...still.querySelectorAll('.box, .box-tag rect')].map(box => box.getBoundingClientRect()).filter(
                box => box.left < frame.left - 2 || box.right > frame.right + 2
                    || box.top < frame.top - 2 || box.bottom > frame.bottom + 2);
        }).length"""
    )
    assert page.locator(".box-tag").count() > 10
    assert outside == 0
    page.close()
