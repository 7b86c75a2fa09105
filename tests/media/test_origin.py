import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tidegate.media.decode import decode
from tidegate.media.limits import MediaLimits, SamplingBudget
from tidegate.media.marks import FileMarks, ManifestStatus, Tag
from tidegate.media.origin import MOST_MANIFEST_BYTES, scan_origin
from tidegate.media.sniff import sniff
from tidegate.media.source import open_source
from tidegate.testing.clips import Truth
from tidegate.testing.manifests import (
    IPTC,
    box,
    jumbf_bomb,
    manifest_box,
    with_boxes,
    with_text_chunks,
    without_manifest,
    xmp,
    xmp_box,
)

SMALL = {"duration_s": 0.2, "width_px": 64, "height_px": 64}
KIND = IPTC + "trainedAlgorithmicMedia"
STORE = jumbf_bomb(1)
WEBP_HEAD = b"RIFF\0\0\0\0WEBPVP8X" + struct.pack("<I", 10) + bytes(10)
Scan = Callable[[bytes], FileMarks]


@pytest.fixture
def scan(tmp_path: Path) -> Scan:
    def scanned(data: bytes) -> FileMarks:
        path = tmp_path / "file"
        path.write_bytes(data)
        with open_source(path, MediaLimits()) as source:
            return scan_origin(source, sniff(source))

    return scanned


@pytest.fixture
def film(clip: Callable[..., Truth]) -> bytes:
    return clip(".mp4", **SMALL).path.read_bytes()


@pytest.fixture
def png(clip: Callable[..., Truth]) -> bytes:
    return clip(".png", **SMALL).path.read_bytes()


@pytest.fixture
def jpeg(clip: Callable[..., Truth]) -> bytes:
    return clip(".jpg", **SMALL).path.read_bytes()


def values(marks: FileMarks, field: str) -> list[str]:
    return [tag.value for tag in marks.tags if tag.field == field]


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def after_start(jpeg: bytes, *segments: bytes) -> bytes:
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def before_pictures(png: bytes, added: bytes) -> bytes:
    at = png.index(b"IDAT") - 4
    return png[:at] + added + png[at:]


def test_ordinary_files_have_no_manifest_and_no_traces(scan: Scan, film: bytes, png: bytes, jpeg: bytes) -> None:
    for data in (film, png, jpeg):
        marks = scan(data)
        assert (marks.manifest, marks.traces, marks.unread) == (None, (), ())


def test_a_manifest_is_found_in_every_container(scan: Scan, film: bytes, png: bytes, jpeg: bytes) -> None:
    webp = WEBP_HEAD + b"C2PA" + struct.pack("<I", len(STORE)) + STORE
    files = {
        "uuid box": with_boxes(film, manifest_box(STORE)),
        "caBX chunk": before_pictures(png, chunk(b"caBX", STORE)),
        "APP11 segment": after_start(jpeg, segment(0xEB, b"JP\0\1\0\0\0\1" + STORE)),
        "C2PA chunk": webp,
    }
    for place, data in files.items():
        report = scan(data).manifest
        assert report is not None, place
        assert (report.status, report.place) == (ManifestStatus.FOUND, place)
        assert len(STORE) <= report.size_bytes <= len(STORE) + 32


def test_a_manifest_over_several_segments_is_one(scan: Scan, jpeg: bytes) -> None:
    head, body = STORE[:8], STORE[8:]
    parts = [segment(0xEB, b"JP\0\1" + struct.pack(">I", 1) + head + body[:40])]
    parts += [segment(0xEB, b"JP\0\1" + struct.pack(">I", 2) + head + body[40:])]
    report = scan(after_start(jpeg, *parts)).manifest
    assert report is not None
    assert (report.status, report.size_bytes) == (ManifestStatus.FOUND, len(STORE))


def test_jumbf_of_another_kind_is_no_manifest(scan: Scan, jpeg: bytes) -> None:
    other = STORE.replace(b"c2pa\x00\x11", b"mlof\x00\x11")
    assert scan(after_start(jpeg, segment(0xEB, b"JP\0\1\0\0\0\1" + other))).manifest is None


def test_a_store_without_a_claim_is_empty_and_a_trace(scan: Scan, film: bytes) -> None:
    for store in (b"", STORE.replace(b"c2cl", b"free")):
        marks = scan(with_boxes(film, manifest_box(store)))
        assert marks.manifest is not None
        assert marks.manifest.status is ManifestStatus.EMPTY
        assert marks.traces == ("a uuid box for a manifest, without a claim in it",)


def test_a_merkle_box_alone_is_no_manifest(scan: Scan, film: bytes) -> None:
    merkle = manifest_box(STORE).replace(b"manifest\0", b"merkle\0\0\0")
    assert scan(with_boxes(film, merkle)).manifest is None


def test_a_manifest_turned_into_free_space_leaves_a_trace(scan: Scan, film: bytes) -> None:
    marks = scan(without_manifest(with_boxes(film, manifest_box(STORE))))
    assert marks.manifest is None
    assert marks.traces == ("a box for a manifest, overwritten as free space",)


def test_a_manifest_past_the_limit_is_not_read(scan: Scan, film: bytes) -> None:
    report = scan(with_boxes(film, manifest_box(STORE + bytes(MOST_MANIFEST_BYTES)))).manifest
    assert report is not None
    assert report.status is ManifestStatus.TOO_LARGE
    assert str(MOST_MANIFEST_BYTES) in report.detail


def test_a_manifest_box_that_claims_more_than_the_file_holds_is_as_large_as_the_file(scan: Scan, film: bytes) -> None:
    lying = struct.pack(">I4sQ", 1, b"uuid", 2**62) + manifest_box(STORE)[8:]
    report = scan(film + lying).manifest
    assert report is not None
    assert report.size_bytes < len(STORE) + 64


def test_xmp_is_read_from_every_container(scan: Scan, film: bytes, png: bytes, jpeg: bytes) -> None:
    packet = xmp({"Iptc4xmpExt:DigitalSourceType": KIND})
    itxt = b"XML:com.adobe.xmp\0\0\0\0\0" + packet
    squeezed = b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(packet)
    webp = WEBP_HEAD + b"XMP " + struct.pack("<I", len(packet)) + packet
    files = [
        with_boxes(film, xmp_box(packet)),
        film + box(b"moov", box(b"udta", box(b"XMP_", packet))),
        after_start(jpeg, segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet)),
        before_pictures(png, chunk(b"iTXt", itxt)),
        before_pictures(png, chunk(b"iTXt", squeezed)),
        webp,
    ]
    for data in files:
        assert values(scan(data), "xmp:DigitalSourceType") == [KIND]


def test_text_chunks_of_programs_are_read_and_a_squeezed_bomb_is_cut(scan: Scan, png: bytes) -> None:
    marks = scan(with_text_chunks(png, {"parameters": "Steps: 20, Sampler: x", "Author": "A Person"}))
    assert values(marks, "png:parameters") == ["Steps: 20, Sampler: x"]
    assert "A Person" not in str(marks)
    bomb = chunk(b"zTXt", b"parameters\0\0" + zlib.compress(b"a" * 50_000_000))
    assert len(values(scan(before_pictures(png, bomb)), "png:parameters")[0]) <= 2_000


def test_more_text_chunks_than_the_limit_are_named_as_unread(scan: Scan, png: bytes) -> None:
    marks = scan(with_text_chunks(png, {f"key{number}": "x" for number in range(200)}))
    assert marks.unread == ("text chunks after the first 64",)


def test_the_aigc_box_and_a_cut_without_encoding_are_tags(scan: Scan, film: bytes) -> None:
    label = box(b"AIGC", b'\0\0\0\0{"Label":"1"}')
    edits = box(b"elst", struct.pack(">II", 0, 3), *(struct.pack(">Iihh", 100, at, 1, 0) for at in (-1, 0, 500)))
    marks = scan(film + box(b"moov", box(b"udta", label), box(b"trak", box(b"edts", edits))))
    assert values(marks, "AIGC") == ['{"Label":"1"}']
    assert values(marks, "edit list") == ["2 stretches of a track are shown"]


def test_a_fault_in_the_scan_is_named_and_costs_no_clip(
    clip: Callable[..., Truth], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("tidegate.media.origin.scan_origin", fail)
    found = decode(clip(".mp4", **SMALL).path, MediaLimits(), SamplingBudget())
    assert found.frames
    assert found.marks == FileMarks(unread=("all marks: ZeroDivisionError",))


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_overwritten_bytes_never_fail_the_scan(
    data: st.DataObject, scan: Scan, film: bytes, png: bytes, jpeg: bytes
) -> None:
    packet = xmp({"Iptc4xmpExt:DigitalSourceType": KIND})
    whole = data.draw(
        st.sampled_from(
            [
                with_boxes(film[:4000], manifest_box(STORE), xmp_box(packet)),
                with_text_chunks(png, {"parameters": "x"}),
                after_start(jpeg, segment(0xEB, b"JP\0\1\0\0\0\1" + STORE), segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0")),
            ]
        )
    )
    copy = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(12, len(copy) - 1))
        patch = data.draw(st.binary(min_size=1, max_size=8))
        copy[at : at + len(patch)] = patch
    assert all(isinstance(tag, Tag) for tag in scan(bytes(copy)).tags)
