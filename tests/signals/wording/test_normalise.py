import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.records import TextSource
from tidegate.signals.wording.normalise import Trick, fold, normalise

TRICKY = st.text(
    alphabet=st.sampled_from(
        [
            *"abeilosAEIOS0134579@$!|. -_*'#/",
            "\u200b",
            "\u200d",
            "\u202e",
            "\u202c",
            "\ufe0f",
            "\u20e3",
            "\u0301",
            "\u0336",
            "\u0338",
            "\u00ad",
            "\ud800",
            "🇸",
            "🇰",
            "🇷",
            "🅰",
            "❌",
            "👩",
            "а",
            "о",
            "і",
            "к",
            "ж",
            "α",
            "ｆ",
            "𝓯",
            "ㅅ",
            "ㅣ",
            "가",
            "は",
            "ﾞ",
            "ｶ",
            "م",
            "\u200c",
            "क",
            "्",
            "ß",
            "ı",
            "İ",
            "ᗪ",
            "ꓢ",
            "\u3164",
            "\U000e0061",
        ]
    ),
    max_size=40,
)
ANY = st.one_of(TRICKY, st.text(max_size=60), st.text(alphabet=st.characters(), max_size=60))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("s p a m", "spam"),
        ("s.p.a.m now", "spam now"),
        ("b-i-t-c-o-i-n", "bitcoin"),
        ("f r e e  m o n e y", "free money"),
        ("this is a s p a m message", "this is a spam message"),
        ("spaaaaam", "spam"),
        ("sooooo goooood", "soo good"),
        ("fr\u200bee m\u2060oney", "free money"),
        ("\u202emaps\u202c ok", "spam ok"),
        ("ｆｒｅｅ", "free"),
        ("𝓯𝓻𝓮𝓮 𝖒𝖔𝖓𝖊𝖞", "free money"),
        ("ⓕⓡⓔⓔ", "free"),
        ("ꜰʀᴇᴇ", "free"),
        ("🇸 🇵 🇦 🇲", "SPAM"),
        ("🅵🆁🅴🅴", "FREE"),
        ("1️⃣0️⃣", "10"),
        ("f❌ke", "fxke"),
        ("s̶p̶a̶m̶", "spam"),
        ("z̸̡̢̛a̷͖͝l̴͎̓g̵͠o̷͖͝", "zalgo"),
        ("frее mоnеy", "free money"),
        ("спacибo", "спасибо"),
        ("h3llo m0ney ca$h p@ypal", "hello money cash paypal"),
        ("fr33 n00b b00k", "free noob book"),
        ("ㅅㅡㅍㅐㅁ", "스팸"),
        ("스.팸.문.자", "스팸문자"),
        ("I want to unalive", "I want to kill"),
        ("fｒee", "free"),
        ("ᗪᗩᖇK", "DARK"),
    ],
)
def test_evasion_is_read_as_viewers_read_it(written: str, read: str) -> None:
    assert normalise(written).text == read


@pytest.mark.parametrize(
    "text",
    [
        "2024 was great, see you 1st of May at 7pm, h264 and mp3, covid19, ps5pro, i18n, 4ever, b2b, GPT4all, v2",
        "U2, R2D2, 3D, 4K, A4, CO2, G20, 50cent, 24h, 30mins, iPhone15, RTX4090Ti, aB3dE5fG, 1080p60",
        "us$ 20, 10k€, $AAPL up 5%, hello!world? wow!!! www.example.com me@home.org @user_0x1 #top10",
        "Straße, ẞ, Işık, ığdır, İstanbul, Łódź, smørrebrød, þing, naïve, Ångström, Việt Nam, Yorùbá",
        "안녕하세요 오늘 날씨가 좋네요 ㅋㅋㅋ ㅠㅠ ㅇㅇ 나 는 너 를 봐",
        "これはテストです。ガギグゲゴ ーーー Tシャツ www",
        "مرحبا بالعالم می‌خواهم کتاب‌ها",
        "नमस्ते दुनिया क्‍ष श्र‌ी",
        "สวัสดีชาวโลก น้ำ ทำ",
        "Привет, как дела? Сегодня хорошая погода. Ура!",
        "Και το φως ήταν ωραίο",
        "👨‍👩‍👧‍👦 ❤️ 🏳️‍🌈 👍🏽 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🇰🇷🇺🇸 ☺️ 🧑🏿‍🚀",
        "J. R. R. Tolkien; A B C D E; a, b, c, d; x y z; 1 2 3 4 5; Am F C G; e.g. this",
        "½ cup, 5µm, 10kΩ, m² and x³, ™ © ® № 25º α-male",
        "Schifffahrt, bookkeeper, committee, Mississippi, XXX, III",
        "你好，世界！今天天气很好。",
        "H1B visa, C4D render, w3c, mp4 & m4a, 3some of us, 5star hotel, room33",
    ],
)
def test_ordinary_text_keeps_its_letters(text: str) -> None:
    expected = unicodedata.normalize("NFC", text).replace("，", ",").replace("！", "!")
    assert normalise(text).text == expected


def test_decomposed_letters_are_composed_without_being_called_a_trick() -> None:
    text = unicodedata.normalize("NFD", "각 é ế ガ")
    assert normalise(text).text == "각 é ế ガ"
    assert normalise(text).changes == ()


@given(ANY)
def test_every_stretch_quotes_the_original_exactly(text: str) -> None:
    read = normalise(text)
    for mapped in (read.mapped, read.skeleton):
        assert mapped.original == text
        previous_start = previous_end = 0
        for index in range(len(mapped.text)):
            start, end = mapped.origin(index, index + 1)
            assert 0 <= start < end <= len(text)
            assert start >= previous_start
            assert end >= previous_end
            previous_start, previous_end = start, end
        quote = mapped.quote(TextSource.CAPTION, 0, len(mapped.text))
        assert quote.text == text[quote.start_char : quote.end_char]


@given(ANY)
def test_normalised_text_can_always_be_encoded(text: str) -> None:
    assert normalise(text).text.encode("utf-8").decode("utf-8") == normalise(text).text


@given(st.text(alphabet=st.characters(codec="ascii", exclude_characters="0123456789@$!|#")))
def test_a_stretch_outside_the_text_is_refused(text: str) -> None:
    read = normalise(text)
    with pytest.raises(IndexError):
        read.quote(TextSource.CAPTION, 0, len(read.text) + 1)


@settings(max_examples=400)
@given(ANY)
def test_normalising_again_settles(text: str) -> None:
    once = normalise(text).text
    twice = normalise(once).text
    assert normalise(twice).text == twice


@given(st.text(alphabet="abcdefg zß İıé가は", max_size=40))
def test_a_skeleton_is_lower_case_and_stable(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_changes_say_which_trick_hid_a_word_and_where() -> None:
    read = normalise("buy fr\u200bee mоney, sooooo good")
    assert [(change.trick, read.original[change.start_char : change.end_char]) for change in read.hidden] == [
        (Trick.INVISIBLE, "\u200b"),
        (Trick.HOMOGLYPH, "mоney"),
    ]
    assert Trick.EXPRESSIVE in {change.trick for change in read.changes}


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "a ",
        "a.",
        "\u0301",
        "\u202e",
        "aа",
        "1a",
        "ㅅㅣ",
        "🇸",
        "\u200b",
        "*",
        "a\u0336",
        "ᗪ",
        "(",
        "#",
        "@a",
        "\ud800",
        "가",
    ],
)
def test_a_hundred_thousand_characters_of_one_thing_come_back_whole(unit: str) -> None:
    """A step that is not linear would not come back from this within the day."""
    text = unit * (100_000 // len(unit))
    mapped = normalise.__wrapped__(text).mapped
    if mapped.text:
        assert 0 <= mapped.origin(0, len(mapped.text))[0] <= len(text)
        assert mapped.origin(0, len(mapped.text))[1] <= len(text)
