import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tidegate.records import (
    Abstention,
    AbstentionReason,
    OnScreenKind,
    OnScreenText,
    Signal,
    TextSource,
    Upload,
)
from tidegate.signals.base import View
from tidegate.signals.frames import FrameBatch
from tidegate.signals.onscreen.code_reader import Code, CodeReader
from tidegate.signals.onscreen.codes import MAX_CLOSER_PIXELS, MAX_PAYLOADS, MAX_RUNS, CodeDetector
from tidegate.signals.onscreen.payloads import MAX_PAYLOAD_BYTES
from tidegate.signals.run import run_detectors
from tidegate.testing.conformance import DetectorConformance
from tidegate.testing.fakes import clip_of, view_of

zxingcpp = pytest.importorskip("zxingcpp", reason="the decoder of codes is not installed")

Picture = NDArray[np.uint8]
LINK = "https://example.com/abc"
EMPTY = np.full((512, 288, 3), 120, np.uint8)


class TestCodeDetector(DetectorConformance):
    make = CodeDetector


@pytest.fixture(scope="module")
def detector() -> CodeDetector:
    detector = CodeDetector()
    detector.load()
    return detector


def shown(*payloads: str | bytes, module_px: int = 3, name: str = "QRCode") -> Picture:
    """A picture with codes from the top down."""
    picture = Image.fromarray(EMPTY.copy())
    top = 4
    for payload in payloads:
        code = zxingcpp.create_barcode(payload, getattr(zxingcpp.BarcodeFormat, name))
        drawn = Image.fromarray(np.array(zxingcpp.write_barcode_to_image(code, scale=module_px)))
        picture.paste(drawn.convert("RGB"), (20, top))
        top += drawn.height + 4
    return np.array(picture)


def view_with(pictures: Sequence[Picture]) -> View:
    return view_of(Upload(id="u"), clip=clip_of([picture.copy() for picture in pictures]))


def said(
    detector: CodeDetector, pictures: Sequence[Picture]
) -> tuple[list[OnScreenText], list[Signal], list[Abstention]]:
    every = list(detector.detect(view_with(pictures)))
    return (
        [one for one in every if isinstance(one, OnScreenText)],
        [one for one in every if isinstance(one, Signal)],
        [one for one in every if isinstance(one, Abstention)],
    )


def test_a_code_is_told_with_its_time_and_place(detector: CodeDetector) -> None:
    (text,), (signal,), abstentions = said(detector, [EMPTY, shown(LINK), shown(LINK), EMPTY])
    assert (text.text, text.kind, text.confidence, text.script) == (LINK, OnScreenKind.CODE, 1.0, "")
    assert (text.span.start_s, text.span.end_s) == (1.0, 3.0)
    assert [at.time_s for at in text.path] == [1.0, 2.0]
    assert signal.evidence.span == text.span
    assert signal.evidence.box == text.box
    assert text.box.x * 288 == pytest.approx(32, abs=3)
    assert signal.evidence.note == "QR Code: link"
    assert not abstentions


def test_a_note_tells_what_is_odd_and_never_what_it_says(detector: CodeDetector) -> None:
    _, (signal,), _ = said(detector, [shown("https://name.example@evil.example/secretpath")])
    assert signal.evidence.note == "QR Code: link; a name stands before the host"


def test_links_hidden_in_a_link_become_words_for_others(detector: CodeDetector) -> None:
    view = view_with([shown("https://t.co/?url=https%3A%2F%2Fevil.example%2Fa")])
    findings = run_detectors([detector], view)
    (text,) = (one for one in findings.readings.onto(view).texts if one.source is TextSource.CODE)
    at = text.text.index("https://evil.example/a")
    evidence = text.evidence(at, at + 22)
    assert evidence is not None
    assert evidence.box is not None
    assert evidence.quote is not None
    assert evidence.quote.text == "https://evil.example/a"


def test_the_same_code_seen_twice_is_two_texts_and_one_signal(detector: CodeDetector) -> None:
    texts, signals, _ = said(detector, [shown(LINK), EMPTY, EMPTY, shown(LINK), shown(LINK)])
    assert [(text.span.start_s, text.span.end_s) for text in texts] == [(0.0, 1.0), (3.0, 5.0)]
    (signal,) = signals
    assert signal.evidence.span == texts[1].span


def test_one_frame_in_which_a_code_is_missed_does_not_end_it(detector: CodeDetector) -> None:
    (text,), _, _ = said(detector, [shown(LINK), EMPTY, shown(LINK)])
    assert (text.span.start_s, text.span.end_s) == (0.0, 3.0)


def test_a_code_that_comes_and_goes_is_told_a_few_times_only(detector: CodeDetector) -> None:
    texts, signals, _ = said(detector, [shown(LINK), EMPTY, EMPTY] * 8)
    assert len(texts) == MAX_RUNS
    assert len(signals) == 1
    assert texts[-1].span.end_s == 22.0


def test_frames_that_look_the_same_are_looked_at_once() -> None:
    looks: list[int] = []

    class Counting(CodeReader):
        def look(self, rgb: Picture) -> list[Code]:
            looks.append(1)
            return super().look(rgb)

    detector = CodeDetector()
    detector._reader = Counting()
    noise = np.random.default_rng(0).integers(-4, 5, (6, *EMPTY.shape))
    pictures = [np.clip(shown(LINK) + one, 0, 255).astype(np.uint8) for one in noise]
    (text,), _, _ = said(detector, pictures)
    assert text.span.end_s == 6.0
    assert len(looks) == 1


def test_a_small_code_that_appears_on_a_still_picture_is_noticed(detector: CodeDetector) -> None:
    still = np.full((512, 288, 3), 60, np.uint8)
    code = zxingcpp.create_barcode(LINK, zxingcpp.BarcodeFormat.QRCode)
    drawn = np.array(zxingcpp.write_barcode_to_image(code, scale=2))
    later = still.copy()
    later[400 : 400 + drawn.shape[0], 200 : 200 + drawn.shape[1]] = drawn[:, :88, None]
    (text,), _, _ = said(detector, [still, still, later])
    assert text.span.start_s == 2.0


def test_different_codes_are_told_apart(detector: CodeDetector) -> None:
    texts, signals, _ = said(detector, [shown("first", "second"), shown("first", "second")])
    assert sorted(text.text for text in texts) == ["first", "second"]
    assert len(signals) == 2


def test_a_product_number_says_what_it_is(detector: CodeDetector) -> None:
    (text,), (signal,), _ = said(detector, [shown("4006381333931", name="EAN13", module_px=2)])
    assert text.text == "4006381333931"
    assert signal.evidence.note == "EAN-13: product number"


def test_too_many_codes_end_in_an_abstention(detector: CodeDetector) -> None:
    pictures = [shown(*(f"number {frame * 4 + row}" for row in range(4))) for frame in range(6)]
    texts, signals, (abstention,) = said(detector, pictures)
    assert len(texts) == len(signals) == MAX_PAYLOADS
    assert abstention.reason is AbstentionReason.OVER_BUDGET
    assert abstention.span is not None
    assert abstention.span.start_s == 4.0


ADVERSARIAL = [
    "javascript:alert(document.cookie)",
    "file:///etc/passwd",
    "data:text/html;base64,PHNjcmlwdD4=",
    "intent://evil.example#Intent;scheme=https;end",
    "a\u202egpj.exe \u2066hidden\u2069",
    "line\nhttps://bank.example\r\nline",
    "' OR 1=1; -- \x00\x07<script>{{7*7}}%s%n",
]


@pytest.mark.parametrize("payload", ADVERSARIAL, ids=range(len(ADVERSARIAL)))
def test_an_adversarial_payload_is_one_printable_line(detector: CodeDetector, payload: str) -> None:
    texts, signals, _ = said(detector, [shown(payload)])
    (text,) = texts
    assert text.text.split("\n")[0].isprintable()
    assert len(signals) == 1
    assert payload not in signals[0].evidence.note


def test_a_full_qr_code_comes_through_whole(detector: CodeDetector) -> None:
    payload = "https://example.com/" + "x" * 2900
    code = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode)
    large = np.array(zxingcpp.write_barcode_to_image(code, scale=3))
    (text,), _, abstentions = said(detector, [np.repeat(large[..., None], 3, axis=2)])
    assert text.text == payload
    assert not abstentions


def test_a_payload_with_too_many_links_is_cut_with_an_abstention(detector: CodeDetector) -> None:
    payload = "https://a.example/?" + "&".join(f"u{number}=https://x{number}.example" for number in range(20))
    (text,), _, (abstention,) = said(detector, [shown(payload)])
    assert abstention.reason is AbstentionReason.OVER_BUDGET
    assert abstention.span == text.span
    assert len(text.text) < 2 * MAX_PAYLOAD_BYTES


def test_binary_payloads_are_shown_as_hexadecimal(detector: CodeDetector) -> None:
    (text,), (signal,), _ = said(detector, [shown(b"\x00\x01\xff\xfe\x80")])
    assert text.text == "binary 0001fffe80"
    assert signal.evidence.note == "QR Code: binary data"


def test_the_closer_look_is_bounded_over_the_clip() -> None:
    spent: list[int] = []

    class Counting(CodeReader):
        def look_closer(self, rgb: Picture, known: Sequence[Code], most_pixels: int) -> tuple[list[Code], int]:
            found, cost = super().look_closer(rgb, known, most_pixels)
            spent.append(cost)
            return found, cost

    detector = CodeDetector()
    detector._reader = Counting()
    rng = np.random.default_rng(0)
    pictures = []
    for _ in range(30):
        picture = EMPTY.copy()
        for top in (20, 260):
            picture[top : top + 200, 40:240] = rng.integers(0, 2, (200, 200, 1)) * 255
        pictures.append(picture)
    said(detector, pictures)
    assert 0 < sum(spent) <= MAX_CLOSER_PIXELS


def test_a_view_without_frames_says_nothing(detector: CodeDetector) -> None:
    assert list(detector.detect(dataclasses.replace(view_with([EMPTY]), frames=FrameBatch()))) == []
