"""Conditions: only a plain true or false counts, and no expression, however hostile, breaks or stalls anything."""

from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.policy.expressions import MAX_CONDITION_CHARS, Condition, condition, literals_in, names_in
from tidegate.policy.variables import VARIABLES

VALUES: Mapping[str, object] = {
    "upload.surface": "feed",
    "upload.region": "KR",
    "upload.language": "ko",
    "upload.hashtags": ["news", "seoul"],
    "upload.facts": {"series": "7"},
    "declared.ai_generated": False,
    "context.prior_violations": 2,
    "known": ["context.prior_violations", "upload.surface"],
    "probability": 0.25,
    "interval.low": 0.1,
    "interval.high": 0.5,
    "is_measured": True,
    "is_blind": False,
    "judged": {"hate": 0.25},
    "score": {"wording.hate": 0.75, "wording.toxicity": 0.0},
}

ANSWERS = (
    "upload.surface == 'feed'",
    "upload.surface in ['ad', 'shop']",
    "upload.region.startsWith('K') && upload.language == 'ko'",
    "'news' in upload.hashtags",
    "upload.hashtags.exists(tag, tag.matches('^se'))",
    "upload.hashtags.all(tag, size(tag) > 4)",
    "upload.hashtags.filter(tag, tag == 'news').size() == 1",
    "upload.facts['series'] == '7'",
    "score['wording.hate'] > 0.5 && judged['hate'] < 0.3",
    "probability >= 0.25 && interval.low <= probability",
    "is_measured && !is_blind && !declared.ai_generated",
    "context.prior_violations >= 3",
    "'context.prior_violations' in known && context.prior_violations >= 2",
    "'context.follower_count' in known && context.follower_count > 1000",
    "probability > 0.2 ? is_measured : is_blind",
    "upload . surface == 'feed' && .upload.\n region == 'KR' && upload. // where\n language == 'ko'",
)
UNTOLD = (
    "context.follower_count > 1000",
    "score['wording.nothing'] > 0.5",
    "upload.facts['nothing'] == ''",
    "upload.facts.nothing == ''",
    "upload.hashtags[9] == 'news'",
    "1 / 0 == 1",
    "context.prior_violations % 0 == 1",
    "upload.surface.matches('(')",
    "int('seven') == 7",
    "timestamp('yesterday') < timestamp('2020-01-01T00:00:00Z')",
    "9223372036854775807 + context.prior_violations > 0",
)
FAULTY = (
    "",
    "   ",
    "upload.surfce == 'feed'",
    "surface == 'feed'",
    "upload",
    "probability > 1",
    "context.prior_violations > 0.5",
    "upload.hashtags == 'news'",
    "is_measured &&",
    "upload.region",
    "probability",
    "is_measured ? 1 : 2",
    "null",
    "dyn('x')",
    "upload.surface = 'feed'",
    "upload.hashtags.map(tag, tag + tag) == []",
    "import os",
    "__import__('os').system('true') == 0",
    "'text without end",
    "cel.bind(x, 1, x == 1)",
    "has(upload.surface)",
    "score['wording.hate'] > '0.5'",
)
_TEN = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"
HOSTILE: Mapping[str, str] = {
    "long": "is_measured" + " || is_measured" * 1000,
    "parentheses": "(" * 400 + "is_measured" + ")" * 400,
    "lists": "[" * 400 + "]" * 400 + " == []",
    "negations": "!" * 900 + "is_measured",
    "ternaries": "is_blind ? false : " * 25 + "true",
    "concatenations": "'a'" + " + 'a'" * 150 + " == ''",
    "doubling": "['aaaaaaaa']" + ".map(x, x + x)" * 28 + "[0] == ''",
    "doubling behind a comment": "['a']. // innocent\n map(x, x + x) == []",
    "five loops": f"{_TEN}.all(a, {_TEN}.all(b, {_TEN}.all(c, {_TEN}.all(d, {_TEN}.all(e, a + b + c + d + e >= 0)))))",
    "backtracking": "('a' + upload.surface).matches('(a*)*(a*)*(a*)*b')",
    "huge repetition": "upload.surface.matches('(((a{1,100}){1,100}){1,100})b')",
    "nul": "is_measured && true\x00",
    "surrogate": "upload.surface == '\ud800'",
    "bidi": "upload.surface == '\u202efeed'",
    "null bytes in text": "upload.surface == 'a\\x00b'",
}


def _said(text: str) -> str:
    compiled = Condition(text)
    if compiled.faults:
        return "; ".join(f"fault at {one.start}+{one.length}: {one.message}" for one in compiled.faults)
    answer = compiled.answer(VALUES)
    return f"cannot be told: {answer.problem}" if answer.problem else str(answer.held).lower()


def test_conditions_answer_as_agreed(golden: Callable[[str, str], None]) -> None:
    rows = [f"{text!r}\n  {_said(text)}" for text in (*ANSWERS, *UNTOLD, *FAULTY)]
    rows += [f"({name})\n  {_said(text)}" for name, text in HOSTILE.items()]
    golden("policy/conditions.txt", "\n".join(rows) + "\n")


@pytest.mark.parametrize("text", ANSWERS)
def test_a_sound_condition_is_told(text: str) -> None:
    assert Condition(text).faults == ()
    assert Condition(text).answer(VALUES).problem == ""


@pytest.mark.parametrize("text", UNTOLD)
def test_what_cannot_be_told_is_never_true(text: str) -> None:
    compiled = Condition(text)
    assert compiled.faults == ()
    answer = compiled.answer(VALUES)
    assert not answer.held
    assert answer.problem


@pytest.mark.parametrize("text", FAULTY)
def test_a_faulty_condition_is_found_before_it_runs_and_never_true(text: str) -> None:
    compiled = Condition(text)
    assert compiled.faults
    assert all(0 <= one.start <= len(text) for one in compiled.faults)
    assert not compiled.answer(VALUES).held


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_condition_ends_and_holds_nothing_it_should_not(name: str) -> None:
    compiled = Condition(HOSTILE[name])
    answer = compiled.answer(VALUES)
    assert answer.held == (name in {"negations", "ternaries"})


def test_a_value_of_the_wrong_type_cannot_be_told() -> None:
    answer = Condition("probability > 0.1").answer({**VALUES, "probability": "high"})
    assert (answer.held, bool(answer.problem)) == (False, True)


def test_a_missing_value_is_named() -> None:
    answer = Condition("context.follower_count > 1000").answer(VALUES)
    assert answer.problem == "context.follower_count is unknown"


def test_a_missing_fact_does_not_matter_where_the_rest_decides() -> None:
    assert Condition("is_measured || context.follower_count > 1000").answer(VALUES).held


def test_the_place_of_an_unknown_name_is_the_whole_name() -> None:
    text = "is_measured &&\n  upload.regio == 'KR'"
    (fault,) = Condition(text).faults
    assert text[fault.start : fault.start + fault.length] == "upload.regio"
    assert fault.name == "upload.regio"


def test_the_same_text_is_compiled_once() -> None:
    assert condition("is_measured && true") is condition("is_measured && true")


def test_every_variable_can_be_used_as_the_type_it_declares() -> None:
    uses = {
        "string": "{} == ''",
        "double": "{} > 0.0",
        "int": "{} > 0",
        "bool": "{}",
        "list(string)": "'' in {}",
        "map(string, string)": "{}[''] == ''",
        "map(string, double)": "{}[''] > 0.0",
    }
    for name, variable in VARIABLES.items():
        assert Condition(uses[variable.type].format(name)).faults == (), name


def test_literals_are_found_with_their_places() -> None:
    text = "score[ 'wording.hate' ] > 0.5 && 'context.prior_violations' in known && upload.surface != \"ad\""
    found = [(one.kind, one.value, text[one.start : one.start + len(one.value)]) for one in literals_in(text)]
    assert found == [
        ("label", "wording.hate", "wording.hate"),
        ("name", "context.prior_violations", "context.prior_violations"),
        ("surface", "ad", "ad"),
    ]


def test_names_inside_texts_and_comments_do_not_count() -> None:
    assert names_in("'probability' == upload.region // is_blind") == {"upload.region"}


def test_names_are_whole_names() -> None:
    assert names_in("known.size() > 0 && my.probability && probability2") == {"known"}


@given(
    text=st.text(max_size=60)
    | st.lists(
        st.sampled_from(
            [
                *VARIABLES,
                "'a'",
                "1",
                "0.5",
                "&&",
                "||",
                "==",
                ">",
                "(",
                ")",
                "[",
                "]",
                "!",
                "?",
                ":",
                ".exists(",
                "x,",
                "\n",
                " ",
            ]
        ),
        max_size=14,
    ).map("".join)
)
def test_any_text_compiles_or_has_faults_and_only_booleans_hold(text: str) -> None:
    compiled = Condition(text)
    answer = compiled.answer(VALUES)
    assert isinstance(answer.held, bool)
    assert not (answer.held and answer.problem)
    assert not (compiled.faults and answer.held)


def test_the_longest_condition_allowed_is_allowed() -> None:
    text = "is_measured" + " " * (MAX_CONDITION_CHARS - len("is_measured"))
    assert Condition(text).faults == ()
    assert Condition(text + " ").faults != ()
