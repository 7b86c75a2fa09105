from dataclasses import replace
from pathlib import Path

from tidegate.records import Abstention, AbstentionReason, Signal, Upload
from tidegate.signals.base import View
from tidegate.signals.matching.bank import Algorithm, Bank, BankEntry
from tidegate.signals.matching.file import FileMatchDetector
from tidegate.testing.conformance import DetectorConformance
from tidegate.testing.drawing import picture
from tidegate.testing.fakes import clip_of, view_of

DIGEST = "ab" * 32


def entry(name: str, digest: str = DIGEST, algorithm: Algorithm = Algorithm.SHA256) -> BankEntry:
    return BankEntry(algorithm=algorithm, hash=digest, bank="demo", entry=name)


def view(digest: str) -> View:
    clip = clip_of([picture(1, 64, 64).copy()])
    clip = replace(clip, info=replace(clip.info, sha256=digest))
    return view_of(Upload(id="u"), clip=clip, path=Path("clip.mp4"))


class TestFileMatchDetector(DetectorConformance):
    make = FileMatchDetector


class TestFileMatchDetectorWithABank(DetectorConformance):
    @staticmethod
    def make() -> FileMatchDetector:
        return FileMatchDetector(Bank([entry("one")]))


def said(bank: Bank, digest: str) -> list[Signal | Abstention]:
    detector = FileMatchDetector(bank)
    detector.load()
    return list(detector.detect(view(digest)))


def test_the_same_bytes_match_every_entry_that_has_them() -> None:
    found = said(Bank([entry("one"), entry("two"), entry("three", "cd" * 32)]), DIGEST)
    assert [signal.evidence.note for signal in found if isinstance(signal, Signal)] == [
        "the same bytes as entry 'one' of bank 'demo'",
        "the same bytes as entry 'two' of bank 'demo'",
    ]
    assert all(isinstance(signal, Signal) and signal.score == 1.0 for signal in found)


def test_other_bytes_match_nothing() -> None:
    assert said(Bank([entry("one")]), "cd" * 32) == []


def test_a_picture_hash_with_the_same_digits_is_no_file_match() -> None:
    bank = Bank([entry("picture", algorithm=Algorithm.PDQ), entry("other", "cd" * 32)])
    assert said(bank, DIGEST) == []


def test_without_a_bank_it_abstains_and_is_not_blind() -> None:
    (abstention,) = said(Bank(), DIGEST)
    assert isinstance(abstention, Abstention)
    assert abstention.reason is AbstentionReason.NO_INPUT
    assert abstention.detail == "no bank with file hashes is loaded"
