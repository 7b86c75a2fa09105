"""Against reference hashes of the ThreatExchange project: set TIDEGATE_VECTORS to the folder that holds them."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tidegate.signals.matching.bank import Bank
from tidegate.signals.matching.index import BruteForceIndex, MultiHashIndex
from tidegate.signals.matching.lists import frame_hashes, parse_pdq_lines, parse_vpdq
from tidegate.signals.matching.pdq import QUALITY_FLOOR, RADIUS, hamming, pdq

VECTORS = os.environ.get("TIDEGATE_VECTORS", "")

pytestmark = pytest.mark.skipif(not VECTORS, reason="TIDEGATE_VECTORS names no folder: reference hashes NOT checked")


def test_pictures_hash_within_ten_bits_of_the_reference() -> None:
    folder = Path(VECTORS) / "pdq"
    expected = dict(line.split() for line in (folder / "expected.txt").read_text().splitlines() if line.strip())
    assert expected
    for name, digits in expected.items():
        with Image.open(folder / name) as image:
            rgb = np.asarray(image.convert("RGB"))
        for is_shrunk_first in (True, False):
            code, _ = pdq(rgb, is_shrunk_first=is_shrunk_first)
            assert hamming(code, bytes.fromhex(digits)) <= 12, f"{name}, shrunk first: {is_shrunk_first}"
        assert hamming(pdq(rgb)[0], bytes.fromhex(digits)) <= 10, name


def test_every_index_finds_the_same_needles_in_the_haystack() -> None:
    folder = Path(VECTORS) / "pdq"
    haystack, needles = (
        Bank(parse_pdq_lines((folder / f"{name}.txt").read_text(), bank=name)).picture_codes
        for name in ("haystack", "needles")
    )
    found = BruteForceIndex(haystack).search(needles, RADIUS)
    assert {neighbour.query for neighbour in found} == set(range(len(needles)))
    assert MultiHashIndex(haystack).search(needles, RADIUS) == found


@pytest.mark.slow
def test_every_frame_of_a_clip_hashes_near_its_vpdq_line() -> None:
    clips = sorted((Path(VECTORS) / "vpdq").glob("*.mp4"))
    assert clips
    for path in clips:
        wanted = parse_vpdq(path.with_suffix(".txt").read_text(), where=path.name)
        found = list(frame_hashes(decoded(path)))
        assert len(found) == len(wanted), path.name
        most = 22 if path.stem.startswith("doorknob") else 6
        for one, other in zip(found, wanted, strict=True):
            assert abs(one.time_s - other.time_s) < 0.002, f"{path.name} frame {one.frame}"
            if other.quality >= QUALITY_FLOOR:
                assert hamming(one.code, other.code) <= most, f"{path.name} frame {one.frame}"


def decoded(path: Path) -> Iterator[tuple[float, np.ndarray]]:
    import av

    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield float(frame.time), frame.to_ndarray(format="rgb24")
