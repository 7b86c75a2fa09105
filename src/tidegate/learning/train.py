"""`tidegate train`: from a folder of labelled texts to verified head weights, fusion rows and a model card."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tidegate.errors import TrainingDataError
from tidegate.learning.assemble import assemble, sampled
from tidegate.learning.card import card_json, card_markdown, fusion_json
from tidegate.learning.datasets import LabelledText, read_folder
from tidegate.learning.fitting import Head, fit_label
from tidegate.learning.labels import label_report, unseen_slices
from tidegate.learning.report import SourceCount, TrainingReport
from tidegate.learning.templated import templated_rows
from tidegate.signals.wording.embedding import EMBEDDING_SIZE, ENCODER_LANGUAGES, Embedder, sentence_embedder
from tidegate.signals.wording.head_weights import HeadWeights, write_weights
from tidegate.signals.wording.normalise import normalise

HEADS_FOLDER = "wording_heads"
FUSION_FILE = "wording.json"
CARD_FILE = "README.md"
SHARE_ALIKE = "share-alike"
MAX_TEXT_CHARS = 1000

_BATCH = 256

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many of it are done, and how many there are."""


def train_wording(
    data_dir: Path,
    out_dir: Path,
    *,
    seed: int = 0,
    per_cell: int = 1000,
    share_alike: bool = False,
    only: Collection[str] = (),
    embedder: Embedder | None = None,
    progress: Progress | None = None,
) -> TrainingReport:
    """Train the wording heads; write `wording_heads/` and `fusion/wording.json` under `out_dir`.

    `data_dir` holds `.jsonl` or `.jsonl.gz` files (see `learning.datasets`); what lies under its folder `share-alike`
    is only measured on, unless `share_alike`. `per_cell` bounds the rows of each source, language, label and value;
    `only` limits the heads to these label names. The same data, seed and library versions give the same bytes.
    Raises TrainingDataError, MissingDependencyError.
    """
    say = progress or (lambda *_: None)
    encoder = embedder or sentence_embedder()
    say("reading", 0, 1)
    rows = sampled(_rows(data_dir, is_kept=lambda row: share_alike or not _is_share_alike(row)), per_cell, seed=seed)
    unseen = sampled(_rows(data_dir, is_kept=lambda row: not share_alike and _is_share_alike(row)), per_cell, seed=seed)
    if not rows:
        raise TrainingDataError("no labelled row", where=str(data_dir), next_step="pass the folder of labelled texts")
    data = assemble([*rows, *templated_rows(seed=seed)], only=only)
    embeddings = embedded([row.text for row in data.rows], encoder, say)
    unseen_embeddings = embedded([row.text for row in unseen], encoder, say)
    heads, reports = [], []
    for column, name in enumerate(data.names):
        say(f"fitting {name}", column, len(data.names))
        head = fit_label(data, embeddings, column)
        found = label_report(data, embeddings, column, seed=seed)
        further = unseen_slices(head, name, unseen, unseen_embeddings, seed=seed)
        heads.append(head)
        reports.append(replace(found, slices=(*found.slices, *further)))
    report = TrainingReport(
        seed=seed,
        per_cell=per_cell,
        sources=tuple(_counts(rows)),
        labels=tuple(reports),
        heads_folder=out_dir / HEADS_FOLDER,
        fusion_path=out_dir / "fusion" / FUSION_FILE,
    )
    _write(report, heads)
    say("written", 1, 1)
    return report


def embedded(texts: Sequence[str], embedder: Embedder, progress: Progress) -> NDArray[np.float32]:
    """Float32 (texts, 512): the embedding of each text as the detector would read it, its first 1000 characters."""
    out = np.empty((len(texts), EMBEDDING_SIZE), np.float32)
    for start in range(0, len(texts), _BATCH):
        progress("embedding", start, len(texts))
        batch = [normalise(text[:MAX_TEXT_CHARS]).text for text in texts[start : start + _BATCH]]
        out[start : start + len(batch)] = embedder.encode(batch)
    return out


def _rows(data_dir: Path, *, is_kept: Callable[[LabelledText], bool]) -> Iterator[LabelledText]:
    return (row for row in read_folder(data_dir) if is_kept(row))


def _is_share_alike(row: LabelledText) -> bool:
    return SHARE_ALIKE in row.licence_group.split("/")


def _counts(rows: Sequence[LabelledText]) -> Iterator[SourceCount]:
    counts = Counter((row.source, row.licence_group, row.lang) for row in rows)
    for (source, licence_group, lang), count in sorted(counts.items()):
        yield SourceCount(source=source, licence_group=licence_group, lang=lang, rows=count)


def _write(report: TrainingReport, heads: Sequence[Head]) -> None:
    weights = HeadWeights(
        labels=tuple(one.label for one in report.labels),
        languages=ENCODER_LANGUAGES,
        weights=np.stack([head.weights for head in heads], axis=1).astype(np.float32),
        bias=np.array([head.bias for head in heads], np.float32),
        floors=np.array([one.floor for one in report.labels], np.float32),
    )
    write_weights(report.heads_folder, weights, card_json(report))
    (report.heads_folder / CARD_FILE).write_text(card_markdown(report), encoding="utf-8")
    report.fusion_path.parent.mkdir(parents=True, exist_ok=True)
    report.fusion_path.write_text(fusion_json(report), encoding="utf-8")
