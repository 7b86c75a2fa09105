"""Marks of origin in plain words that claim no more than the marks do."""

import pytest

from tidegate.explain.origin import MOST_CHARS, MOST_VALUES, origin_of
from tidegate.records import ManifestState, Provenance
from tidegate.screening import Screened


@pytest.mark.parametrize(
    ("provenance", "words", "tone"),
    [
        (Provenance(manifest=ManifestState.ABSENT), "That says nothing", "plain"),
        (Provenance(manifest=ManifestState.STRIPPED), "without intent", "plain"),
        (Provenance(manifest=ManifestState.UNREADABLE), "cannot be read", "plain"),
        (Provenance(manifest=ManifestState.INVALID), "does not fit", "bad"),
        (Provenance(manifest=ManifestState.VALID, signer="Acme"), "signed by Acme, who is on no list", "plain"),
        (Provenance(manifest=ManifestState.VALID, signer="Acme", is_trusted=True), "on the list of trusted", "good"),
        (Provenance(manifest=ManifestState.VALID), "a signer without a name", "plain"),
        (Provenance(manifest=ManifestState.INVALID, signer="Acme", is_trusted=True), "does not fit", "bad"),
    ],
)
def test_each_state_of_a_manifest_has_its_sentence(provenance: Provenance, words: str, tone: str) -> None:
    origin = origin_of(provenance)
    assert origin is not None
    assert words in origin.headline
    assert origin.tone == tone


def test_everything_that_is_known_has_a_row(spoken_sample: Screened) -> None:
    origin = origin_of(spoken_sample.screening.provenance)
    assert origin is not None
    assert origin.declares_ai
    assert {row.term: row.values for row in origin.rows} == {
        "made with": ("Harbour Editor 4.2",),
        "signed at": ("2026-11-01T10:00:00Z",),
        "done to it": ("created", "color adjustments", "published"),
        "made from": ("2 other files",),
        "software named in tags": ("Lavf60.16.100", "HandBrake 1.7"),
        "encoded again": ("two encoders named",),
    }


def test_where_nothing_looked_nothing_is_said() -> None:
    assert origin_of(None) is None
    absent = origin_of(Provenance(manifest=ManifestState.ABSENT))
    assert absent is not None
    assert absent.rows == ()


def test_a_manifest_of_thousands_of_steps_is_cut_and_counted() -> None:
    provenance = Provenance(manifest=ManifestState.INVALID, problems=("x" * 1000,) * 5000, ingredient_count=1)
    origin = origin_of(provenance)
    assert origin is not None
    made_from, problems = origin.rows
    assert made_from.values == ("one other file",)
    assert (len(problems.values), problems.hidden) == (MOST_VALUES, 5000 - MOST_VALUES)
    assert max(map(len, problems.values)) == MOST_CHARS
