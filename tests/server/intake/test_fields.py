"""From the fields of a submission to records: read strictly, with the path of what is wrong."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import UploadFieldError
from tidegate.records import Context, Sound, Surface, dumps
from tidegate.server.intake.fields import ParsedUpload, lanes_of, parse_fields

LANES = {"express": 15.0, "standard": 60.0}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = ("caption", "hashtags", "sound", "creator_id", "surface", "region", "language", "declared", "facts")
OTHERS = ("external_id", "context", "lane", "media_url", "idempotency_key")


def _parse(**data: Any) -> ParsedUpload:
    return parse_fields(data, upload_id="up_1", lanes=LANES, default_lane="standard")


def _error(**data: Any) -> UploadFieldError:
    with pytest.raises(UploadFieldError) as caught:
        _parse(**data)
    return caught.value


def test_every_field_finds_its_place() -> None:
    parsed = _parse(
        caption="low tide",
        hashtags=["sea"],
        sound={"id": "s1", "is_original": False},
        creator_id="cr-1",
        surface="ad",
        region="KR",
        language="ko",
        declared={"ai_generated": True},
        facts={"series": "tides"},
        external_id="clip-1",
        context={"account_age_days": 3},
        lane="express",
        media_url="https://cdn.example.org/a.mp4",
        idempotency_key="one",
    )
    assert parsed.upload.id == "up_1"
    assert (parsed.upload.caption, parsed.upload.hashtags, parsed.upload.surface) == ("low tide", ("sea",), Surface.AD)
    assert parsed.upload.sound == Sound(id="s1", is_original=False)
    assert parsed.context == Context(account_age_days=3.0)
    assert (parsed.external_id, parsed.lane, parsed.idempotency_key) == ("clip-1", "express", "one")
    assert parsed.media_url == "https://cdn.example.org/a.mp4"


def test_nothing_said_is_an_upload_with_nothing_said() -> None:
    parsed = _parse()
    assert (parsed.upload.caption, parsed.external_id, parsed.lane, parsed.media_url) == ("", "", "standard", "")


def test_a_form_may_say_lists_and_objects_as_texts() -> None:
    assert _parse(hashtags="sea, tide low").upload.hashtags == ("sea", "tide", "low")
    assert _parse(hashtags='["sea", "tide"]').upload.hashtags == ("sea", "tide")
    assert _parse(facts='{"series": "tides"}').upload.facts == {"series": "tides"}


@pytest.mark.parametrize(
    ("data", "where"),
    [
        ({"captoin": "x"}, "$"),
        ({"caption": 3}, "$.caption"),
        ({"hashtags": [3]}, "$.hashtags[0]"),
        ({"hashtags": "[3"}, "$.hashtags"),
        ({"facts": {"a": 1}}, "$.facts.a"),
        ({"surface": "billboard"}, "$.surface"),
        ({"region": "korea"}, "$, Upload.region"),
        ({"context": {"account_age_days": "three"}}, "$.context.account_age_days"),
        ({"lane": "slow"}, "$.lane"),
        ({"caption": "x" * 20_001}, "$.caption"),
        ({"external_id": "x" * 256}, "$.external_id"),
        ({"creator_id": "x" * 256}, "$.creator_id"),
        ({"hashtags": ["x"] * 201}, "$.hashtags"),
        ({"facts": {str(number): "" for number in range(101)}}, "$.facts"),
        ({"media_url": "https://" + "x" * 5000}, "$.media_url"),
        ({"media_url": 7}, "$.media_url"),
        ({"context": {"account_age_days": float("nan")}}, "$.context.account_age_days"),
        ({"declared": "{"}, "$.declared"),
        ({"declared": '{"ai_generated": NaN}'}, "$.declared.ai_generated"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(data: dict[str, Any], where: str) -> None:
    assert _error(**data).where == where


@pytest.mark.parametrize(
    ("data", "where"),
    [
        ({"caption": "low\0tide"}, "$.caption"),
        ({"external_id": "\0"}, "$.external_id"),
        ({"hashtags": ["sea", "ti\0de"]}, "$.hashtags[1]"),
        ({"sound": {"title": "\0"}}, "$.sound.title"),
        ({"facts": {"series": "\0"}}, "$.facts.series"),
        ({"facts": {"ser\0ies": "x"}}, "$.facts"),
        ({"facts": '{"series": "\\u0000"}'}, "$.facts.series"),
        ({"media_url": "https://cdn.example.org/\0"}, "$.media_url"),
        ({"idempotency_key": "\0"}, "$.idempotency_key"),
        ({"lane": "\0"}, "$.lane"),
    ],
)
def test_a_nul_is_refused_wherever_it_stands(data: dict[str, Any], where: str) -> None:
    error = _error(**data)
    assert (error.where, error.next_step) == (where, "leave it out")
    assert "NUL" in error.what


def test_half_of_a_character_is_refused_and_its_place_named() -> None:
    error = _error(caption="tide \ud83d")
    assert (error.where, error.what) == ("$.caption", "there is half of a surrogate pair at character 5")


def test_nesting_has_an_end() -> None:
    deep: Any = "x"
    for _ in range(500):
        deep = [deep]
    assert "too deep" in _error(facts=deep).what
    assert _error(facts="[" * 100_000).where == "$.facts"


@given(data=st.dictionaries(st.sampled_from((*NAMES, *OTHERS)) | st.text(max_size=4), JSON, max_size=5))
def test_whatever_comes_is_a_record_that_can_be_stored_or_a_coded_error(data: dict[str, Any]) -> None:
    try:
        parsed = parse_fields(data, upload_id="up_1", lanes=LANES, default_lane="standard")
    except UploadFieldError as error:
        assert error.where.startswith("$")
        return
    for text in (dumps(parsed.upload), dumps(parsed.context), parsed.external_id, json.dumps(dict(parsed.told))):
        assert "\0" not in text
        text.encode("utf-8")


def test_lanes_are_names_with_seconds() -> None:
    assert lanes_of(("express=15", " bulk = 3600")) == {"express": 15.0, "bulk": 3600.0}


@pytest.mark.parametrize(
    "text", ["express", "express=", "express=fast", "=15", "express=0", "express=-1", "e=nan", "e=inf"]
)
def test_a_lane_without_a_time_is_refused(text: str) -> None:
    with pytest.raises(UploadFieldError, match="no lane"):
        lanes_of((text,))


def test_a_lane_has_a_name_that_fits() -> None:
    with pytest.raises(UploadFieldError, match="no lane"):
        lanes_of((f"{'x' * 33}=15",))
