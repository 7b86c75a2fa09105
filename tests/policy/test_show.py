"""A policy printed for people says everything that will be executed."""

from collections.abc import Callable

from tidegate.policy import bundled, show
from tidegate.policy.document import parse

TEXT = """\
tidegate: policy@1
id: example
version: "1"
title: Example rules
clauses:
  hate:
    title: Hate
    severity: high
    text: |
      We do not allow attacks on people for who they are. The clause applies to captions and hashtags as to pictures.

      It protects people, not ideas.
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
      - {on: fact, when: declared.ai_generated, actions: [label]}
    blind: {spots: [Hate that is spoken.], rule: sample, share: 0.001, lost: hold, surfaces: {ad: hold}}
    eu: {category: ILLEGAL_OR_HARMFUL_SPEECH, keywords: [HATE_SPEECH]}
    surfaces: [feed, ad]
    regions: ["NO"]
    creator_text: Your video was limited.
  profanity:
    title: Strong language
    severity: low
    text: Strong language is not for everyone.
    targets: {look: 1 in 2}
    rules: [{actions: [age-restrict]}]
    blind: {spots: [Everything.], rule: allow}
    eu: {category: OTHER_VIOLATION_TC}
"""


def test_a_policy_reads_as_agreed(golden: Callable[[str, str], None]) -> None:
    policy = parse(TEXT)
    rows = [" | ".join(row) for row in (show.OVERVIEW, *show.overview(policy))]
    parts = [show.head(policy), "\n".join(rows) + "\n", *(show.clause_text(clause) for clause in policy.clauses)]
    golden("policy/shown.txt", "\n".join(parts))


def test_the_overview_has_a_cell_for_every_column() -> None:
    assert all(len(row) == len(show.OVERVIEW) for row in show.overview(bundled.community()))


def test_everything_the_default_policy_says_is_shown_within_its_width() -> None:
    for clause in bundled.community().clauses:
        shown = show.clause_text(clause)
        assert all(len(line) <= show.WIDTH for line in shown.splitlines())
        flat = " ".join(shown.split())
        said = [clause.title, *clause.examples, *clause.counter_examples, *clause.blind.spots, clause.creator_text]
        said += [exception.text for exception in clause.exceptions] + list(clause.labels)
        assert all(" ".join(text.split()) in flat for text in said)
