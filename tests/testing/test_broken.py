"""The hostile corpus is what it says it is, so that surviving it means something."""

import os
import stat
import subprocess
import sys
from collections import Counter
from pathlib import Path

import av
import pytest

from tidegate.testing import boxes
from tidegate.testing.broken import BrokenFile, Expect, corpus, flipped, sound_clips
from tidegate.testing.traps import SPARSE_BYTES


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, BrokenFile]:
    made = corpus(tmp_path_factory.mktemp("c"), flips=30)
    assert max(Counter(file.name for file in made).values()) == 1
    return {file.name: file for file in made}


def opened(path: Path, question: str) -> str:
    """What a careless reader makes of a file, asked in a process of its own with little memory."""
    code = (
        "import av, resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))\n"
        "container = av.open(sys.argv[1])\n"
        f"print({question})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def test_names_are_unique_and_every_path_is_there(files: dict[str, BrokenFile]) -> None:
    assert len(files) >= 110
    assert all(os.path.lexists(file.path) for file in files.values())
    assert {file.path.parent for file in files.values()} == {files["zero.mp4"].path.parent}


def test_the_corpus_can_be_written_twice_into_one_folder(tmp_path: Path) -> None:
    first = corpus(tmp_path / "c", flips=3)
    second = corpus(tmp_path / "c", flips=3)
    assert [file.name for file in first] == [file.name for file in second]


def test_clips_are_cut_at_every_tenth(files: dict[str, BrokenFile]) -> None:
    cut = [file for file in files.values() if file.name.startswith("cut-")]
    assert len(cut) == 27
    assert {file.expect for file in cut if "index-last" in file.name} == {Expect.REFUSED}
    assert files["cut-50-clip.webm"].expect is Expect.PARTIAL


def test_flips_are_repeatable_and_differ_from_each_other(tmp_path: Path) -> None:
    clips = sound_clips(tmp_path / "sound")
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = [file.path.read_bytes() for file in flipped(tmp_path / "a", clips, seed=1, count=12)]
    again = [file.path.read_bytes() for file in flipped(tmp_path / "b", clips, seed=1, count=12)]
    assert first == again
    assert len(set(first)) == 12
    assert all(data not in {clip.read_bytes() for clip in clips} for data in first)


def test_giant_headers_claim_giant_pictures(files: dict[str, BrokenFile]) -> None:
    data = files["giant-container.mp4"].path.read_bytes()
    (entry,) = boxes.find(data, "avc1")
    assert data[entry.start + 24 : entry.start + 28] == (40_000).to_bytes(2, "big") * 2
    png = files["giant.png"].path.read_bytes()
    assert png[16:24] == (40_000).to_bytes(4, "big") * 2
    assert opened(files["wide-coded.mp4"].path, "container.streams.video[0].width") == "16000"


def test_a_forged_sequence_header_is_read_as_its_size(tmp_path: Path) -> None:
    clip = sound_clips(tmp_path)[0]
    for width_px, height_px in ((16, 16), (4096, 2304), (8192, 4320)):
        forged = tmp_path / f"{width_px}.mp4"
        forged.write_bytes(boxes.with_coded_size(clip.read_bytes(), width_px, height_px))
        with av.open(str(forged)) as container:
            assert (container.streams.video[0].width, container.streams.video[0].height) == (width_px, height_px)


def test_millions_of_frames_cost_a_careless_reader_a_gigabyte(files: dict[str, BrokenFile]) -> None:
    path = files["millions-of-frames.mp4"].path
    assert path.stat().st_size < 1_000_000
    question = "container.streams.video[0].frames, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 20 >= 1"
    assert opened(path, question) == "50000000 True"


def test_a_day_of_silence_fits_in_a_few_megabytes(files: dict[str, BrokenFile]) -> None:
    for name, declared in (("a-day-of-silence.mp4", "86400"), ("a-denied-day-of-silence.mp4", "1")):
        assert files[name].path.stat().st_size < 9_000_000
        assert opened(files[name].path, "container.duration // 1_000_000") == declared
    samples = "sum(packet.duration or 0 for packet in container.demux(audio=0)) // 8000"
    assert int(opened(files["a-denied-day-of-silence.mp4"].path, samples)) > 86_000


def test_a_careless_reader_follows_the_playlist(files: dict[str, BrokenFile]) -> None:
    assert opened(files["playlist.m3u8"].path, "container.streams.video[0].width") == "180"


def test_special_files_are_special(files: dict[str, BrokenFile]) -> None:
    assert stat.S_ISFIFO(files["fifo.mp4"].path.stat().st_mode)
    assert stat.S_ISCHR(files["zero-device.mp4"].path.stat().st_mode)
    assert files["directory.mp4"].path.is_dir()
    with pytest.raises(OSError, match="symbolic links"):
        files["loop-a.mp4"].path.stat()
    sparse = files["sparse.mp4"].path.stat()
    assert sparse.st_size == SPARSE_BYTES
    assert sparse.st_blocks * 512 < 1_000_000


def test_many_streams_are_many(files: dict[str, BrokenFile]) -> None:
    assert opened(files["many-streams.mp4"].path, "len(container.streams)") == "64"
