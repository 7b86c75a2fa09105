"""A good document becomes the policy it says; a bad one a complete list of findings; never anything in between."""

import hashlib
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import PolicyError
from tidegate.policy import bundled
from tidegate.policy.document import check, check_file, load, parse
from tidegate.records import Action, BlindRule, Moment, Severity, Surface, from_json, to_json
from tidegate.records.policy import Policy

GOOD = """\
tidegate: policy@1
id: community
version: "2026.1"
title: Community rules
clauses:
  hate:
    title: Hate
    severity: high
    text: We do not allow attacks on people for who they are.
    examples: [A caption that calls people vermin.]
    counter_examples: [A report about vermin.]
    exceptions:
      news: {text: Reports on hate., when: context.is_verified_news}
      art: A work of fiction.
    labels: {wording.hate: 1, wording.toxicity: 0.25}
    targets: {act: {precision: 0.97, confidence: 0.9}, catch: 0.9, look: 1 in 20}
    rules:
      - {when: upload.surface == 'ad', actions: [remove, demonetise]}
      - actions: [not-recommended]
      - {on: look, actions: [escalate]}
    blind: {spots: [Hate that is spoken.], rule: sample, share: 0.001, lost: hold, surfaces: {ad: hold}}
    eu: {category: STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH, keywords: [HATE_SPEECH, KEYWORD_OTHER]}
    surfaces: [feed, ad]
    regions: [NO, US-CA]
    creator_text: Your video was limited.
  profanity:
    title: Strong language
    severity: low
    text: Strong language is not for everyone.
    targets: {look: 1 in 2}
    rules: [{actions: [age-restrict]}]
    blind: {spots: [Everything.], rule: hold}
    eu: {category: OTHER_VIOLATION_TC}
"""


def test_every_value_of_a_document_arrives_in_the_policy() -> None:
    policy = parse(GOOD)
    assert (policy.id, policy.version, policy.title) == ("community", "2026.1", "Community rules")
    assert policy.digest == hashlib.sha256(GOOD.encode()).hexdigest()
    assert [clause.id for clause in policy.clauses] == ["hate", "profanity"]
    hate = policy.clause("hate")
    assert hate.severity is Severity.HIGH
    assert hate.labels == {"wording.hate": 1.0, "wording.toxicity": 0.25}
    assert (hate.targets.act_precision, hate.targets.confidence) == (0.97, 0.9)
    assert (hate.targets.catch_recall, hate.targets.look_one_in) == (0.9, 20)
    assert [(rule.on, rule.when, rule.actions) for rule in hate.rules] == [
        (Moment.ACT, "upload.surface == 'ad'", (Action.REMOVE, Action.DEMONETISE)),
        (Moment.ACT, "", (Action.NOT_RECOMMENDED,)),
        (Moment.LOOK, "", (Action.ESCALATE,)),
    ]
    assert (hate.blind.rule, hate.blind.sample_share, hate.blind.lost) == (BlindRule.SAMPLE, 0.001, BlindRule.HOLD)
    assert hate.blind.surfaces == {"ad": BlindRule.HOLD}
    assert hate.eu.category == "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"
    assert hate.eu.keywords == ("KEYWORD_HATE_SPEECH", "KEYWORD_OTHER")
    assert [(one.id, one.when) for one in hate.exceptions] == [("news", "context.is_verified_news"), ("art", "")]
    assert hate.surfaces == (Surface.FEED, Surface.AD)
    assert hate.regions == ("NO", "US-CA")
    assert hate.counter_examples == ("A report about vermin.",)
    assert hate.creator_text == "Your video was limited."


def test_what_a_document_leaves_out_has_its_default() -> None:
    clause = parse(GOOD).clause("profanity")
    assert clause.labels == {}
    assert (clause.targets.act_precision, clause.targets.catch_recall) == (None, None)
    assert (clause.blind.lost, clause.blind.sample_share) == (None, 0.0)
    assert (clause.surfaces, clause.regions, clause.exceptions, clause.creator_text) == ((), (), (), "")


def test_a_policy_survives_its_json_form() -> None:
    policy = parse(GOOD)
    assert from_json(Policy, to_json(policy)) == policy


def test_a_byte_order_mark_does_not_matter() -> None:
    assert parse("\ufeff" + GOOD) == parse(GOOD)


def test_line_ends_of_windows_read_the_same() -> None:
    assert parse(GOOD.replace("\n", "\r\n")).clauses == parse(GOOD).clauses


def test_an_error_carries_every_finding_and_the_first_in_words() -> None:
    with pytest.raises(PolicyError) as caught:
        parse(GOOD.replace("severity: high", "severity: hihg").replace("look: 1 in 2}", "look: often}"), "rules.yaml")
    assert [one.code for one in caught.value.diagnostics if one.is_error] == ["TG-P020", "TG-P012"]
    assert "2 errors" in str(caught.value)
    assert "TG-P020 on line 8" in str(caught.value)
    assert caught.value.where == "rules.yaml"


def test_labels_of_plugins_are_known_if_handed_in() -> None:
    text = GOOD.replace("wording.toxicity", "acme.gore")
    assert [one.code for one in check(text).errors] == ["TG-P022"]
    assert check(text, labels={"wording.hate": "hate", "acme.gore": "gore"}).errors == ()


def test_an_act_target_on_unmeasured_labels_is_a_warning_if_measures_are_handed_in() -> None:
    only_measured = GOOD.replace("      art: A work of fiction.\n", "")
    assert check(only_measured, measured_labels=frozenset({"wording.hate"})).diagnostics == ()
    (warning,) = check(only_measured, measured_labels=frozenset({"visual.nudity"})).diagnostics
    assert (warning.code, warning.is_error) == ("TG-P045", False)


def test_a_file_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(GOOD)
    assert load(path) == parse(GOOD)


def test_files_that_cannot_be_read_are_findings(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"title: caf\xe9")
    (tmp_path / "big.yaml").write_bytes(b"#" * 1_000_001)
    for name in ("none.yaml", ".", "latin.yaml", "big.yaml"):
        (finding,) = check_file(tmp_path / name).diagnostics
        assert finding.code == "TG-P001", name
        with pytest.raises(PolicyError):
            load(tmp_path / name)


@pytest.mark.parametrize("text", ["", "# nothing\n", "[]", "word", "{}", "clauses: {}", "null"])
def test_a_document_without_clauses_is_no_policy(text: str) -> None:
    assert check(text).policy is None


def test_findings_come_in_document_order() -> None:
    found = check(GOOD.replace("title:", "titel:").replace("rule: hold", "rule: hald")).diagnostics
    assert [one.line for one in found] == sorted(one.line for one in found)
    assert len(found) > 4


def _mutated(text: str, seed: int) -> str:
    chance = random.Random(seed)
    lines = text.split("\n")
    for _ in range(chance.randint(1, 4)):
        index = chance.randrange(len(lines))
        match chance.randrange(6):
            case 0:
                lines.pop(index)
            case 1:
                lines.insert(index, lines[chance.randrange(len(lines))])
            case 2:
                lines[index] = lines[index][: chance.randrange(len(lines[index]) + 1)]
            case 3:
                lines[index] = lines[index].replace(chance.choice(":-[]{},' "), chance.choice(":-[]{},' #&*!|>\t"), 1)
            case 4:
                lines[index] = "  " + lines[index]
            case _:
                at = chance.randrange(len(lines[index]) + 1)
                lines[index] = lines[index][:at] + chance.choice("x0'\"{}[]é漢\u202e") + lines[index][at:]
        lines = lines or [""]
    return "\n".join(lines)


@given(seed=st.integers(0, 2**32))
def test_a_mutated_document_is_a_policy_or_has_errors_and_is_shown_whole(seed: int) -> None:
    checked = check(_mutated(GOOD, seed))
    assert (checked.policy is None) == bool(checked.errors)
    shown = checked.render()
    assert all(f"{one.code} policy.yaml:{one.line}:{one.column}: {one.message}" in shown for one in checked.diagnostics)


@pytest.mark.slow
def test_the_default_policy_mutated_a_thousand_times_never_crashes_the_checker() -> None:
    text = bundled.path().read_text(encoding="utf-8")
    for seed in range(1000):
        checked = check(_mutated(text, seed))
        assert (checked.policy is None) == bool(checked.errors)
