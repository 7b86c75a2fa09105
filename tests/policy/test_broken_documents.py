"""Every mistake in a policy is shown at its line and column with its code and what to write instead.

Each case changes one thing in a good document; the shown text is a golden file to be read by eye.
"""

from collections.abc import Callable

import pytest

from tidegate.policy.diagnostics import CODES
from tidegate.policy.document import Checked, check

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
    exceptions:
      news: {text: Reports on hate., when: context.is_verified_news}
    labels:
      wording.hate: 1.0
      wording.toxicity: 0.25
    targets:
      act: {precision: 0.97, confidence: 0.95}
      catch: 0.9
      look: 1 in 20
    rules:
      - when: upload.surface == 'ad' || upload.surface == 'shop'
        actions: [remove, demonetise]
      - actions: [not-recommended, restrict-interaction]
      - on: look
        actions: [escalate]
      - on: fact
        when: declared.ai_generated
        actions: [label]
    blind:
      spots: [Hate that is spoken.]
      rule: sample
      share: 0.001
      lost: hold
      surfaces: {ad: hold}
    eu:
      category: ILLEGAL_OR_HARMFUL_SPEECH
      keywords: [HATE_SPEECH]
    regions: [DE, KR]
    creator_text: Your video was limited.
"""

CASES: dict[str, tuple[tuple[str, str], ...]] = {
    "not_yaml": (("title: Hate\n", "title: Hate: more\n"),),
    "tab_indent": (("    severity: high", "\tseverity: high"),),
    "anchor_and_alias": (("text: We do", "text: &t We do"),),
    "tag": (("title: Hate", "title: !!python/name:os.system Hate"),),
    "second_document": (("clauses:", "---\nclauses:"),),
    "too_deep": (("[A caption that calls people vermin.]", "[" * 20 + "]" * 20),),
    "unknown_keys": (("severity: high", "severty: high"), ("catch: 0.9", "catsh: 0.9")),
    "missing_keys": (("    title: Hate\n", ""), ("      category: ILLEGAL_OR_HARMFUL_SPEECH\n", "")),
    "repeated_clause": (("    creator_text: Your video was limited.\n", "  hate:\n    title: Again\n"),),
    "repeated_words": (("[DE, KR]", "[DE, KR, DE]"), ("[remove, demonetise]", "[remove, remove]")),
    "wrong_kinds": (
        ("catch: 0.9", "catch: often"),
        ("look: 1 in 20", "look: 0.05"),
        ("[not-recommended, restrict-interaction]", "not-recommended"),
        ("title: Hate", "title: [Hate]"),
    ),
    "nothing_said": (("text: We do not allow attacks on people for who they are.", "text:"), ("[label]", "[]")),
    "bad_ids": (("id: community", "id: My Policy"), ("  hate:", "  Hate!:"), ('"2026.1"', '"a b"')),
    "other_format": (("policy@1", "policy@7"),),
    "unknown_words": (
        ("severity: high", "severity: hihg"),
        ("[escalate]", "[escalte]"),
        ("rule: sample", "rule: sampel"),
        ("surfaces: {ad: hold}", "surfaces: {advert: hold}"),
        ("on: look", "on: view"),
    ),
    "numbers_out_of_range": (
        ("precision: 0.97", "precision: 97"),
        ("confidence: 0.95", "confidence: 0.2"),
        ("wording.toxicity: 0.25", "wording.toxicity: 0"),
        ("share: 0.001", "share: 5"),
    ),
    "unknown_label": (("wording.hate: 1.0", "wording.haet: 1.0"),),
    "unknown_eu_names": (("ILLEGAL_OR_HARMFUL_SPEECH", "ILLEGAL_OR_HARMFULL_SPEECH"), ("HATE_SPEECH]", "HATESPEECH]")),
    "keyword_of_another_category": (("[HATE_SPEECH]", "[KEYWORD_SUICIDE, HATE_SPEECH]"),),
    "regions_that_are_none": (("[DE, KR]", "[UK, de, QQ, EU, US-CA]"),),
    "condition_with_unknown_names": (
        ("upload.surface == 'ad' ||", "upload.surfce == 'ad' ||"),
        ("when: declared.ai_generated", "when: declared.made_by_ai && foo(1)"),
    ),
    "condition_that_is_no_condition": (
        ("when: declared.ai_generated", "when: upload.language"),
        ("when: upload.surface == 'ad' || upload.surface == 'shop'", "when: probability > 1 &&"),
    ),
    "condition_of_mixed_numbers": (("upload.surface == 'ad' ||", "probability > 1 ||"),),
    "condition_over_lines": (
        (
            "when: upload.surface == 'ad' || upload.surface == 'shop'",
            "when: >-\n          upload.surface == 'ad'\n          || upload.regio == 'DE'",
        ),
    ),
    "condition_with_unknown_words": (
        (
            "when: upload.surface == 'ad' || upload.surface == 'shop'",
            "when: upload.surface == 'adverts' || score['wording.haet'] > 0.5 || judged['haet'] > 0.5 "
            "|| upload.region == 'UK' || 'context.prior_violation' in known",
        ),
    ),
    "condition_that_grows": (("when: declared.ai_generated", "when: upload.hashtags.map(t, t + t) == []"),),
    "condition_on_unknown_context": (("when: upload.surface == 'ad' ||", "when: context.prior_violations > 3 ||"),),
    "share_missing": (("      share: 0.001\n", ""),),
    "share_for_nothing": (("rule: sample", "rule: hold"),),
    "nothing_speaks_to_it": (
        ("    labels:\n      wording.hate: 1.0\n      wording.toxicity: 0.25\n", ""),
        ("      spots: [Hate that is spoken.]\n", ""),
    ),
    "nobody_looks": (
        ("    labels:\n      wording.hate: 1.0\n      wording.toxicity: 0.25\n", "    labels: {}\n"),
        ("      act: {precision: 0.97, confidence: 0.95}\n", ""),
        ("rule: sample", "rule: allow"),
        ("      share: 0.001\n", ""),
    ),
    "rules_never_reached": (
        (
            "      - on: look\n",
            "      - actions: [remove]\n      - when: is_measured\n        actions: [remove]\n      - on: look\n",
        ),
    ),
    "rule_for_a_surface_the_clause_leaves_out": (
        ("    regions: [DE, KR]\n", "    surfaces: [feed]\n"),
        ("when: upload.surface == 'ad' || upload.surface == 'shop'", "when: upload.surface == 'ad'"),
    ),
    "actions_that_contradict": (
        ("[remove, demonetise]", "[remove, label]"),
        ("[not-recommended, restrict-interaction]", "[not-recommended, allow]"),
    ),
    "allow_as_a_rule": (("[not-recommended, restrict-interaction]", "[allow]"),),
    "grave_actions_on_a_fact": (("[label]", "[remove]"), ("[escalate]", "[remove]")),
    "fact_that_is_a_judgement": (("when: declared.ai_generated", "when: probability > 0.5"),),
    "fact_without_condition": (("        when: declared.ai_generated\n", ""),),
    "look_above_act": (("look: 1 in 20", "look: 1 in 1"),),
    "act_without_rules": (
        (
            "      - when: upload.surface == 'ad' || upload.surface == 'shop'\n        actions: [remove, demonetise]\n",
            "",
        ),
        ("      - actions: [not-recommended, restrict-interaction]\n", ""),
    ),
    "act_that_only_people_can": (
        ("news: {text: Reports on hate., when: context.is_verified_news}", "news: Reports on hate."),
    ),
    "removal_at_low_precision": (("precision: 0.97", "precision: 0.7"),),
    "rules_that_may_all_fail": (("      - actions: [not-recommended, restrict-interaction]\n", ""),),
    "looks_at_nearly_everything": (("look: 1 in 20", "look: 1 in 5000"),),
    "wide_letters_before_the_place": (
        ("title: Hate", 'title: "혐오"'),
        ("news: {text:", "news: {'혐오 발언': x, text:"),
    ),
    "long_line": (
        ("text: Reports on hate.", "text: " + "Reports on hate. " * 12),
        ("is_verified_news", "is_verified_new"),
    ),
}
WARNINGS_ONLY = {
    "condition_on_unknown_context",
    "nobody_looks",
    "act_that_only_people_can",
    "removal_at_low_precision",
    "rules_that_may_all_fail",
    "looks_at_nearly_everything",
}


def _broken(name: str) -> Checked:
    text = GOOD
    for old, new in CASES[name]:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    return check(text, "rules.yaml")


def test_the_good_document_has_nothing_to_say() -> None:
    assert check(GOOD).diagnostics == ()


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_reads_as_agreed(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"policy/{name}.txt", _broken(name).render())


@pytest.mark.parametrize("name", CASES)
def test_errors_keep_a_policy_from_being_used_and_warnings_do_not(name: str) -> None:
    checked = _broken(name)
    assert checked.diagnostics
    assert (checked.policy is not None) == (name in WARNINGS_ONLY)
    assert bool(checked.errors) == (name not in WARNINGS_ONLY)


def test_every_code_is_shown_by_some_case() -> None:
    shown = {one.code for name in CASES for one in _broken(name).diagnostics}
    shown.add("TG-P001")  # a file that cannot be read: tests/policy/test_document.py
    assert shown == set(CODES)
