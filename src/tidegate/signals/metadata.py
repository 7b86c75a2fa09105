"""Facts beside the picture: how many hashtags and mentions, what was declared, and hashtags of a clause's field."""

import re
from collections.abc import Iterator

from tidegate.records import Abstention, AbstentionReason, Evidence, Quote, Signal, TextSource
from tidegate.signals.base import Need, Requirement, Resources, TextView, Tier, View, When
from tidegate.signals.risk_tags import CODED_SPELLING, RISK_TAGS, TagRisk, declares_ai, declares_paid

MAX_CHARS = 20_000
"""Characters of caption and hashtags that are read, as for detectors of words."""

MAX_RISKY_TAGS = 24
"""Most risky hashtags reported for one upload."""

MAX_QUOTED = 20
"""Most hashtags or mentions of a flood that its quote shows."""

USUAL_HASHTAGS = 12
"""Up to this many hashtags nothing is said; platforms advise three to five and cap at thirty."""

USUAL_MENTIONS = 5
"""Up to this many mentions nothing is said."""

_HASHTAG = re.compile(r"[#＃](?![\d_]+(?!\w))([\w·]{1,100})")
_MENTION = re.compile(r"(?<![\w.@])@([\w](?:[\w.]{0,38}\w)?)(?!@)")
_BARE_TAG = re.compile(r"[#＃]?([\w·]{1,100})")
_SOURCES = (TextSource.CAPTION, TextSource.HASHTAG)
_DECLARED = (
    ("metadata.declared_ai", "ai_generated"),
    ("metadata.declared_minor", "shows_minor"),
    ("metadata.declared_paid", "paid_promotion"),
)


class MetadataDetector:
    """Emits the `metadata.*` labels. Declared facts score 1; floods rise from 0.3 just above the usual number to 0.9
    at five times it; a risky hashtag scores 0.7, or 0.5 where it is used by those who warn as well.
    """

    id = "metadata.facts@1"
    needs = frozenset({Need.FACTS})
    emits = frozenset(
        {
            "metadata.hashtag_flood",
            "metadata.mention_flood",
            "metadata.undeclared_ai",
            "metadata.undeclared_paid",
            *(label for label, _ in _DECLARED),
            *(risk.label for risk in RISK_TAGS),
        }
    )
    resources = Resources(tier=Tier.CHEAP, cpu_s_per_item=0.0001, memory_mib=1.0)
    requires: tuple[Requirement, ...] = ()
    when: When | None = None

    def load(self) -> None:
        """Nothing to load."""

    def detect(self, view: View) -> Iterator[Signal | Abstention]:
        """Signals on the facts of one upload, each quoted from the caption, the hashtags or the declaration."""
        texts = [text for text in view.texts if text.source in _SOURCES]
        tags = [(text, start, end) for text in texts for start, end in hashtags_in(text)]
        mentions = [
            (text, match.start(), match.end()) for text in texts for match in _MENTION.finditer(text.text[:MAX_CHARS])
        ]
        yield from self._flood("metadata.hashtag_flood", tags, USUAL_HASHTAGS, "hashtags")
        yield from self._flood("metadata.mention_flood", mentions, USUAL_MENTIONS, "mentions")
        yield from self._declared(view)
        yield from self._undeclared(view, tags)
        yield from self._risky(tags)
        for text in texts:
            if len(text.text) > MAX_CHARS:
                yield self._over_budget(text)

    def _flood(self, label: str, places: list[tuple[TextView, int, int]], usual: int, what: str) -> Iterator[Signal]:
        if len(places) <= usual:
            return
        by_text = [[place for place in places if place[0].source is source] for source in _SOURCES]
        inside = max(by_text, key=len)
        score = min(0.9, 0.3 + 0.6 * (len(places) - usual) / (4 * usual))
        note = f"{len(places)} {what}, usual are {usual} at most"
        yield self._signal(label, round(score, 3), inside[0][0], inside[0][1], inside[:MAX_QUOTED][-1][2], note)

    def _declared(self, view: View) -> Iterator[Signal]:
        for label, field in _DECLARED:
            if getattr(view.upload.declared, field) is True:
                quote = Quote(source=TextSource.DECLARED, text=field, start_char=0, end_char=len(field))
                evidence = Evidence(quote=quote, note="declared by the creator")
                yield Signal(label=label, score=1.0, evidence=evidence, detector_id=self.id)

    def _undeclared(self, view: View, tags: list[tuple[TextView, int, int]]) -> Iterator[Signal]:
        checks = (
            ("metadata.undeclared_ai", view.upload.declared.ai_generated, declares_ai),
            ("metadata.undeclared_paid", view.upload.declared.paid_promotion, declares_paid),
        )
        for label, declared, says_so in checks:
            if declared is True:
                continue
            for text, start, end in tags:
                if says_so(_key(text.text[start:end])):
                    note = "the declaration says no" if declared is False else "nothing was declared"
                    yield self._signal(label, 0.8 if declared is False else 0.5, text, start, end, note)
                    break

    def _risky(self, tags: list[tuple[TextView, int, int]]) -> Iterator[Signal]:
        found = 0
        for text, start, end in tags:
            key = _key(text.text[start:end])
            risk = _risk_of(key)
            if risk is not None and found < MAX_RISKY_TAGS:
                found += 1
                is_coded = key not in risk.tags and key not in risk.ambiguous
                score = 0.5 if _is_ambiguous(key, risk) else 0.7
                note = f"hashtag of {risk.field}" + (", in coded spelling" if is_coded else "")
                yield self._signal(risk.label, score, text, start, end, note)

    def _signal(self, label: str, score: float, text: TextView, start: int, end: int, note: str) -> Signal:
        quote = Quote(source=text.source, text=text.text[start:end], start_char=start, end_char=end)
        evidence = Evidence(span=text.span, quote=quote, note=note)
        return Signal(label=label, score=score, evidence=evidence, detector_id=self.id)

    def _over_budget(self, text: TextView) -> Abstention:
        return Abstention(
            detector_id=self.id,
            reason=AbstentionReason.OVER_BUDGET,
            labels=tuple(sorted(self.emits)),
            detail=f"{text.source}: the last {len(text.text) - MAX_CHARS} characters were not read, limit {MAX_CHARS}",
        )


def hashtags_in(text: TextView) -> list[tuple[int, int]]:
    """Places of the hashtags of a text, with their sign; in the list of hashtags the sign may be missing."""
    pattern = _BARE_TAG if text.source is TextSource.HASHTAG else _HASHTAG
    return [match.span() for match in pattern.finditer(text.text[:MAX_CHARS])]


def _key(tag: str) -> str:
    return tag.lstrip("#＃").casefold().replace("_", "").replace("·", "")


def _risk_of(key: str) -> TagRisk | None:
    """The risk of a hashtag as written, then with digits read as letters, repeats cut and a trailing number dropped."""
    for form in (key, *_coded_forms(key)):
        for risk in RISK_TAGS:
            if form in risk.tags or form in risk.ambiguous:
                return risk
    return None


def _is_ambiguous(key: str, risk: TagRisk) -> bool:
    return not any(form in risk.tags for form in (key, *_coded_forms(key)))


def _coded_forms(key: str) -> tuple[str, ...]:
    plain = key.translate(CODED_SPELLING)
    squeezed = re.sub(r"(.)\1+", r"\1", plain)
    return (plain, re.sub(r"(.)\1{2,}", r"\1", plain), squeezed, key.rstrip("0123456789"))
