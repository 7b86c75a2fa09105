"""Every reference clip of TIDEGATE_VECTORS goes through `tidegate screen`; skipped where the folder is not given."""

import json
import os
from pathlib import Path

import pytest

from tidegate.cli.main import run

VECTORS = os.environ.get("TIDEGATE_VECTORS", "")

pytestmark = pytest.mark.skipif(not VECTORS, reason="TIDEGATE_VECTORS names no folder of reference clips")


def test_every_reference_clip_is_screened_whole(capsys: pytest.CaptureFixture[str]) -> None:
    clips = sorted(Path(VECTORS, "vpdq").glob("*.mp4"))
    assert clips
    assert run(["screen", *map(str, clips), "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == len(clips)
    for clip, line in zip(clips, lines, strict=True):
        expected = clip.with_suffix(".txt").read_text().splitlines()
        assert line["screening"]["media"]["video"]["frame_count"] == len(expected), clip.name
        assert line["screening"]["coverage"]["decode_errors"] == 0, clip.name
        assert line["screening"]["problems"] == [], clip.name
