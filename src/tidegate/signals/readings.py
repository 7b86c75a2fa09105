"""What detectors heard and read so far, in order, and the view that the next detector gets of it."""

from dataclasses import dataclass, field, replace
from typing import Any

from tidegate.records import Loudness, OnScreenText, Provenance, Reading, SoundSpan, Utterance
from tidegate.signals.base import View
from tidegate.signals.joined import joined_views
from tidegate.signals.text_view import TextView
from tidegate.signals.texts import heard_and_read, texts_of, views_of_handles

MAX_READINGS = 2000
"""Most records kept of one detector for one upload; what is past it is an abstention."""


@dataclass(slots=True, kw_only=True)
class Readings:
    """The records of one pass. A later detector's loudness or provenance replaces an earlier one's.

    `is_joined_in_part` says that the texts were too many for all that stand together to be read together.
    """

    utterances: list[Utterance] = field(default_factory=list)
    on_screen_texts: list[OnScreenText] = field(default_factory=list)
    sound_spans: list[SoundSpan] = field(default_factory=list)
    loudness: Loudness | None = None
    provenance: Provenance | None = None
    is_joined_in_part: bool = False

    def add(self, reading: Reading) -> None:
        """Keep one record."""
        match reading:
            case Utterance():
                self.utterances.append(reading)
            case OnScreenText():
                self.on_screen_texts.append(reading)
            case SoundSpan():
                self.sound_spans.append(reading)
            case Loudness():
                self.loudness = reading
            case Provenance():
                self.provenance = reading

    def settle(self) -> None:
        """Put everything in order of time; what starts together keeps the order in which it was found."""
        self.utterances.sort(key=lambda one: (one.span.start_s, one.span.end_s))
        self.on_screen_texts.sort(key=lambda one: (one.span.start_s, one.box.y, one.box.x))
        self.sound_spans.sort(key=lambda one: (one.span.start_s, one.kind.value))

    def fields(self) -> dict[str, Any]:
        """The records by the field of Screening that holds them."""
        return {
            "utterances": tuple(self.utterances),
            "on_screen_texts": tuple(self.on_screen_texts),
            "sound_spans": tuple(self.sound_spans),
            "loudness": self.loudness,
            "provenance": self.provenance,
        }

    def onto(self, view: View) -> View:
        """The view with these records and all their texts. Cost: linear in the texts."""
        utterances, on_screen_texts = tuple(self.utterances), tuple(self.on_screen_texts)
        texts: tuple[TextView, ...] = view.texts
        self.is_joined_in_part = False
        if (utterances, on_screen_texts) != (view.utterances, view.on_screen_texts):
            found = heard_and_read(utterances, on_screen_texts)
            submitted = texts_of(view.upload)
            joined = joined_views(submitted, found)
            self.is_joined_in_part = joined.is_cut
            texts = (*submitted, *found, *views_of_handles(on_screen_texts), *joined.views)
        return replace(
            view,
            utterances=utterances,
            on_screen_texts=on_screen_texts,
            sound_spans=tuple(self.sound_spans),
            provenance=self.provenance,
            texts=texts,
        )
