"""`tidegate train`: detectors' weights from labelled data."""

import sys
from pathlib import Path

import click

from tidegate.cli.options import json_option
from tidegate.cli.terminal import emit, is_terminal, say

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("what", type=click.Choice(["words"]), default="words")
@click.option("--data", "data_dir", type=_FOLDER, required=True, help="Folder of labelled texts (.jsonl, .jsonl.gz).")
@click.option("--out", "out_dir", type=_FOLDER, required=True, help="Folder for weights, card and fusion rows.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of sampling and splits.")
@click.option("--per-cell", type=click.IntRange(min=1), default=1000, show_default=True, help="Rows a cell at most.")
@click.option("--share-alike", is_flag=True, help="Also use data whose licence asks for the same licence.")
@json_option
def train(what: str, data_dir: Path, out_dir: Path, seed: int, per_cell: int, share_alike: bool, as_json: bool) -> None:
    """Train detectors from labelled data: the wording heads, with their model card and fusion rows.

    A cell is one source, language, label and value. The same data and seed give the same bytes.
    """
    from tidegate.learning.train import train_wording

    report = train_wording(data_dir, out_dir, seed=seed, per_cell=per_cell, share_alike=share_alike, progress=_progress)
    for label in report.labels:
        row = {
            "label": label.label,
            "basis": label.basis,
            "labelled_count": label.labelled_count,
            "held_out_by": label.held_out_by,
            "floor": label.floor,
        }
        if as_json:
            emit(row)
        else:
            click.echo(f"{label.label:<28} {label.basis:<9} n = {label.labelled_count:>7,}  floor {label.floor:.3f}")
    say(f"written: {report.heads_folder} and {report.fusion_path}")


def _progress(what: str, done: int, total: int) -> None:
    if is_terminal(sys.stderr):
        sys.stderr.write(f"\r\x1b[2K{what} {done}/{total}" + ("\r\x1b[2K" if what == "written" else ""))
        sys.stderr.flush()
    elif done == 0 or what == "written":
        say(what)
