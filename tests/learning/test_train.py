import functools
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tidegate.errors import TrainingDataError
from tidegate.judgement.model import FusionModel
from tidegate.learning.assemble import NEGATIVE, POSITIVE, PRESUMED, UNKNOWN, assemble, sampled, weights_for
from tidegate.learning.calibration import Curve
from tidegate.learning.datasets import LabelledText
from tidegate.learning.fitting import held_out_scores, marked_sources
from tidegate.learning.labels import floor_of
from tidegate.learning.report import TrainingReport
from tidegate.learning.train import embedded, train_wording
from tidegate.signals.wording.embedding import EMBEDDING_SIZE
from tidegate.signals.wording.head_weights import read_weights
from tidegate.signals.wording.normalise import normalise

LABELS_HERE = ("hate", "scam")


class WordEmbedder:
    """A stand-in encoder: every word is a fixed random direction, a text the direction of its words' sum."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.array(
            [sum((_direction(word) for word in text.lower().split()), np.zeros(EMBEDDING_SIZE)) for text in texts]
        )
        return (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)).astype(np.float32)


@functools.cache
def _direction(word: str) -> NDArray[np.float64]:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
    return np.random.default_rng(seed).normal(size=EMBEDDING_SIZE)


WORDS = ["river", "soup", "bridge", "lamp", "garden", "paper", "window", "stone", "candle", "basket", "cloud", "bread"]


def made_up(source: str, cue: str, count: int, seed: int, lang: str = "en") -> list[dict[str, object]]:
    """Rows in which the made-up word `cue` alone tells hostile from harmless."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        words = [*rng.choice(WORDS, 6), f"{source}{number}"]
        is_positive = number % 2 == 0
        text = " ".join([*words, cue]) if is_positive else " ".join(words)
        rows.append({"text": text, "lang": lang, "labels": {"hate": int(is_positive)}})
    return rows


def write(folder: Path, name: str, rows: Sequence[dict[str, object]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write(folder, "one", made_up("one", "zorgle", 160, 1))
    write(folder, "two", made_up("two", "zorgle", 160, 2))
    write(folder / "share-alike", "three_ko", made_up("three", "zorgle", 80, 3, "ko"))
    return folder


@pytest.fixture(scope="module")
def run(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainingReport:
    return train_wording(data_dir, tmp_path_factory.mktemp("out"), seed=5, only=LABELS_HERE, embedder=WordEmbedder())


def test_a_run_learns_what_the_rows_teach_and_proves_it_on_a_source_it_never_saw(run: TrainingReport) -> None:
    hate = next(one for one in run.labels if one.label == "wording.hate")
    assert hate.basis == "measured"
    assert hate.held_out_by == "source"
    assert set(hate.sources) == {"one", "two"}
    assert hate.labelled_count == 320
    assert hate.slices[0].auroc.low > 0.9
    assert hate.floor < 0.99


def test_the_written_heads_score_the_learned_word(run: TrainingReport) -> None:
    heads = read_weights(run.heads_folder)
    hate = heads.labels.index("wording.hate")
    bad, good = heads.scores(WordEmbedder().encode(["river soup zorgle lamp", "river soup bread lamp"]))[:, hate]
    assert bad > good


def test_the_written_fusion_rows_are_read_by_judgement_beside_the_bundled_base_rates(run: TrainingReport) -> None:
    import tidegate.judgement.model as module

    base_rates = Path(module.__file__).parents[1] / "models" / "fusion" / "base_rates.json"
    fusion = FusionModel.load([base_rates, run.fusion_path])
    assert fusion.measured_labels == {"wording.hate"}
    assert fusion.calibration("wording.scam", "wording.heads@1").basis == "assumed"


def test_the_same_seed_and_data_write_the_same_bytes(data_dir: Path, run: TrainingReport, tmp_path: Path) -> None:
    again = train_wording(data_dir, tmp_path, seed=5, only=LABELS_HERE, embedder=WordEmbedder())
    for name in ("weights.npz", "card.json", "README.md"):
        assert (again.heads_folder / name).read_bytes() == (run.heads_folder / name).read_bytes()
    assert again.fusion_path.read_bytes() == run.fusion_path.read_bytes()


def test_share_alike_rows_are_left_out_unless_asked_for_and_then_named(
    data_dir: Path, run: TrainingReport, tmp_path: Path
) -> None:
    assert "three" not in {one.source for one in run.sources}
    unseen = [one.name for label in run.labels for one in label.slices if one.name.startswith("never trained on")]
    assert unseen == ["never trained on: three ko"]
    shared = train_wording(data_dir, tmp_path, seed=5, share_alike=True, only=LABELS_HERE, embedder=WordEmbedder())
    assert "three" in {one.source for one in shared.sources}
    assert "Share-alike collections used: three" in (shared.heads_folder / "README.md").read_text()


def test_no_text_of_the_data_is_in_what_a_run_writes(run: TrainingReport) -> None:
    for path in (run.heads_folder / "README.md", run.heads_folder / "card.json", run.fusion_path):
        assert "zorgle" not in path.read_text(encoding="utf-8")


def test_progress_is_told_from_reading_to_writing(data_dir: Path, tmp_path: Path) -> None:
    said: list[tuple[str, int, int]] = []
    train_wording(
        data_dir, tmp_path, only=LABELS_HERE, embedder=WordEmbedder(), progress=lambda *step: said.append(step)
    )
    assert said[0][0] == "reading"
    assert said[-1] == ("written", 1, 1)
    assert all(0 <= done <= total for _, done, total in said)


def test_a_folder_with_only_share_alike_rows_needs_consent(data_dir: Path, tmp_path: Path) -> None:
    write(tmp_path / "in/share-alike", "three_ko", made_up("three", "zorgle", 8, 3, "ko"))
    with pytest.raises(TrainingDataError, match="no labelled row"):
        train_wording(tmp_path / "in", tmp_path / "out", only=LABELS_HERE, embedder=WordEmbedder())


def test_texts_are_embedded_as_the_detector_reads_them() -> None:
    heard: list[str] = []

    class Listening(WordEmbedder):
        def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
            heard.extend(texts)
            return super().encode(texts)

    embedded(["fr\u200bee m0ney"], Listening(), lambda *_: None)
    assert heard == [normalise("fr\u200bee m0ney").text] == ["free money"]


# --- assembling ---------------------------------------------------------------------------------------


def row(text: str, labels: dict[str, bool], source: str = "s") -> LabelledText:
    return LabelledText(text=text, lang="en", labels=labels, source=source)


def test_a_sample_keeps_at_most_so_many_rows_of_each_cell_and_repeats() -> None:
    rows = [row(f"text {i}", {"hate": i % 10 == 0}) for i in range(1000)]
    kept = sampled(rows, per_cell=30, seed=1)
    assert sum(r.labels["hate"] for r in kept) == 30
    assert len(kept) == 60
    assert kept == sampled(iter(rows), per_cell=30, seed=1)


def test_what_a_row_implies_is_known_presumed_or_unknown() -> None:
    rows = [
        row("a", {"hate": True}, "marked"),
        row("b", {"hate": False}, "marked"),
        row("c", {"weapons": True}, "hazards"),
        row("d", {"self_harm": True}, "hazards"),
        row("e", {"crime": True}, "hazards"),
        row("f", {"toxicity": False}, "calm"),
    ]
    data = assemble(rows)
    weapons = data.known[:, data.names.index("weapons")].tolist()
    assert weapons == [UNKNOWN, UNKNOWN, POSITIVE, PRESUMED, UNKNOWN, PRESUMED]
    hate = data.known[:, data.names.index("hate")].tolist()
    assert hate == [POSITIVE, NEGATIVE, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]


def test_classes_weigh_alike_and_unknown_rows_weigh_nothing() -> None:
    rows = [row(f"p{i}", {"hate": True}, "big") for i in range(90)]
    rows += [row(f"n{i}", {"hate": False}, "big") for i in range(10)] + [row("x", {"spam": False}, "other")] * 3
    data = assemble(rows)
    weights = weights_for(data, data.names.index("hate"))
    state = data.known[:, data.names.index("hate")]
    assert weights[state == POSITIVE].sum() == pytest.approx(weights[state != POSITIVE].sum())
    assert np.all(weights[state == UNKNOWN] == 0)


def test_a_held_out_source_is_scored_by_heads_that_never_saw_it() -> None:
    """Each source has a cue of its own: what was learned from one says nothing of the other."""
    rows = [
        row(str(r["text"]), {"hate": bool(r["labels"]["hate"])}, source)  # type: ignore[index]
        for source, cue in (("one", "zorgle"), ("two", "blimfy"))
        for r in made_up(source, cue, 200, 9)
    ]
    data = assemble(rows)
    embeddings = WordEmbedder().encode([r.text for r in rows])
    assert marked_sources(data, 0) == ("one", "two")
    held = held_out_scores(data, embeddings, 0, seed=0)
    positive = data.known[held.rows, 0] == POSITIVE
    assert held.by_source
    assert abs(held.scores[positive].mean() - held.scores[~positive].mean()) < 0.1


def test_a_head_keeps_silent_below_the_score_that_is_evidence() -> None:
    curve = Curve(points=((0.1, -2.0, 0.1), (0.6, 0.0, 0.1), (0.8, 2.2, 0.1)), shift_error=0.1)
    assert 0.68 <= floor_of(curve) <= 0.72
    assert floor_of(Curve(points=((0.1, -2.0, 0.1), (0.9, 0.2, 0.1)), shift_error=0.1)) == 0.99
