"""The detector of marks of origin: manifest, declarations of AI, editors, traces of writing more than once."""

from collections.abc import Iterable, Iterator

from tidegate.media.marks import FileMarks, ManifestReport, ManifestStatus, cleaned_all
from tidegate.records import (
    Abstention,
    AbstentionReason,
    Evidence,
    ManifestState,
    Provenance,
    Quote,
    Signal,
    Span,
    TextSource,
)
from tidegate.signals.base import Need, Requirement, Resources, Said, Tier, View, When
from tidegate.signals.provenance import declared, software
from tidegate.signals.provenance.finding import Finding, with_keys

MOST_SIGNALS_PER_LABEL = 8

_FROM_MANIFEST = ("provenance.broken", "provenance.declared_ai", "provenance.signed")
_FROM_TAGS = ("provenance.declared_ai", "provenance.edited", "provenance.reencoded", "provenance.stripped")
_STATES = {
    ManifestStatus.VALID: ManifestState.VALID,
    ManifestStatus.INVALID: ManifestState.INVALID,
    ManifestStatus.EMPTY: ManifestState.STRIPPED,
}
_UNREAD = {
    ManifestStatus.TOO_LARGE: AbstentionReason.OVER_BUDGET,
    ManifestStatus.UNAVAILABLE: AbstentionReason.UNAVAILABLE,
    ManifestStatus.UNREADABLE: AbstentionReason.FAILED,
    ManifestStatus.FOUND: AbstentionReason.UNAVAILABLE,
}
_NO_CHANGE = frozenset(
    {"c2pa.created", "c2pa.opened", "c2pa.published", "c2pa.transcoded", "c2pa.repackaged", "c2pa.converted"}
)
"""C2PA actions (C2PA 2.2, 18.15) that leave what is shown as it is."""


class ProvenanceDetector:
    """Emits the `provenance.*` labels and one Provenance record for every decoded clip.

    Decoding has read the marks; this only judges them. A file without marks is as good as any other: it gets a record
    that says so and no signal. `signed` scores 1 with a signer on the trust list and 0.5 without, `broken` 0.9,
    `stripped` 0.3 to 0.5, `declared_ai` by how plainly it is said, `edited` 0.6, `reencoded` 0.4 to 0.6.

    Blind to: marks that were taken out (anyone can), media whose maker leaves none, watermarks in the picture or the
    sound, manifests in GIF, MP3 and Matroska files, and manifests kept elsewhere, which are never fetched. A manifest
    over the parts of a file with several media boxes is called broken by c2pa-rs 0.91 though it may hold.
    """

    id = "provenance.marks@1"
    needs = frozenset({Need.FILE})
    assigns = frozenset({Need.PROVENANCE})
    emits = frozenset({*_FROM_MANIFEST, *_FROM_TAGS})
    resources = Resources(tier=Tier.CHEAP, cpu_s_per_item=0.0003, memory_mib=1.0)
    requires: tuple[Requirement, ...] = ()
    when: When | None = None

    def load(self) -> None:
        """Nothing to load: the c2pa library lives in decode processes only."""

    def detect(self, view: View) -> Iterator[Said]:
        """The record of one clip, its signals, and what could not be read."""
        if view.clip is None or view.media is None:
            yield self._abstained(AbstentionReason.DAMAGED_MEDIA, sorted(self.emits), "the file was not decoded")
            return
        marks, whole = view.clip.marks, Span(start_s=0.0, end_s=view.media.duration_s)
        found = {
            "provenance.signed": _signed(marks.manifest),
            "provenance.broken": _broken(marks.manifest),
            "provenance.stripped": _stripped(marks),
            "provenance.declared_ai": _declared(marks),
            "provenance.edited": [*software.editors(marks.tags), *_edited(marks.manifest)],
            "provenance.reencoded": software.reencode_traces(marks.tags),
        }
        yield self._record(marks, found)
        for label, findings in found.items():
            for finding in sorted(findings, key=lambda one: -one.score)[:MOST_SIGNALS_PER_LABEL]:
                yield self._signal(label, finding, whole)
        yield from self._unread(marks)

    def _record(self, marks: FileMarks, found: dict[str, list[Finding]]) -> Provenance:
        report = marks.manifest or ManifestReport(status=ManifestStatus.EMPTY, place="", size_bytes=0)
        state = _STATES.get(report.status, ManifestState.UNREADABLE)
        if marks.manifest is None:
            state = ManifestState.STRIPPED if found["provenance.stripped"] else ManifestState.ABSENT
        return Provenance(
            manifest=state,
            is_trusted=report.is_trusted,
            generator=report.generator,
            signer=report.signer,
            signed_at=report.signed_at,
            declares_ai=bool(found["provenance.declared_ai"]),
            actions=report.actions,
            ingredient_count=report.ingredient_count,
            software=cleaned_all([*software.program_names(marks.tags), *report.agents]),
            reencode_traces=cleaned_all([finding.says for finding in found["provenance.reencoded"]]),
            problems=report.problems,
            detector_id=self.id,
        )

    def _signal(self, label: str, finding: Finding, whole: Span) -> Signal:
        quote = Quote(source=TextSource.DECLARED, text=finding.field, start_char=0, end_char=len(finding.field))
        evidence = Evidence(span=whole, quote=quote, note=finding.says)
        return Signal(label=label, score=finding.score, evidence=evidence, detector_id=self.id)

    def _unread(self, marks: FileMarks) -> Iterator[Abstention]:
        report = marks.manifest
        if report is not None and (reason := _UNREAD.get(report.status)):
            yield self._abstained(reason, _FROM_MANIFEST, _why_unread(report))
        if marks.unread:
            detail = f"not read: {'; '.join(marks.unread)}"
            yield self._abstained(AbstentionReason.OVER_BUDGET, _FROM_TAGS, detail[:500])

    def _abstained(self, reason: AbstentionReason, labels: Iterable[str], detail: str) -> Abstention:
        return Abstention(detector_id=self.id, reason=reason, labels=tuple(labels), detail=detail)


def _why_unread(report: ManifestReport) -> str:
    if report.status is ManifestStatus.UNAVAILABLE:
        return "a manifest of origin is there; to read it: pip install 'tidegate[provenance]'"
    if report.status is ManifestStatus.FOUND:
        return "a manifest of origin is there; it is read by a DecodePool only"
    return f"a manifest of origin was not read: {report.detail}"


def _declared(marks: FileMarks) -> list[Finding]:
    from_manifest = declared.in_manifest(marks.manifest) if marks.manifest else ()
    return list(dict.fromkeys((*from_manifest, *declared.in_tags(marks.tags))))


def _signed(report: ManifestReport | None) -> list[Finding]:
    if report is None or report.status is not ManifestStatus.VALID:
        return []
    who = "a signer on the trust list" if report.is_trusted else "an unknown signer"
    return [Finding(field=f"c2pa {report.place}", says=f"signed by {who}", score=1.0 if report.is_trusted else 0.5)]


def _broken(report: ManifestReport | None) -> list[Finding]:
    if report is None or report.status is not ManifestStatus.INVALID:
        return []
    problems = ", ".join(report.problems[:4]) or "no reason given"
    return [Finding(field=f"c2pa {report.place}", says=f"the manifest does not hold: {problems}", score=0.9)]


def _stripped(marks: FileMarks) -> list[Finding]:
    """Traces of a manifest where there is none to read."""
    if marks.manifest is not None and marks.manifest.status is not ManifestStatus.EMPTY:
        return []
    found = [Finding(field="c2pa", says=trace, score=0.5) for trace in marks.traces]
    for tag in with_keys(marks.tags, "dcterms:provenance"):
        is_elsewhere = tag.value.lower().startswith(("http:", "https:"))
        says = "a manifest is said to be kept elsewhere; it is never fetched" if is_elsewhere else "names a manifest"
        found.append(Finding(field=tag.field, says=says, score=0.3 if is_elsewhere else 0.5))
    found += [
        Finding(field=tag.field, says="the history names content credentials", score=0.4)
        for tag in with_keys(marks.tags, "history parameters", "history softwareagent", "history")
        if any(name in tag.value.lower() for name in ("content credentials", "c2pa"))
    ]
    found += [
        Finding(field=tag.field, says="the file type names C2PA", score=0.4)
        for tag in with_keys(marks.tags, "compatible_brands")
        if "c2pa" in [tag.value[at : at + 4] for at in range(0, len(tag.value), 4)]
    ]
    return found


def _edited(report: ManifestReport | None) -> list[Finding]:
    """Actions of a valid manifest that change what is shown."""
    if report is None or report.status is not ManifestStatus.VALID:
        return []
    changes = [action for action in report.actions if action not in _NO_CHANGE][:4]
    return (
        [Finding(field="c2pa actions", says=f"the manifest lists {', '.join(changes)}", score=0.6)] if changes else []
    )
