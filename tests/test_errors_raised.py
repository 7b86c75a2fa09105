"""Errors as people meet them: what, where and next step of real mistakes, word for word."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tidegate.errors import TidegateError
from tidegate.judgement.model import FusionModel
from tidegate.learning.datasets import read_folder
from tidegate.media.limits import MediaLimits
from tidegate.media.probe import probe
from tidegate.policy.document import parse
from tidegate.records import Box, Evidence, RiskTargets, Span, Upload, from_json, loads
from tidegate.settings import resolve
from tidegate.signals.matching.bank import read_bank
from tidegate.signals.registry import available, check_pipeline, check_unique


def _probe(name: str, content: bytes, limits: MediaLimits | None = None) -> Callable[[], object]:
    def call() -> object:
        Path(name).write_bytes(content)
        return probe(name, limits or MediaLimits())

    return call


def _fifo() -> object:
    os.mkfifo("pipe.mp4")
    return probe("pipe.mp4", MediaLimits())


def _bank() -> object:
    Path("bank.jsonl").write_text('{"format": "tidegate-bank", "version": 1}\n{"algorithm": "md5"}\n', encoding="utf-8")
    return read_bank(Path("bank.jsonl"))


def _fusion() -> object:
    return FusionModel.from_files({"mine.json": b"{"})


def _no_texts() -> object:
    Path("texts").mkdir()
    return list(read_folder(Path("texts")))


def _twice() -> object:
    detector = available()[0]
    return check_unique((detector, detector))


def _headless() -> object:
    needy = [detector for detector in available() if detector.when]
    return check_pipeline(needy[:1]) if needy else check_pipeline(available(), frozenset())


MISTAKES: Mapping[str, Callable[[], object]] = {
    "a span that ends before it begins": lambda: Span(start_s=2.0, end_s=1.0),
    "evidence that points nowhere": lambda: Evidence(note="somewhere"),
    "a region that is no region": lambda: Upload(id="u1", region="korea"),
    "a record with an unknown field": lambda: from_json(Box, {"colour": 1}),
    "a record with a field of the wrong type": lambda: from_json(RiskTargets, {"look_one_in": "20"}),
    "a line that is cut off": lambda: loads(Span, '{"schema":"Span@1","start_s":0'),
    "a line of a later version": lambda: loads(Span, '{"schema":"Span@9","start_s":0,"end_s":1}'),
    "a setting that does not exist": lambda: resolve(["media.max_frame=10"], {}),
    "a setting of the wrong type": lambda: resolve(["media.max_frames=many"], {}),
    "a setting below its least": lambda: resolve(["media.max_streams=0"], {}),
    "a detector that does not exist": lambda: available(["wording.hats"]),
    "two detectors of one id": _twice,
    "a detector whose condition nobody can answer": _headless,
    "an empty file": _probe("empty.mp4", b""),
    "a text named like a clip": _probe("notes.mp4", b"these are my notes\n" * 40),
    "a playlist": _probe("list.m3u8", b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:4,\nother.ts\n"),
    "a file above the limit": _probe("big.mp4", b"\0" * 2048, MediaLimits(max_size_bytes=1024)),
    "a fifo": _fifo,
    "a file that is not there": lambda: probe("nowhere.mp4", MediaLimits()),
    "a policy with an unknown key": lambda: parse("tidegate: policy@1\nid: p\nversion: '1'\ntitel: x\nclauses: {}\n"),
    "a bank with an unknown algorithm": _bank,
    "a fusion model that is no JSON": _fusion,
    "a folder without labelled texts": _no_texts,
}


def test_mistakes_are_answered_in_the_agreed_words(
    golden: Callable[[str, str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = []
    for name, mistake in MISTAKES.items():
        with pytest.raises(TidegateError) as caught:
            mistake()
        shown.append(f"# {name}\n{caught.value}")
    golden("errors/raised.txt", "\n\n".join(shown).replace(str(tmp_path), "FOLDER") + "\n")


@pytest.mark.parametrize("name", MISTAKES)
def test_every_mistake_is_answered_with_a_place_or_a_next_step(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TidegateError) as caught:
        MISTAKES[name]()
    assert caught.value.where or caught.value.next_step
    assert len(caught.value.what) <= 400
    assert not caught.value.what.endswith(".")
