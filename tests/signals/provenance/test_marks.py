from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.media.limits import MediaLimits, SamplingBudget
from tidegate.media.marks import FileMarks, ManifestReport, ManifestStatus, Tag, tag
from tidegate.media.pool import DecodePool
from tidegate.records import (
    Abstention,
    AbstentionReason,
    ManifestState,
    Provenance,
    Signal,
    Span,
    Upload,
    dumps,
    loads,
)
from tidegate.signals.base import Said, View
from tidegate.signals.provenance.marks import MOST_SIGNALS_PER_LABEL, ProvenanceDetector
from tidegate.signals.run import run_detectors
from tidegate.testing.clips import Truth
from tidegate.testing.conformance import DetectorConformance
from tidegate.testing.drawing import picture
from tidegate.testing.fakes import clip_of, view_of
from tidegate.testing.manifests import Claim, sign, with_boxes, with_text_chunks, without_manifest, xmp, xmp_box

SMALL = {"duration_s": 0.2, "width_px": 64, "height_px": 96, "frame_rate_hz": 15.0}
VALID = ManifestReport(status=ManifestStatus.VALID, place="uuid box", size_bytes=9, generator="camera 1", signer="S")


class TestProvenanceDetector(DetectorConformance):
    make = ProvenanceDetector


def view_with(*tags: Tag, manifest: ManifestReport | None = None, traces: tuple[str, ...] = ()) -> View:
    marks = FileMarks(tags=tags, manifest=manifest, traces=traces)
    clip = replace(clip_of([picture(1, 48, 64).copy() for _ in range(3)]), marks=marks)
    return view_of(Upload(id="u"), clip=clip, path=Path("/nonexistent/clip.mp4"))


def said_of(view: View) -> list[Said]:
    return list(ProvenanceDetector().detect(view))


def record_of(view: View) -> Provenance:
    (record,) = [said for said in said_of(view) if isinstance(said, Provenance)]
    return record


def signals_of(view: View) -> dict[str, Signal]:
    """The strongest signal of each label."""
    signals = [said for said in said_of(view) if isinstance(said, Signal)]
    return {one.label: one for one in sorted(signals, key=lambda one: one.score)}


def abstained(view: View) -> list[Abstention]:
    return [said for said in said_of(view) if isinstance(said, Abstention)]


def test_an_unsigned_file_gets_a_record_and_no_signal() -> None:
    said = said_of(view_with())
    assert said == [Provenance(manifest=ManifestState.ABSENT, detector_id="provenance.marks@1")]


def test_an_unsigned_file_of_an_ordinary_writer_gets_no_signal_either() -> None:
    tags = (tag("container:encoder", "Lavf62.12.102"), tag("stream:user data", "x264 - core 165"))
    view = view_with(*tags, tag("container:compatible_brands", "isomiso2avc1mp41"))
    assert signals_of(view) == {}
    assert record_of(view).software == ("Lavf62.12.102", "x264")


def test_a_valid_manifest_is_signed_by_a_stranger_or_by_somebody_trusted() -> None:
    stranger, trusted = view_with(manifest=VALID), view_with(manifest=replace(VALID, is_trusted=True))
    assert set(signals_of(stranger)) == {"provenance.signed"}
    assert "unknown signer" in signals_of(stranger)["provenance.signed"].evidence.note
    assert signals_of(trusted)["provenance.signed"].score == 1.0
    assert record_of(trusted) == Provenance(
        manifest=ManifestState.VALID,
        is_trusted=True,
        generator="camera 1",
        signer="S",
        detector_id="provenance.marks@1",
    )


def test_evidence_is_the_field_and_the_whole_clip() -> None:
    evidence = signals_of(view_with(tag("png:parameters", "Steps: 20, Sampler: a")))["provenance.declared_ai"].evidence
    assert evidence.span == Span(start_s=0.0, end_s=3.0)
    assert evidence.quote is not None
    assert evidence.quote.text == "png:parameters"


def test_a_broken_manifest_is_broken_and_keeps_its_codes() -> None:
    view = view_with(manifest=replace(VALID, status=ManifestStatus.INVALID, problems=("assertion.bmffHash.mismatch",)))
    assert set(signals_of(view)) == {"provenance.broken"}
    assert "bmffHash" in signals_of(view)["provenance.broken"].evidence.note
    assert record_of(view).manifest is ManifestState.INVALID
    assert record_of(view).problems == ("assertion.bmffHash.mismatch",)


@pytest.mark.parametrize(
    ("view", "score"),
    [
        (view_with(traces=("a box for a manifest, overwritten as free space",)), 0.5),
        (view_with(manifest=replace(VALID, status=ManifestStatus.EMPTY), traces=("a box without a claim",)), 0.5),
        (view_with(tag("xmp:dcterms:provenance", "self#jumbf=c2pa/x")), 0.5),
        (view_with(tag("xmp:dcterms:provenance", "https://example.com/x.c2pa")), 0.3),
        (view_with(tag("xmp:History parameters", "exported with Content Credentials")), 0.4),
        (view_with(tag("container:compatible_brands", "isomc2pamp41")), 0.4),
    ],
)
def test_traces_of_a_manifest_that_is_gone_are_a_weak_sign(view: View, score: float) -> None:
    assert {label: one.score for label, one in signals_of(view).items()} == {"provenance.stripped": score}
    assert record_of(view).manifest is ManifestState.STRIPPED


def test_traces_beside_a_readable_manifest_are_no_sign() -> None:
    view = view_with(tag("xmp:dcterms:provenance", "https://example.com/x.c2pa"), manifest=VALID)
    assert set(signals_of(view)) == {"provenance.signed"}


@pytest.mark.parametrize(
    ("status", "reason", "says"),
    [
        (ManifestStatus.TOO_LARGE, AbstentionReason.OVER_BUDGET, "9 MB"),
        (ManifestStatus.UNAVAILABLE, AbstentionReason.UNAVAILABLE, "pip install 'tidegate[provenance]'"),
        (ManifestStatus.UNREADABLE, AbstentionReason.FAILED, "9 MB"),
        (ManifestStatus.FOUND, AbstentionReason.UNAVAILABLE, "DecodePool"),
    ],
)
def test_a_manifest_that_was_not_read_is_an_abstention_and_no_signal(
    status: ManifestStatus, reason: AbstentionReason, says: str
) -> None:
    view = view_with(manifest=replace(VALID, status=status, detail="9 MB"))
    (one,) = abstained(view)
    assert (one.reason, one.is_blind, says in one.detail) == (reason, True, True)
    assert set(one.labels) == {"provenance.broken", "provenance.declared_ai", "provenance.signed"}
    assert signals_of(view) == {}
    assert record_of(view).manifest is ManifestState.UNREADABLE


def test_what_was_not_read_for_a_limit_is_an_abstention() -> None:
    view = view_with()
    assert view.clip is not None
    marks = FileMarks(unread=("text chunks after the first 64",))
    (one,) = abstained(replace(view, clip=replace(view.clip, marks=marks)))
    assert (one.reason, "text chunks" in one.detail) == (AbstentionReason.OVER_BUDGET, True)


def test_a_file_that_was_not_decoded_is_an_abstention() -> None:
    (one,) = said_of(replace(view_with(), clip=None))
    assert isinstance(one, Abstention)
    assert set(one.labels) == ProvenanceDetector.emits


def test_an_editor_is_edited_and_a_change_in_the_manifest_too() -> None:
    named = view_with(tag("container:software", "CapCut 3.1"), tag("xmp:CreatorTool", "Adobe Premiere Pro 24.0"))
    assert set(signals_of(named)) == {"provenance.edited"}
    assert record_of(named).software == ("CapCut", "Adobe Premiere")
    changed = view_with(manifest=replace(VALID, actions=("c2pa.created", "c2pa.cropped", "c2pa.published")))
    assert signals_of(changed)["provenance.edited"].evidence.note == "the manifest lists c2pa.cropped"
    assert "provenance.edited" not in signals_of(view_with(manifest=replace(VALID, actions=("c2pa.created",))))


def test_the_runner_hands_the_record_on() -> None:
    findings = run_detectors([ProvenanceDetector()], view_with(manifest=VALID))
    assert findings.problems == []
    assert findings.readings.provenance is not None
    assert findings.readings.provenance.manifest is ManifestState.VALID


_TEXTS = st.text(max_size=60)
_FIELDS = st.sampled_from(
    (
        *("container:encoder", "AIGC", "xmp:TC260:AIGC", "png:parameters", "container:comment", "container:LvMetaInfo"),
        *(
            "xmp:DigitalSourceType",
            "video:handler_name",
            "exif:UserComment",
            "xmp:dcterms:provenance",
            "edit list",
            "x",
        ),
    )
)


@given(st.lists(st.builds(tag, _FIELDS, _TEXTS), max_size=20), st.lists(_TEXTS, max_size=5))
def test_any_tags_and_claims_are_answered_in_form(tags: list[Tag], claims: list[str]) -> None:
    texts = tuple(tag("x", text).value[:200] for text in claims)
    report = replace(VALID, status=ManifestStatus.INVALID, actions=texts, agents=texts, source_types=texts)
    said = said_of(view_with(*tags, manifest=report))
    for one in said:
        assert loads(type(one), dumps(one)) == one
    assert len(said) <= 3 + 6 * MOST_SIGNALS_PER_LABEL


# --- from files -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def look() -> "Callable[[Path], View]":
    def decoded(path: Path) -> View:
        with DecodePool(MediaLimits(), SamplingBudget()) as pool:
            return view_of(Upload(id="u"), clip=pool.decode(path), path=path)

    return decoded


def test_a_plain_film_is_unsigned_and_says_nothing(clip: Callable[..., Truth], look: Callable[[Path], View]) -> None:
    view = look(clip(**SMALL).path)
    assert signals_of(view) == {}
    record = record_of(view)
    assert record.manifest is ManifestState.ABSENT
    assert record.reencode_traces == ()
    assert record.software[0].startswith("Lavf")


def test_a_signed_generated_film_is_read_through_the_whole_way(
    clip: Callable[..., Truth], look: Callable[[Path], View], tmp_path: Path
) -> None:
    pytest.importorskip("c2pa", reason="needs tidegate[provenance]")
    claim = Claim(source_type="trainedAlgorithmicMedia", agent="Sample model")
    path = sign(clip(**SMALL).path, tmp_path / "signed.mp4", claim)
    view = look(path)
    assert set(signals_of(view)) == {"provenance.signed", "provenance.declared_ai"}
    record = record_of(view)
    assert record.manifest is ManifestState.VALID
    assert record.declares_ai
    assert not record.is_trusted
    stripped = tmp_path / "stripped.mp4"
    stripped.write_bytes(without_manifest(path.read_bytes()))
    assert set(signals_of(look(stripped))) == {"provenance.stripped"}


def test_the_marks_of_a_still_are_evidence_at_an_instant(
    clip: Callable[..., Truth], look: Callable[[Path], View], tmp_path: Path
) -> None:
    path = tmp_path / "generated.png"
    texts = {"parameters": "a boat\nSteps: 20, Sampler: Euler a, Seed: 1"}
    path.write_bytes(with_text_chunks(clip(".png", **SMALL).path.read_bytes(), texts))
    evidence = signals_of(look(path))["provenance.declared_ai"].evidence
    assert evidence.span == Span(start_s=0.0, end_s=0.0)


def test_a_declaration_in_xmp_is_read_through_the_whole_way(
    clip: Callable[..., Truth], look: Callable[[Path], View], tmp_path: Path
) -> None:
    path = tmp_path / "xmp.mp4"
    packet = xmp({"TC260:AIGC": '{"Label":"1","ContentProducer":"x"}', "xmp:CreatorTool": "DaVinci Resolve 19"})
    path.write_bytes(with_boxes(clip(**SMALL).path.read_bytes(), xmp_box(packet)))
    signals = signals_of(look(path))
    assert set(signals) == {"provenance.declared_ai", "provenance.edited"}
    assert signals["provenance.declared_ai"].evidence.quote is not None
    assert signals["provenance.declared_ai"].evidence.quote.text == "xmp:TC260:AIGC"
