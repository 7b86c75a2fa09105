"""The page: one file, no request, no script, nothing a stranger wrote is markup."""

import base64
import hashlib
import itertools
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tidegate.cli.paths import Refusal
from tidegate.cli.report.build import ReportBuilder, page_text
from tidegate.errors import InputNotFoundError, UsageError
from tidegate.records import ManifestState, OnScreenText, Policy, Provenance, Sound, Span, Utterance
from tidegate.screening import Screened

HOSTILE = (
    '</style></title><script>alert(1)</script>"><img src=x onerror=alert(1)>{{7*7}}\u202e\x1b[2J\udc80<!-- sections -->'
)


class Page(HTMLParser):
    """Tags, attributes, ids and links of a page; complains about a tag that is closed out of order."""

    VOID = frozenset({"meta", "img", "input", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def values(self, name: str) -> list[str]:
        return [value for _, attribute, value in self.attributes if attribute == name]


def page_of(folder: Path, policy: Policy, *results: tuple[str, Screened | Refusal], expected: int = 0) -> str:
    builder = ReportBuilder(policy, made_at_s=1_790_000_000.0, expected=expected or len(results))
    for name, result in results:
        builder.add(name, result)
    builder.write(folder / "report.html")
    builder.close()
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture
def hostile(spoken_sample: Screened, sample_policy: Policy) -> tuple[Screened, Policy]:
    """The spoken sample with a stranger's text everywhere a stranger, or a careless policy, can put one."""
    sample = spoken_sample
    upload = replace(sample.upload, caption=HOSTILE, hashtags=(HOSTILE,), sound=Sound(title=HOSTILE))
    upload = replace(upload, creator_id=HOSTILE, language=HOSTILE)
    decision = replace(sample.decision, reason=HOSTILE)
    signal = sample.screening.signals[4]
    noted = replace(signal, evidence=replace(signal.evidence, note=HOSTILE))
    screening = replace(sample.screening, signals=(noted,) * 5)
    screening = replace(
        screening,
        judgements=tuple(replace(judged, contributions=judged.contributions[:1]) for judged in screening.judgements),
    )
    screening = replace(
        screening,
        utterances=tuple(replace(one, text=HOSTILE, words=(), language=HOSTILE) for one in screening.utterances),
        on_screen_texts=tuple(
            replace(one, text=HOSTILE, language=HOSTILE, script=HOSTILE) for one in screening.on_screen_texts
        ),
        provenance=Provenance(
            manifest=ManifestState.VALID,
            generator=HOSTILE,
            signer=HOSTILE,
            signed_at=HOSTILE,
            actions=(HOSTILE,),
            software=(HOSTILE,),
            reencode_traces=(HOSTILE,),
            problems=(HOSTILE,),
        ),
        abstentions=tuple(replace(one, detail=HOSTILE) for one in screening.abstentions),
    )
    policy = replace(sample_policy, title=HOSTILE)
    return replace(sample, upload=upload, decision=decision, screening=screening), policy


def test_the_page_asks_nobody_for_anything(tmp_path: Path, spoken_sample: Screened, sample_policy: Policy) -> None:
    page = Page(page_of(tmp_path, sample_policy, ("harbour.mp4", spoken_sample)))
    assert not {"script", "link", "iframe", "object", "embed", "base", "form"} & set(page.tags)
    assert all(value.startswith("data:image/jpeg;base64,") for value in page.values("src"))
    assert all(value.startswith("#") for value in page.values("href"))
    assert not page.values("style")
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]


def test_the_policy_of_the_page_allows_exactly_its_own_style(
    tmp_path: Path, sample: Screened, sample_policy: Policy
) -> None:
    text = page_of(tmp_path, sample_policy, ("harbour.mp4", sample))
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    (rule,) = [value for value in Page(text).values("content") if "default-src" in value]
    assert (
        rule == f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_what_a_stranger_writes_is_never_markup(tmp_path: Path, hostile: tuple[Screened, Policy]) -> None:
    screened, policy = hostile
    text = page_of(tmp_path, policy, (HOSTILE, screened), (HOSTILE, Refusal(name=HOSTILE, error=UsageError(HOSTILE))))
    page = Page(text)
    assert "script" not in page.tags
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert "<script>" in "".join(page.text)
    assert not set(text) & {"\u202e", "\x1b"}
    assert "49" not in "".join(page.text).split("onerror")[1][:40]


def test_every_link_leads_somewhere_and_every_id_stands_once(
    tmp_path: Path, spoken_sample: Screened, unreadable_sample: Screened, sample_policy: Policy
) -> None:
    gone = Refusal(name="gone.mp4", error=InputNotFoundError("no such file"))
    spoken = [(name, spoken_sample) for name in ("a.mp4", "b.mp4")]
    page = Page(page_of(tmp_path, sample_policy, *spoken, ("c.mp4", unreadable_sample), ("d", gone)))
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    targets = [value[1:] for value in page.values("href")] + page.values("for") + page.values("aria-labelledby")
    assert set(targets) <= set(ids)


def test_every_picture_has_words_and_every_table_a_caption(
    tmp_path: Path, spoken_sample: Screened, sample_policy: Policy
) -> None:
    page = Page(page_of(tmp_path, sample_policy, ("a.mp4", spoken_sample), ("b.mp4", spoken_sample)))
    assert len([value for value in page.values("alt") if value]) == page.tags.count("img")
    assert page.tags.count("table") == page.tags.count("caption")
    assert page.tags.count("h1") == 1


def test_headings_go_down_one_level_at_a_time(tmp_path: Path, spoken_sample: Screened, sample_policy: Policy) -> None:
    page = Page(page_of(tmp_path, sample_policy, ("a.mp4", spoken_sample), ("b.mp4", spoken_sample)))
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_many_uploads_have_an_index_and_fewer_pictures(tmp_path: Path, sample: Screened, sample_policy: Policy) -> None:
    one = Page(page_of(tmp_path, sample_policy, ("a.mp4", sample)))
    many = Page(page_of(tmp_path, sample_policy, *[(f"{index}.mp4", sample) for index in range(3)]))
    assert one.tags.count("img") == 16
    assert many.tags.count("img") == 3 * 8
    assert "3 uploads" in "".join(many.text)


def test_a_page_of_what_could_not_be_screened_says_so(tmp_path: Path, sample_policy: Policy) -> None:
    gone = Refusal(name="gone.mp4", error=InputNotFoundError("no such file"))
    assert "TG-C004 no such file" in page_of(tmp_path, sample_policy, ("gone.mp4", gone))
    assert "Nothing was screened" in page_of(tmp_path, sample_policy, expected=1)


def test_hours_of_words_make_a_page_that_still_opens(
    tmp_path: Path, spoken_sample: Screened, sample_policy: Policy
) -> None:
    clock = [Span(start_s=index / 100, end_s=index / 100 + 0.01) for index in range(2000)]
    utterances = tuple(Utterance(text="x" * 100_000, span=span, language="en", confidence=0.9) for span in clock)
    box = spoken_sample.screening.on_screen_texts[0].box
    texts = tuple(OnScreenText(text="y", span=span, box=box, language="", confidence=0.2) for span in clock)
    screening = replace(spoken_sample.screening, utterances=utterances, on_screen_texts=texts)
    text = page_of(tmp_path, sample_policy, ("a.mp4", replace(spoken_sample, screening=screening)))
    page = Page(text)
    assert len(text) < 2_000_000
    assert "3,400 more lines" in "".join(page.text)
    assert {value[1:] for value in page.values("href")} <= set(page.values("id"))


def test_a_screening_in_which_nothing_was_heard_or_read_says_nothing_of_it(
    tmp_path: Path, sample: Screened, sample_policy: Policy
) -> None:
    words = "".join(Page(page_of(tmp_path, sample_policy, ("a.mp4", sample))).text)
    assert "Heard and read" not in words
    assert "Origin" not in words
    assert "LUFS" not in words


def test_the_same_uploads_make_the_same_bytes(tmp_path: Path, sample: Screened, sample_policy: Policy) -> None:
    assert page_of(tmp_path, sample_policy, ("a", sample)) == page_of(tmp_path, sample_policy, ("a", sample))


def test_the_old_page_is_replaced_whole_and_nothing_is_left_beside_it(
    tmp_path: Path, sample: Screened, sample_policy: Policy
) -> None:
    (tmp_path / "report.html").write_text("old")
    page_of(tmp_path, sample_policy, ("a", sample))
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_place_that_cannot_be_written_is_a_coded_error(tmp_path: Path, sample_policy: Policy) -> None:
    builder = ReportBuilder(sample_policy, made_at_s=0.0)
    with pytest.raises(UsageError, match="cannot be written"):
        builder.write(tmp_path / "no" / "such" / "report.html")
    builder.close()


def test_breaks_of_a_caption_stay_and_everything_unsafe_is_written_out() -> None:
    assert page_text("a\nb\u202e\x00\udc80") == "a\nb\\u202e\\x00\\udc80"
    assert page_text(3) == 3
