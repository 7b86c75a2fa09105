"""What `--json` prints: every record of a clip once, and all of it can be read back."""

import json

from tidegate.cli.output import result_json
from tidegate.cli.paths import Refusal
from tidegate.errors import InputNotFoundError
from tidegate.records import Decision, Screening, Upload, from_json
from tidegate.screening import Screened


def test_everything_heard_read_and_proven_can_be_read_back(spoken_sample: Screened) -> None:
    line = json.loads(json.dumps(result_json("harbour.mp4", spoken_sample), allow_nan=False))
    assert from_json(Screening, line["screening"]) == spoken_sample.screening
    assert from_json(Upload, line["upload"]) == spoken_sample.upload
    assert from_json(Decision, line["decision"]) == spoken_sample.decision


def test_the_words_of_a_clip_are_in_its_screening_and_nowhere_else(spoken_sample: Screened) -> None:
    line = result_json("harbour.mp4", spoken_sample)
    assert list(line) == ["path", "upload", "screening", "decision"]
    screening = json.loads(json.dumps(line["screening"]))
    assert [one["text"] for one in screening["utterances"]][4].startswith("Oh the tide")
    assert screening["on_screen_texts"][3]["rotation_deg"] == -90.0
    assert screening["on_screen_texts"][1]["path"][0]["time_s"] == 2.0
    assert {one["kind"] for one in screening["sound_spans"]} >= {"music", "beep", "loud_onset"}
    assert screening["loudness"]["integrated_lufs"] == -16.2
    assert screening["provenance"]["manifest"] == "valid"


def test_evidence_in_parts_names_the_place_of_each_part(spoken_sample: Screened) -> None:
    line = json.loads(json.dumps(result_json("harbour.mp4", spoken_sample)))
    (joined,) = [one for one in line["screening"]["signals"] if one["evidence"]["parts"]]
    assert [part["quote"]["source"] for part in joined["evidence"]["parts"]] == ["caption", "on_screen", "speech"]
    assert [bool(part["span"]) for part in joined["evidence"]["parts"]] == [False, True, True]


def test_what_was_refused_is_an_error_object() -> None:
    refusal = Refusal(name="gone.mp4", error=InputNotFoundError("no such file"))
    assert result_json("gone.mp4", refusal) == {"path": "gone.mp4", "error": refusal.error.to_json()}
