"""Urged self-harm, threats, approaches to minors and drug sale: what is said to a person, not what is told of it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tidegate.signals.wording.abuse_words import abuse_kinds, abuse_phrases, contexts
from tidegate.signals.wording.find import Find
from tidegate.signals.wording.offer_words import warnings_in
from tidegate.signals.wording.shapes import Shape, places_of, shapes_in

URGING = "pattern.urging_self_harm"
THREAT = "pattern.threat"
MINOR = "pattern.minor_solicitation"
DRUGS = "pattern.drug_sale"

REPORT_FACTOR = 0.3
"""A score is cut to this share where the words around quote, report or warn instead of saying it to somebody."""
JEST_FACTOR = 0.55
"""A threat up to 0.8 is cut to this share beside laughter or a game; a graver one is not."""

SHAPES: Sequence[Shape] = (
    Shape(MINOR, 0.9, "a stated age under 18 with a sexual or older-partner request", "age", ("seek",), 100),
    Shape(MINOR, 0.9, "looks for minors by age", "young"),
    Shape(DRUGS, 0.9, "drugs offered with a way to get in touch", "drug", ("deal", "messenger"), 100),
    Shape(DRUGS, 0.4, "drugs with words of trade", "drug", ("deal",), 40),
)

_REPORT_REACH_CHARS = 90
_BESIDE_CHARS = 30
_JEST_REACH_CHARS = 40
_QUOTE_REACH_CHARS = 120
_LEAST_OUTSIDE_CHARS = 8
_MAX_PLACES = 200
_QUOTED = re.compile(
    rf"[\"“„«”「『‘]([^\"“”„«»「」『』‘’\n]{{2,{_QUOTE_REACH_CHARS}}})[\"”“»«」』’]"
    rf"|(?<!\w)'([^'\n]{{2,{_QUOTE_REACH_CHARS}}})'(?!\w)"
)
_WORD_CHARS = re.compile(r"\w")

Places = Sequence[tuple[int, int]]


def abuse(folded: str, reach: Places = ()) -> Iterator[Find]:
    """Abuse in a folded text, weighed by the words around it. `reach` are places of contact details and links.

    Cost: linear; about 1 ms for a caption.
    """
    places = places_of(folded, abuse_kinds())
    if reach:
        places["messenger"] = sorted([*places.get("messenger", []), *reach])
    finds = [
        *shapes_in(places, SHAPES),
        *(
            Find(match.start(), match.end(), phrase.label, phrase.score, phrase.note)
            for phrase in abuse_phrases()
            for match in phrase.pattern.finditer(folded)
        ),
    ]
    if not finds:
        return
    idioms = _spans(folded, "idiom")
    quoted = list(_quoted(folded))
    reports = _spans(folded, "report")
    warned = [*reports, *warnings_in(folded)]
    for find in finds:
        is_phrase = find.label in (URGING, THREAT)
        if _near(find, idioms, 0) or (is_phrase and _is_figure(folded, find)):
            continue
        is_reported = _near(find, reports if is_phrase else warned, _REPORT_REACH_CHARS) or _near(find, quoted, 0)
        yield _weighed(folded, find, is_reported)


def _weighed(folded: str, find: Find, is_reported: bool) -> Find:
    if is_reported:
        return replace(find, score=round(find.score * REPORT_FACTOR, 3), note=find.note + ", in words that report it")
    around = folded[max(0, find.start - _JEST_REACH_CHARS) : find.end + _JEST_REACH_CHARS]
    if find.label == THREAT and find.score <= 0.8 and contexts()["jest"].search(around):
        return replace(find, score=round(find.score * JEST_FACTOR, 3), note=find.note + ", in jest")
    return find


def _is_figure(folded: str, find: Find) -> bool:
    """Whether the words right before or after refuse it or make it a figure of speech."""
    before = folded[max(0, find.start - _BESIDE_CHARS) : find.start].rstrip(" ")
    after = folded[find.end : find.end + _BESIDE_CHARS].lstrip(" ")
    ends = (match.end() for match in contexts()["before"].finditer(before))
    return any(end == len(before) for end in ends) or contexts()["after"].match(after) is not None


def _near(find: Find, places: Places, reach_chars: int) -> bool:
    return any(find.start - reach_chars < end and start < find.end + reach_chars for start, end in places)


def _spans(folded: str, kind: str) -> list[tuple[int, int]]:
    found = []
    for match in contexts()[kind].finditer(folded):
        found.append(match.span())
        if len(found) >= _MAX_PLACES:
            break
    return found


def _quoted(folded: str) -> Iterator[tuple[int, int]]:
    """Stretches in quotation marks, as places that report just what is inside.

    Marks around all that is said are no report: whoever writes nothing else says it.
    """
    for match in _QUOTED.finditer(folded):
        outside = folded[max(0, match.start() - 200) : match.start()] + folded[match.end() : match.end() + 200]
        if len(_WORD_CHARS.findall(outside)) >= _LEAST_OUTSIDE_CHARS:
            yield match.span()
