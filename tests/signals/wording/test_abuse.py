from pathlib import Path

import pytest

from tidegate.records import Signal, Upload
from tidegate.signals.base import View
from tidegate.signals.texts import texts_of
from tidegate.signals.wording import abuse_words
from tidegate.signals.wording.abuse import DRUGS, MINOR, REPORT_FACTOR, THREAT, URGING, abuse
from tidegate.signals.wording.lexicon_data import decode, encode
from tidegate.signals.wording.normalise import fold
from tidegate.signals.wording.patterns import PatternDetector

LABELS = {URGING, THREAT, MINOR, DRUGS}
CASES = [
    tuple(line.split("\t"))
    for line in Path(__file__).with_name("abuse_cases.tsv").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
SAID = [case for case in CASES if case[0] != "reported"]
REPORTED = [encoded for kind, encoded in CASES if kind == "reported"]

FIGURES = [
    "killing it today at the gym",
    "this brownie is to die for",
    "drop dead gorgeous in this dress",
    "these stairs will kill you",
    "muero de risa con mi perro",
    "te voy a matar a besos",
    "me muero de hambre",
    "배고파 죽겠다",
    "웃겨 죽겠네",
    "죽여주는 떡볶이 맛집",
    "죽어라 공부했다",
    "시험 때문에 죽을 것 같아",
    "더워서 죽을 뻔",
    "死ぬほど美味しいラーメン",
    "もう死ねる可愛さ",
    "笑い死にしそう",
    "笑死我了这只猫",
    "去死皮的方法",
    "累死了今天加班",
    "爱死你了",
    "stirb langsam ist mein Lieblingsfilm",
    "ich lach mich tot",
    "ich finde dich toll",
    "tue-toi à la tâche et voilà",
    "je meurs de rire",
    "morri de rir com esse video",
    "vai se matar de trabalhar",
    "kill them with kindness",
    "I'll kill you with kindness",
    "I'm gonna kill you lol why did you eat my fries",
    "i'll shoot you a text later",
    "i will beat you at mario kart",
    "break a leg tonight",
    "murder mystery dinner with friends",
    "if you are thinking about suicide call the helpline",
    "kys og kram fra Danmark",
    "mange kys til dig",
    "I'm 14 and I baked my first cake",
    "my dog is 13 years old and loves older people",
    "i turned 17 today dm me for party pics",
    "15살 고양이 생일 축하",
    "고2 브이로그 공부",
    "14歳の誕生日",
    "weed killer for my garden, order online",
    "아이스 아메리카노 판매 중 카톡 문의",
    "怎么去死角的头发",
    "Know Your Supplier: KYS explained",
    "drop dead date at 7",
    "I will find you and hug you",
    "voy a matar el tiempo",
    "vou te matar de saudade",
    "mi abuela tiene 90 años y busco novio para ella",
    "te voy a buscar y te doy un abrazo",
    "ordinary captions of the day",
]


def scores(caption: str) -> dict[str, float]:
    upload = Upload(id="u", caption=caption)
    best: dict[str, float] = {}
    for signal in PatternDetector().detect(View(upload=upload, texts=texts_of(upload))):
        if isinstance(signal, Signal) and signal.label in LABELS:
            best[signal.label] = max(best.get(signal.label, 0.0), signal.score)
    return best


@pytest.mark.parametrize(("label", "encoded"), SAID)
def test_what_is_said_to_a_person_is_found_in_its_language(label: str, encoded: str) -> None:
    assert scores(decode(encoded)).get(label, 0.0) >= 0.7


@pytest.mark.parametrize("encoded", REPORTED)
def test_what_is_reported_refused_or_quoted_hardly_counts(encoded: str) -> None:
    assert all(score < 0.35 for score in scores(decode(encoded)).values())


@pytest.mark.parametrize("caption", FIGURES)
def test_figures_of_speech_do_not_count(caption: str) -> None:
    assert all(score < 0.5 for score in scores(caption).values())


def test_marks_around_a_part_report_it_and_marks_around_everything_do_not() -> None:
    said = decode(SAID[4][1])
    whole = scores(f'"{said}"')[URGING]
    part = scores(f'"{said}" is what stood under my painting')[URGING]
    assert whole >= 0.7
    assert part == pytest.approx(whole * REPORT_FACTOR, abs=0.01)


def test_every_kind_of_abuse_has_cases_in_its_languages() -> None:
    counts = {label: sum(1 for case in SAID if case[0] == label) for label in LABELS}
    assert min(counts.values()) >= 10


def test_every_pattern_compiles_and_is_bounded() -> None:
    patterns = [
        *abuse_words.abuse_kinds().values(),
        *abuse_words.contexts().values(),
        *(phrase.pattern for phrase in abuse_words.abuse_phrases()),
    ]
    for pattern in patterns:
        assert not any(open_ended in pattern.pattern for open_ended in (".*", ".+", "\\w+", "\\w*", "\\S+", ",}"))


@pytest.mark.parametrize("encoded", ["####", encode("x")[:-1]])
def test_a_damaged_pattern_names_its_file(encoded: str, tmp_path: Path) -> None:
    from tidegate.errors import ModelFileError

    path = tmp_path / "words.tsv"
    path.write_text(f"age\t{encoded}\n")
    with pytest.raises(ModelFileError) as caught:
        list(abuse_words._decoded(path, 2))
    assert caught.value.where == "words.tsv"


def test_the_data_files_hold_no_abuse_in_plain_text() -> None:
    folder = Path(abuse_words.__file__).parent
    for name in ("abuse_phrases.tsv", "abuse_words.tsv"):
        for line in (folder / name).read_text("utf-8").splitlines():
            if not line.startswith("#"):
                assert decode(line.split("\t")[-1])


def test_a_folded_text_without_abuse_finds_nothing() -> None:
    assert list(abuse(fold("A walk along the harbour"))) == []
