import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.records import Abstention, AbstentionReason, Signal, Upload
from tidegate.signals.base import View
from tidegate.signals.texts import texts_of
from tidegate.signals.wording.patterns import MAX_FINDS, PatternDetector


def said(caption: str) -> list[Signal | Abstention]:
    upload = Upload(id="u", caption=caption)
    return list(PatternDetector().detect(View(upload=upload, texts=texts_of(upload))))


def quotes(caption: str, label: str) -> list[str]:
    return [
        signal.evidence.quote.text
        for signal in said(caption)
        if isinstance(signal, Signal) and signal.label == label and signal.evidence.quote
    ]


def test_offers_are_quoted_as_written_although_they_are_read_without_tricks() -> None:
    assert quotes("Gu\u200baranteed pr0fit!! DM me", "pattern.scam_offer") == ["Gu\u200baranteed pr0fit!! DM"]
    assert quotes("Straße: Kredit ohne Schufa, schreib mir", "pattern.scam_offer") == [
        "Kredit ohne Schufa, schreib mir"
    ]


def test_contact_details_count_as_a_way_to_get_in_touch() -> None:
    assert quotes("Straßenverkauf: selling phones $200, +49 151 2345678", "pattern.trade")[0].endswith(
        "+49 151 2345678"
    )


def test_digits_in_costume_are_read() -> None:
    assert quotes("０１０-１２３４-５６７８", "pattern.contact") == ["０１０-１２３４-５６７８"]
    assert quotes("0️⃣1️⃣0️⃣-1️⃣2️⃣3️⃣4️⃣-5️⃣6️⃣7️⃣8️⃣", "pattern.contact")


def test_an_identity_number_is_no_phone_number_as_well() -> None:
    assert quotes("529.982.247-25", "pattern.personal_data") == ["529.982.247-25"]
    assert quotes("529.982.247-25", "pattern.contact") == []


def test_ten_megabytes_are_read_to_the_limit_and_the_rest_is_abstained() -> None:
    spoken = said("bit.ly/a " * 1_200_000)
    assert isinstance(spoken[-1], Abstention)
    assert spoken[-1].reason is AbstentionReason.OVER_BUDGET
    assert len(spoken) == MAX_FINDS + 1


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "a.",
        "a-",
        "1 ",
        "1-",
        "a@b.",
        "www.",
        "http://",
        "telegram:",
        "send btc ",
        "f4f ",
        "guaranteed profit dm ",
        "4539 1488 ",
        "DE89 3704 ",
        "his address is ",
        "like and share ",
        "a" * 63 + ".",
        "🔌❄",
        "통장 ",
        "a dot ",
        "(",
        "tag 3 ",
    ],
)
def test_hostile_repetition_comes_back(unit: str) -> None:
    """A pattern that backtracks without bound would not come back from twenty thousand characters."""
    for signal in said(unit * (20_000 // len(unit))):
        assert isinstance(signal, Signal)


@given(st.text(max_size=150))
def test_any_text_is_survived_and_quoted_exactly(text: str) -> None:
    for signal in said(text):
        assert isinstance(signal, Signal)
        quote = signal.evidence.quote
        assert quote is not None
        assert quote.text == text[quote.start_char : quote.end_char] != ""
