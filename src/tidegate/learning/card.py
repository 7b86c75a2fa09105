"""Writes what a training run found: the fusion rows, the machine-readable card and the card for people."""

import json
from collections.abc import Iterator
from typing import Any

from tidegate.learning.calibration import HARD_SHARE
from tidegate.learning.evaluate import as_table, slice_table
from tidegate.learning.report import LabelReport, SourceCount, TrainingReport
from tidegate.learning.sources import COLLECTIONS

DETECTOR_ID = "wording.heads@1"


def fusion_json(report: TrainingReport) -> str:
    """The calibration of every head as a fusion file (`tidegate.fusion@1`)."""
    rows = [_fusion_row(one) for one in report.labels]
    lines = ",\n".join(f"    {json.dumps(row, ensure_ascii=False)}" for row in rows)
    return f'{{\n  "format": "tidegate.fusion@1",\n  "id": "wording@1",\n  "labels": [\n{lines}\n  ]\n}}\n'


def _fusion_row(one: LabelReport) -> dict[str, Any]:
    if one.basis == "measured":
        source = (
            f"held out by {one.held_out_by}: {', '.join(one.sources)}; {HARD_SHARE:.0%} of harmless traffic taken as "
            f"hard as their negatives (assumed); {one.curve.shift_error:g} of the error is shift"
        )
    else:
        source = (
            f"assumed from {', '.join(one.sources)}, ideas held out, against everyday texts; no such caption was "
            "labelled"
        )
    return {
        "label": one.label,
        "detector_id": DETECTOR_ID,
        "group": "words",
        "points": [list(point) for point in one.curve.points],
        "basis": one.basis,
        "labelled_count": one.labelled_count,
        "source": source,
    }


def card_json(report: TrainingReport) -> dict[str, Any]:
    """The card's facts that `write_weights` completes with labels, floors and the checksum."""
    return {
        "name": "wording-heads",
        "task": "scoring what a text says",
        "detector": DETECTOR_ID,
        "code_licence": "Apache-2.0",
        "weights_licence": "Apache-2.0",
        "seed": report.seed,
        "per_cell": report.per_cell,
        "trained_on": [_source_row(source) for source in report.sources],
        "basis": {one.label: one.basis for one in report.labels},
        "known_limits": list(LIMITS),
    }


def _source_row(one: SourceCount) -> dict[str, Any]:
    known = COLLECTIONS.get(one.source)
    return {
        "source": one.source,
        "title": known.title if known else "the operator's own",
        "licence": known.licence if known else "the operator's own",
        "share_alike": "share-alike" in one.licence_group,
        "lang": one.lang,
        "rows": one.rows,
    }


LIMITS = (
    "logistic heads on a small frozen encoder: they know topics and tones better than who is meant",
    "quoted, negated or reported hate is often scored like hate itself",
    "a harmless dare, advice on suicide or a warning against fraud in the words of the harm can score as high as it",
    "a longer caption has more sentences that may score by chance: of captions of sixteen harmless sentences about a "
    "third carry some signal, of single sentences about one in thirty; few are strong enough to be looked at",
    "labels with basis assumed were learned from texts of our own writing and from prompts to chat assistants; how "
    "well they find real captions is unknown",
    "labelled rows are mostly posts and comments of 2009 to 2023, not captions of short video",
    "labelled rows are in the languages of the table above; other languages rest on the encoder and on templates",
)
"""Known before any run; the tables of the card say the rest."""


READING = (
    "AUROC .5 is a coin. *Measured* rows were scored by heads that had not seen the collection (with a single one:",
    "its near copies); *assumed* rows by heads that had not seen the idea in any language. Intervals: 95% bootstrap.",
    "ECE is the calibration error of the raw score at even odds; judgement uses the fitted evidence instead.",
)


def card_markdown(report: TrainingReport) -> str:
    """The model card for people, in Markdown, made from the run alone."""
    return "\n".join(_card_lines(report)) + "\n"


def _card_lines(report: TrainingReport) -> Iterator[str]:
    yield from ("# Model card: wording heads", "")
    yield "One logistic head per label on a frozen multilingual sentence embedding (512 numbers). Written by"
    yield f"`tidegate train --seed {report.seed} --per-cell {report.per_cell}`; do not edit. Detector: `{DETECTOR_ID}`."
    yield from ("", "## Trained on", "", _sources_table(report), "")
    shared = sorted({one.source for one in report.sources if "share-alike" in one.licence_group})
    yield f"Share-alike collections used: {', '.join(shared) or 'none'}. No text of any collection is in this package."
    yield from ("", "## Limits", "")
    yield from (f"- {limit}" for limit in LIMITS)
    yield from ("", "## At a glance", "", _overview_table(report), "")
    yield from READING
    for one in report.labels:
        yield from ("", f"## {one.label} ({one.basis})", "")
        if one.slices:
            yield from (slice_table(one.slices), "")
        yield as_table(
            ("harmless, held out", "texts", f"at or above the floor {one.floor:g}"),
            [(alarm.kind, str(alarm.count), f"{alarm.share:.1%}") for alarm in one.false_alarms],
        )
        yield ""
        yield as_table(
            ("score", "evidence (log odds)", "standard error", "share of positives above"),
            [
                (f"{score:g}", f"{ratio:g}", f"{error:g}", f"{share:.1%}")
                for (score, ratio, error), share in zip(one.curve.points, one.recall, strict=True)
            ],
        )


def _sources_table(report: TrainingReport) -> str:
    rows = []
    for one in report.sources:
        known = COLLECTIONS.get(one.source)
        title = f"{known.title} ({known.origin})" if known else one.source
        rows.append((title, known.licence if known else "the operator's own", one.lang, str(one.rows)))
    return as_table(("collection", "licence", "language", "rows sampled"), rows)


def _overview_table(report: TrainingReport) -> str:
    rows = []
    for one in report.labels:
        first = one.slices[0] if one.slices else None
        twins = next((alarm for alarm in one.false_alarms if alarm.kind == "harmless twins of this label"), None)
        everyday = next((alarm for alarm in one.false_alarms if alarm.kind == "everyday captions"), None)
        rows.append(
            (
                one.label,
                one.basis,
                first.name if first else "",
                str(first.auroc) if first else "",
                str(first.recall_at_1pct) if first else "",
                f"{twins.share:.1%}" if twins else "",
                f"{everyday.share:.1%}" if everyday else "",
            )
        )
    header = ("label", "basis", "held out", "AUROC", "recall at 1% false alarms", "twins flagged", "captions flagged")
    return as_table(header, rows)
