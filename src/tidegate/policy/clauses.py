"""One clause of a document: its mapping to a Clause record, value by value."""

import re
from collections.abc import Mapping

from tidegate.policy import eu
from tidegate.policy.diagnostics import did_you_mean
from tidegate.policy.reader import Path, Reader
from tidegate.policy.regions import is_known, mistaken
from tidegate.policy.tree import Entries, Items, Node
from tidegate.records import (
    Action,
    Blind,
    BlindRule,
    Clause,
    EuReference,
    Moment,
    PolicyException,
    RiskTargets,
    Rule,
    Severity,
    Surface,
)
from tidegate.records.upload import REGION_PATTERN

CLAUSE_ID = re.compile(r"[a-z][a-z0-9_]{0,59}\Z")
_ONE_IN = re.compile(r"1 in ([1-9][0-9]{0,6})\Z")
REQUIRED = ("title", "severity", "text", "targets", "rules", "blind", "eu")
OPTIONAL = ("examples", "counter_examples", "exceptions", "labels", "surfaces", "regions", "creator_text")


def read_clause(reader: Reader, clause_id: str, node: Node, path: Path, labels: Mapping[str, str]) -> Clause:
    """The clause at `path`. Values that cannot be read are noted and left at a harmless default."""
    values = reader.fields(node, path, REQUIRED, OPTIONAL)

    def text(name: str, max_chars: int = 10_000) -> str:
        return reader.text(values.get(name), (*path, name), max_chars=max_chars)

    return Clause(
        id=clause_id,
        title=text("title", 120),
        text=text("text"),
        severity=reader.word(values.get("severity"), (*path, "severity"), Severity) or Severity.CRITICAL,
        labels=_labels(reader, values.get("labels"), (*path, "labels"), labels),
        targets=_targets(reader, values.get("targets"), (*path, "targets")),
        rules=_rules(reader, values.get("rules"), (*path, "rules")),
        blind=_blind(reader, values.get("blind"), (*path, "blind")),
        eu=_eu(reader, values.get("eu"), (*path, "eu")),
        examples=reader.texts(values.get("examples"), (*path, "examples")),
        counter_examples=reader.texts(values.get("counter_examples"), (*path, "counter_examples")),
        exceptions=_exceptions(reader, values.get("exceptions"), (*path, "exceptions")),
        surfaces=reader.words(values.get("surfaces"), (*path, "surfaces"), Surface),
        regions=_regions(reader, values.get("regions"), (*path, "regions")),
        creator_text=text("creator_text"),
    )


def _labels(reader: Reader, node: Node | None, path: Path, known: Mapping[str, str]) -> dict[str, float]:
    shares: dict[str, float] = {}
    for key, value in reader.pairs(node, path) if node is not None else []:
        share = reader.number(value, (*path, key.text), below=1.0, is_closed=True)
        if key.text not in known:
            reader.note("TG-P022", key.place, f"unknown label {key.text[:60]!r}", did_you_mean(key.text, known))
        elif share is not None:
            shares[key.text] = share
    return shares


def _targets(reader: Reader, node: Node | None, path: Path) -> RiskTargets:
    values = reader.fields(node, path, ("look",), ("act", "catch")) if node is not None else {}
    act_path = (*path, "act")
    act = reader.fields(values["act"], act_path, ("precision",), ("confidence",)) if "act" in values else {}
    confidence = reader.number(act.get("confidence"), (*act_path, "confidence"), below=1.0)
    if confidence is not None and confidence < 0.5:
        reader.note_at("TG-P021", (*act_path, "confidence"), f"a confidence of {confidence:g} is under 0.5")
        confidence = None
    return RiskTargets(
        act_precision=reader.number(act.get("precision"), (*act_path, "precision"), below=1.0),
        confidence=0.95 if confidence is None else confidence,
        catch_recall=reader.number(values.get("catch"), (*path, "catch"), below=1.0),
        look_one_in=_one_in(reader, values.get("look"), (*path, "look")),
    )


def _one_in(reader: Reader, node: Node | None, path: Path) -> int:
    value = reader.text(node, path)
    match = _ONE_IN.match(value)
    if value and not match:
        reader.note_at("TG-P012", path, f"wanted '1 in N', found {value[:40]!r}", "for example 1 in 20")
    return int(match[1]) if match else 20


def _rules(reader: Reader, node: Node | None, path: Path) -> tuple[Rule, ...]:
    rules = []
    for index, item in enumerate(reader.items(node, path)):
        here = (*path, index)
        values = reader.fields(item, here, ("actions",), ("when", "on"))
        actions = reader.words(values.get("actions"), (*here, "actions"), Action)
        if _is_empty(values.get("actions")):
            reader.note_at("TG-P013", (*here, "actions"), "no action is named")
        rules.append(
            Rule(
                actions=actions,
                when=reader.condition(values.get("when"), (*here, "when")),
                on=reader.word(values.get("on"), (*here, "on"), Moment) or Moment.ACT,
            )
        )
    if _is_empty(node):
        reader.note_at("TG-P013", path, "a clause needs at least one rule", "for example - actions: [remove]")
    return tuple(rules)


def _is_empty(node: Node | None) -> bool:
    return isinstance(node, Items) and not node.items


def _blind(reader: Reader, node: Node | None, path: Path) -> Blind:
    values = reader.fields(node, path, ("rule",), ("spots", "share", "lost", "surfaces")) if node is not None else {}
    surfaces: dict[str, BlindRule] = {}
    by_surface = values.get("surfaces")
    for key, value in reader.pairs(by_surface, (*path, "surfaces")) if by_surface is not None else []:
        surface = reader.one_of(key, Surface)
        rule = reader.word(value, (*path, "surfaces", key.text), BlindRule)
        if surface and rule:
            surfaces[surface.value] = rule
    return Blind(
        spots=reader.texts(values.get("spots"), (*path, "spots")),
        rule=reader.word(values.get("rule"), (*path, "rule"), BlindRule) or BlindRule.HOLD,
        sample_share=reader.number(values.get("share"), (*path, "share"), below=1.0, is_closed=True) or 0.0,
        surfaces=surfaces,
        lost=reader.word(values.get("lost"), (*path, "lost"), BlindRule),
    )


def _eu(reader: Reader, node: Node | None, path: Path) -> EuReference:
    values = reader.fields(node, path, ("category",), ("keywords",)) if node is not None else {}
    name = reader.text(values.get("category"), (*path, "category"))
    category = eu.full_category(name)
    if name and category is None:
        hint = did_you_mean(name.removeprefix(eu.CATEGORY_PREFIX), eu.KEYWORDS)
        reader.note_at("TG-P023", (*path, "category"), f"unknown EU category {name[:60]!r}", hint)
    keywords = []
    for word, here in reader.placed_texts(values.get("keywords"), (*path, "keywords")).items():
        keyword = eu.full_keyword(word)
        if keyword is None:
            every = {known for words in eu.KEYWORDS.values() for known in words}
            hint = did_you_mean(word.removeprefix(eu.KEYWORD_PREFIX), every)
            reader.note_at("TG-P023", here, f"unknown EU keyword {word[:60]!r}", hint)
        elif category and (short := category.removeprefix(eu.CATEGORY_PREFIX)) not in eu.categories_of(keyword):
            owners = " or ".join(eu.categories_of(keyword))
            message = f"the keyword {word!r} does not belong to {short}"
            reader.note_at("TG-P024", here, message, f"it belongs to {owners}")
        else:
            keywords.append(keyword)
    return EuReference(category=category or "", keywords=tuple(keywords))


def _exceptions(reader: Reader, node: Node | None, path: Path) -> tuple[PolicyException, ...]:
    exceptions = []
    for key, value in reader.pairs(node, path) if node is not None else []:
        here = (*path, key.text)
        reader.check_id(key, CLAUSE_ID, "lower-case letters, digits and _")
        if isinstance(value, Entries):
            values = reader.fields(value, here, ("text",), ("when",))
            text = reader.text(values.get("text"), (*here, "text"))
            when = reader.condition(values.get("when"), (*here, "when"))
        else:
            text, when = reader.text(value, here), ""
        exceptions.append(PolicyException(id=key.text, text=text, when=when))
    return tuple(exceptions)


def _regions(reader: Reader, node: Node | None, path: Path) -> tuple[str, ...]:
    regions = reader.placed_texts(node, path)
    for region, here in regions.items():
        if REGION_PATTERN.match(region) and is_known(region):
            continue
        reader.note_at("TG-P025", here, f"{region[:20]!r} is no ISO 3166 code", mistaken(region))
    return tuple(regions)
