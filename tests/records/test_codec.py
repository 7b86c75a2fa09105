"""Every record survives its JSON form unchanged, and no other JSON passes for one."""

import dataclasses
import json
import math
import types
import typing
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tidegate import records
from tidegate.errors import RecordError, RecordJsonError, SchemaVersionError, TidegateError

RECORDS = tuple(
    value for name in records.__all__ if dataclasses.is_dataclass(value := getattr(records, name)) and name[0].isupper()
)
RELAXED = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def joined(text: str) -> str:
    """Lone surrogates stay; a high one followed by a low one becomes the character the two spell."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


TEXTS = st.text(st.characters(), max_size=12).map(joined)
SHARES = st.floats(0.0, 1.0)
DETECTOR_IDS = st.from_regex(r"[a-z][a-z0-9_]{0,5}(\.[a-z0-9_]{1,5}){1,2}@[1-9][0-9]?", fullmatch=True)
LABELS = st.from_regex(r"[a-z][a-z0-9_]{0,5}(\.[a-z0-9_]{1,5}){1,2}", fullmatch=True)
REGIONS = st.just("") | st.from_regex(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", fullmatch=True)


@st.composite
def spans(draw: st.DrawFn) -> records.Span:
    start_s, end_s = sorted((draw(st.floats(0, 1e6)), draw(st.floats(0, 1e6))))
    return records.Span(start_s=start_s, end_s=end_s)


@st.composite
def clocks(draw: st.DrawFn) -> records.FrameClock:
    times = sorted(draw(st.lists(st.floats(0, 1e5), max_size=5)))
    return records.FrameClock(times_s=tuple(times), end_s=(times[-1] if times else 0.0) + draw(st.floats(0, 10)))


@st.composite
def boxes(draw: st.DrawFn) -> records.Box:
    x, y = draw(SHARES), draw(SHARES)
    return records.Box(x=x, y=y, width=draw(st.floats(0, 1 - x)), height=draw(st.floats(0, 1 - y)))


@st.composite
def quotes(draw: st.DrawFn) -> records.Quote:
    text, start = draw(TEXTS), draw(st.integers(0, 1000))
    source = draw(st.sampled_from(records.TextSource))
    return records.Quote(source=source, text=text, start_char=start, end_char=start + len(text))


@st.composite
def intervals(draw: st.DrawFn) -> records.Interval:
    low, high = sorted((draw(SHARES), draw(SHARES)))
    return records.Interval(low=low, high=high, confidence=draw(st.floats(0.5, 0.99)))


@st.composite
def words(draw: st.DrawFn, most_chars: int = 40) -> records.Word:
    start, end = sorted((draw(st.integers(0, most_chars)), draw(st.integers(0, most_chars))))
    return records.Word(start_char=start, end_char=end, span=draw(spans()), confidence=draw(SHARES))


@st.composite
def utterances(draw: st.DrawFn) -> records.Utterance:
    text = draw(TEXTS)
    found = tuple(draw(st.lists(words(len(text)), max_size=2)))
    language, who = draw(TEXTS), draw(TEXTS)
    return records.Utterance(
        text=text, span=draw(spans()), language=language, confidence=draw(SHARES), words=found, detector_id=who
    )


WHOLE: Mapping[type, st.SearchStrategy[Any]] = {
    records.Span: spans(),
    records.FrameClock: clocks(),
    records.Box: boxes(),
    records.Quote: quotes(),
    records.Interval: intervals(),
    records.Word: words(),
    records.Utterance: utterances(),
}
"""Records whose fields depend on each other."""

FIELDS: Mapping[tuple[type, str], st.SearchStrategy[Any]] = {
    (records.Signal, "score"): SHARES,
    (records.Signal, "label"): LABELS,
    (records.Signal, "detector_id"): DETECTOR_IDS,
    (records.Abstention, "detector_id"): DETECTOR_IDS,
    (records.Judgement, "probability"): SHARES,
    (records.Upload, "id"): TEXTS.filter(bool),
    (records.Upload, "region"): REGIONS,
    (records.Evidence, "span"): spans(),
    (records.EvidencePart, "span"): spans(),
}
"""Fields with a narrower range than their type."""


def of_hint(hint: Any) -> st.SearchStrategy[Any]:
    """Values of one field type; raises KeyError on a type the codec does not promise."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return st.none() | of_hint(next(part for part in inner if part is not type(None)))
    if origin is tuple:
        return st.lists(of_hint(inner[0]), max_size=2).map(tuple)
    if origin is Mapping:
        return st.dictionaries(TEXTS, of_hint(inner[1]), max_size=2)
    if dataclasses.is_dataclass(hint):
        return of_record(hint)
    if issubclass(hint, StrEnum):
        return st.sampled_from(hint)
    finite = st.floats(allow_nan=False, allow_infinity=False)
    return {str: TEXTS, int: st.integers(), bool: st.booleans(), float: finite}[hint]


def of_record(cls: Any) -> st.SearchStrategy[Any]:
    """Any valid record of the class, built from its type hints."""
    if cls in WHOLE:
        return WHOLE[cls]
    hints = typing.get_type_hints(cls)
    fields = {field.name: hints[field.name] for field in dataclasses.fields(cls)}
    narrow = {name: FIELDS[cls, name] for name in fields if (cls, name) in FIELDS}
    return st.builds(cls, **{name: of_hint(hint) for name, hint in fields.items()} | narrow)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
EVERY_RECORD = pytest.mark.parametrize("cls", RECORDS, ids=lambda cls: cls.__name__)


_SPAN = records.Span(start_s=0.5, end_s=1.25)
_SIGNAL = records.Signal(
    label="wording.spam", score=0.5, evidence=records.Evidence(span=_SPAN), detector_id="wording.heads@1"
)
_CLAUSE = records.Clause(
    id="spam",
    title="Spam",
    text="No spam.",
    severity=records.Severity.LOW,
    labels={"wording.spam": 1.0},
    targets=records.RiskTargets(act_precision=0.97),
    rules=(records.Rule(actions=(records.Action.LABEL,)),),
    blind=records.Blind(surfaces={"ad": records.BlindRule.HOLD}),
    eu=records.EuReference(category="SCAMS_AND_FRAUD"),
)
_EXAMPLES: Mapping[str, object] = {
    type(record).__name__: record for record in (_SPAN, _SIGNAL, _CLAUSE, records.Upload(id="u1", region="KR"))
}


@EVERY_RECORD
def test_a_record_comes_back_from_its_line_of_json_unchanged(cls: Any) -> None:
    @RELAXED
    @given(of_record(cls))
    def round_trip(record: Any) -> None:
        line = records.dumps(record)
        back = records.loads(cls, line)
        assert back == record
        assert records.dumps(back) == line
        assert line.isascii()
        assert "\n" not in line

    round_trip()


@EVERY_RECORD
def test_plain_json_values_are_what_a_json_reader_gives_back(cls: Any) -> None:
    @RELAXED
    @given(of_record(cls))
    def as_json(record: Any) -> None:
        plain = records.to_json(record)
        assert json.loads(json.dumps(plain)) == plain
        assert records.from_json(cls, plain) == record

    as_json()


@EVERY_RECORD
def test_records_are_frozen_slotted_keyword_only_and_final_in_the_vocabulary(cls: Any) -> None:
    assert cls.__dataclass_params__.frozen
    assert all(field.kw_only for field in dataclasses.fields(cls))
    assert "__slots__" in vars(cls)
    assert not any(issubclass(other, cls) for other in RECORDS if other is not cls)


@EVERY_RECORD
def test_any_json_gives_the_record_or_a_coded_error(cls: Any) -> None:
    @RELAXED
    @given(ANY_JSON, st.dictionaries(st.sampled_from([f.name for f in dataclasses.fields(cls)]), ANY_JSON))
    def build(anything: Any, fields: Any) -> None:
        for data in (anything, fields):
            try:
                record = records.from_json(cls, data)
            except (RecordJsonError, RecordError) as error:
                assert error.where.startswith("$")
            else:
                assert isinstance(record, cls)

    build()


@EVERY_RECORD
def test_a_field_of_the_wrong_type_is_named_by_its_path(cls: Any) -> None:
    class NotJson: ...

    @RELAXED
    @given(of_record(cls), st.sampled_from([field.name for field in dataclasses.fields(cls)]))
    def refuse(record: Any, name: str) -> None:
        with pytest.raises(RecordJsonError, match="wanted") as caught:
            records.from_json(cls, {**records.to_json(record), name: NotJson()})
        assert caught.value.where == f"$.{name}"

    refuse()


def _has_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING


@EVERY_RECORD
def test_an_unknown_field_is_refused_with_the_known_ones(cls: Any) -> None:
    with pytest.raises(RecordJsonError, match="has no field 'colour'") as caught:
        records.from_json(cls, {"colour": 1})
    assert caught.value.next_step.startswith("known fields: ")


@pytest.mark.parametrize("name", sorted(_EXAMPLES))
def test_every_required_field_is_asked_for_by_name(name: str) -> None:
    example = _EXAMPLES[name]
    for field in dataclasses.fields(example):  # type: ignore[arg-type]
        if _has_default(field):
            continue
        data = records.to_json(example)
        del data[field.name]
        with pytest.raises(RecordJsonError, match=f"needs the field '{field.name}'"):
            records.from_json(type(example), data)


def test_a_path_leads_through_lists_and_records() -> None:
    data = records.to_json(_SIGNAL)
    data["evidence"]["span"]["end_s"] = "late"
    screening = {
        "upload_id": "u1",
        "media": None,
        "coverage": {},
        "signals": [records.to_json(_SIGNAL), data],
    }
    with pytest.raises(RecordJsonError, match="wanted a number, found 'late'") as caught:
        records.from_json(records.Screening, screening)
    assert caught.value.where == "$.signals[1].evidence.span.end_s"


def test_a_value_out_of_range_is_named_by_its_path() -> None:
    data = records.to_json(_SIGNAL)
    data["evidence"]["span"] = {"start_s": 2.0, "end_s": 1.0}
    with pytest.raises(RecordError, match="not 0 <= start_s <= end_s") as caught:
        records.from_json(records.Signal, data)
    assert caught.value.where == "$.evidence.span, Span"


def test_an_integer_is_taken_where_a_float_is_due_and_nothing_else_is_coerced() -> None:
    span = records.from_json(records.Span, {"start_s": 1, "end_s": 2})
    assert isinstance(span.start_s, float)
    for wrong in (True, "1", None, [1], 10**400):
        with pytest.raises(RecordJsonError):
            records.from_json(records.Span, {"start_s": wrong, "end_s": 2})
    with pytest.raises(RecordJsonError, match="wanted an integer"):
        records.from_json(records.RiskTargets, {"look_one_in": 20.0})


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_not_finite_do_not_enter(number: str) -> None:
    with pytest.raises(RecordJsonError, match="a finite number"):
        records.loads(records.Span, f'{{"schema":"Span@1","start_s":{number},"end_s":1}}')


def test_numbers_that_are_not_finite_do_not_leave() -> None:
    with pytest.raises(RecordJsonError, match="TG-R002 StageCost"):
        records.dumps(records.StageCost(stage="media", cpu_s=math.nan, wall_s=0.0))


def test_a_name_that_stands_twice_is_refused() -> None:
    with pytest.raises(RecordJsonError, match="'end_s' stands twice"):
        records.loads(records.Span, '{"schema":"Span@1","start_s":0,"end_s":1,"end_s":2}')


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '"Span@1"', "[" * 100_000, '{"schema":"Span@1","start_s":' + "9" * 5000 + "}"]
)
def test_text_that_is_no_record_is_refused(text: str) -> None:
    with pytest.raises(RecordJsonError):
        records.loads(records.Span, text)


def test_a_line_says_which_record_and_which_schema_it_is() -> None:
    assert records.dumps(_SPAN) == '{"schema":"Span@1","start_s":0.5,"end_s":1.25}'


def test_another_schema_version_is_refused_with_the_way_out() -> None:
    with pytest.raises(SchemaVersionError, match="schema '2', this version reads 1") as caught:
        records.loads(records.Span, '{"schema":"Span@2","start_s":0.5,"end_s":1.25}')
    assert caught.value.next_step == "read it with the Tidegate version that wrote it"


def test_another_record_is_refused() -> None:
    with pytest.raises(RecordJsonError, match="expected a Box, found 'Span'"):
        records.loads(records.Box, records.dumps(_SPAN))


def test_lone_surrogates_survive_and_a_split_pair_is_joined() -> None:
    for caption in ("\ud800", "a\udfffb", "\udc00\ud800"):
        upload = records.Upload(id="u1", caption=caption)
        assert records.loads(records.Upload, records.dumps(upload)) == upload
    split = records.Upload(id="u1", caption="\ud83d\ude00")
    assert records.loads(records.Upload, records.dumps(split)).caption == "\U0001f600"


@pytest.mark.parametrize("value", [3, "text", None, records.Span])
def test_only_records_have_a_json_form(value: object) -> None:
    with pytest.raises(RecordJsonError, match="is not a record"):
        records.to_json(value)


def test_a_class_that_is_no_record_cannot_be_read() -> None:
    with pytest.raises(TidegateError, match="Path is not a record"):
        records.from_json(type("Path", (), {}), {})
