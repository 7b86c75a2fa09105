"""Sentences that are split between caption, picture and voice, put together in the orders a viewer meets them.

Nobody says where such a sentence goes on, so a few orders are tried: by time, with the picture first or the voice
first; the voice before the picture; and each with the caption before and behind every stretch of a few seconds. Only
what takes two sources to say counts, and only where they stand near each other (`TextView.evidence` gives nothing for
the rest), so a wrong order costs time, not truth.

Of a long clip only what stands around the places where two sources meet is read together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tidegate.records import TextSource
from tidegate.signals.joined_parts import Part, Stretch, parts_of, stretches, view_of
from tidegate.signals.text_view import TextView

MAX_CHARS = 16_000
"""Characters of all joined texts of one upload: about 80 ms for the detector of patterns, at 5 µs a character."""

SEGMENT_S = 10.0
"""Stretch of the clip within which all of the voice is read before all of the picture. A text that stands longer is
read anew with every such stretch."""

LONG_CHARS = 200
"""A longer text is a page: what stands beside it is read without it as well."""

CHUNK_CHARS = 300
"""Characters of voice and picture between two places where the caption is read."""

_FUTILE = 2
"""Times MAX_CHARS of characters, before equal ones are left out, from which nothing is tried to make them fit."""


@dataclass(frozen=True, slots=True)
class _Grain:
    """How much is read together.

    `reach` characters on either side of a meeting; the caption with every `stride`-th stretch of CHUNK_CHARS or
    SEGMENT_S. `is_whole`: all of the voice before all of the picture too, and the caption with meetings of the two.
    """

    reach: int
    stride: int
    is_whole: bool


_GRAINS = (
    _Grain(150, 1, True),
    _Grain(100, 1, True),
    _Grain(60, 1, False),
    _Grain(40, 2, False),
    _Grain(40, 6, False),
    _Grain(40, 24, False),
)
"""The finest that fits into MAX_CHARS is taken. The coarser ones are for clips of several minutes full of words; there
the caption is read with 10 s of every 20, 60 or 240 s only."""

_Segment = tuple[list[Part], list[Part]]
"""The words heard and the texts seen in some seconds."""


@dataclass(frozen=True, slots=True)
class _Timeline:
    """The parts of each segment in one reading order."""

    segments: list[list[Part]]
    is_by_time: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Texts of several sources read together, and whether some were left out because there were too many."""

    views: tuple[TextView, ...] = ()
    is_cut: bool = False


def joined_views(submitted: Sequence[TextView], found: Sequence[TextView]) -> Joined:
    """The views of `submitted` and `found` read together; none where only one source says anything.

    At most MAX_CHARS characters over all views, each wording once; that something was left out for it is told.
    Hashtags, sound titles, payloads of codes and names of owners are labels, no parts of a sentence, and are left out.
    """
    caption = [part for view in submitted if view.source is TextSource.CAPTION for part in parts_of(view)]
    voice = [part for view in found if view.source is TextSource.SPEECH for part in parts_of(view)]
    screen = [part for view in found if view.source is TextSource.ON_SCREEN for part in parts_of(view)]
    if sum(map(bool, (caption, voice, screen))) < 2:
        return Joined()
    timelines = _timelines(_segments(voice, screen))
    kept: list[Stretch] = []
    is_cut = True
    for grain in _GRAINS:
        kept, is_cut = as_many_as_fit(_meetings(caption, timelines, grain))
        if not is_cut:
            break
    return Joined(views=tuple(view_of(one) for one in kept), is_cut=is_cut)


def as_many_as_fit(found: Iterator[Stretch]) -> tuple[list[Stretch], bool]:
    """The stretches whose words are not in a longer one, as far as they fit, and whether any did not.

    At most `_FUTILE * MAX_CHARS` characters are looked at. Cost: square of the stretches.
    """
    by_text: dict[str, Stretch] = {}
    chars = 0
    for one in found:
        if one.text not in by_text:
            by_text[one.text] = one
            chars += len(one.text)
        if chars > _FUTILE * MAX_CHARS:
            break
    is_cut = chars > _FUTILE * MAX_CHARS
    whole: set[str] = set()
    all_words = ""
    for text in sorted(by_text, key=len, reverse=True):
        if text not in all_words:
            whole.add(text)
            all_words += f"\0{text}"
    kept: list[Stretch] = []
    room = MAX_CHARS
    for text in (text for text in by_text if text in whole):  # as found: the voice with the picture comes first
        room -= len(text)
        if room < 0:
            return kept, True
        kept.append(by_text[text])
    return kept, is_cut


def _meetings(caption: list[Part], timelines: Sequence[_Timeline], grain: _Grain) -> Iterator[Stretch]:
    """What stands around meetings of voice and picture, then around those with the caption."""
    used = [one.segments for one in timelines if one.is_by_time or grain.is_whole]
    for segments in used:
        yield from stretches([part for segment in segments for part in segment], grain.reach)
    if not caption:
        return
    meeting = None if grain.is_whole else TextSource.CAPTION
    for segments in used:
        chunks = [chunk for segment in segments for chunk in _chunks(segment)]
        for at in range(0, len(chunks), grain.stride):
            some, after = chunks[at], chunks[at + 1] if at + 1 < len(chunks) else []
            if grain.is_whole and after and some[-1].is_near(after[0]):
                some = [*some, *after]
            yield from stretches([*caption, *some], grain.reach, meeting)
            yield from stretches([*some, *caption], grain.reach, meeting)


def _chunks(segment: Sequence[Part]) -> Iterator[list[Part]]:
    """The parts in stretches of about CHUNK_CHARS, so that the caption comes near to each of them."""
    chunk: list[Part] = []
    for part in segment:
        if chunk and sum(len(one.text) for one in chunk) + len(part.text) > CHUNK_CHARS:
            yield chunk
            chunk = []
        chunk.append(part)
    if chunk:
        yield chunk


def _timelines(segments: Sequence[_Segment]) -> list[_Timeline]:
    """The parts of each segment in each order, with pages of text and, where there are any, without."""
    found: list[_Timeline] = []
    choices = [list(segments)]
    if any(len(part.text) > LONG_CHARS for _, shown in segments for part in shown):
        short = [(said, [part for part in shown if len(part.text) <= LONG_CHARS]) for said, shown in segments]
        choices.append(short)
    for choice in choices:
        found.append(_Timeline([_by_time(shown, said) for said, shown in choice], is_by_time=True))
        found.append(_Timeline([_by_time(said, shown) for said, shown in choice], is_by_time=True))
        found.append(_Timeline([[*said, *shown] for said, shown in choice], is_by_time=False))
    return found


def _segments(voice: Sequence[Part], screen: Sequence[Part]) -> list[_Segment]:
    """The stretches of SEGMENT_S that have any words, each with what begins in it and with texts that go on through
    at least half of it.
    """
    found: dict[int, _Segment] = {}
    for part in voice:
        found.setdefault(int(part.start_s // SEGMENT_S), ([], []))[0].append(part)
    for part in screen:
        first = int(part.start_s // SEGMENT_S)
        last = int((part.end_s - SEGMENT_S / 2) // SEGMENT_S)
        for number in range(first, max(first, last) + 1):
            found.setdefault(number, ([], []))[1].append(part)
    return [found[number] for number in sorted(found)]


def _by_time(first: Sequence[Part], second: Sequence[Part]) -> list[Part]:
    """Both by time; of two parts that share a moment the one of `first` comes first.

    A part stands in front of those it overlaps, never past one that ended before it began, however long others stand.
    """
    order: list[Part] = []
    at = 0
    for part in first:
        while at < len(second) and second[at].end_s <= part.start_s:
            order.append(second[at])
            at += 1
        order.append(part)
    return [*order, *second[at:]]
