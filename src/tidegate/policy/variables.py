"""The names a policy's conditions may use: their types and meaning, and their values for one upload and clause."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType

from tidegate.records import Context, Judgement, Policy, Screening, Upload
from tidegate.signals.labels import LABELS

MAX_TEXT_CHARS = 20_000
"""Texts of an upload longer than this in all are left out, so that a condition's cost stays bounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One name of the condition language: its CEL type and what it means."""

    type: str
    meaning: str


def _table() -> dict[str, Variable]:
    rows = {
        "upload.surface": ("string", "where the upload would appear: feed, profile, live, comment, ad or shop"),
        "upload.region": ("string", "ISO 3166 code, empty when unknown"),
        "upload.language": ("string", "BCP 47 tag, empty when unknown"),
        "upload.hashtags": ("list(string)", "hashtags in lower case without #"),
        "upload.facts": ("map(string, string)", "further facts handed in with the upload"),
        "declared.ai_generated": ("bool", "the creator declared it as made with AI"),
        "declared.paid_promotion": ("bool", "the creator declared it as paid promotion"),
        "declared.made_for_children": ("bool", "the creator declared it as made for children"),
        "declared.shows_minor": ("bool", "the creator declared that it shows a minor"),
        "sound.is_original": ("bool", "the sound is the creator's own"),
        "media.duration_s": ("double", "length of the clip in seconds, unknown when it could not be read"),
        "context.account_age_days": ("double", "age of the account in days"),
        "context.follower_count": ("int", "followers of the account"),
        "context.is_verified_news": ("bool", "the account is a verified news organisation"),
        "context.prior_violations": ("int", "violations by the account so far"),
        "context.overturned_violations": ("int", "violations that were overturned on appeal"),
        "context.uploads_last_day": ("int", "uploads by the account in the last day"),
        "context.reports_last_day": ("int", "reports about the account in the last day"),
        "context.views_first_hour": ("int", "views in the first hour"),
        "context.near_copies_last_day": ("int", "near copies of the upload in the last day"),
        "known": ("list(string)", "those of the names above that have a value"),
        "probability": ("double", "probability that the upload violates this clause"),
        "interval.low": ("double", "lower end of that probability's interval"),
        "interval.high": ("double", "upper end of that probability's interval"),
        "is_measured": ("bool", "what carries the probability rests on labelled data"),
        "is_blind": ("bool", "a detector or media that this clause needs was lost in this upload"),
        "judged": ("map(string, double)", "probability by clause id"),
        "score": ("map(string, double)", "strongest score by label, 0.0 where nothing was found"),
    }
    return {name: Variable(type=kind, meaning=meaning) for name, (kind, meaning) in rows.items()}


VARIABLES: Mapping[str, Variable] = MappingProxyType(_table())
"""Every name, in the order of the documentation."""


def upload_values(policy: Policy, upload: Upload, screening: Screening, context: Context) -> dict[str, object]:
    """The values that are the same for every clause. A name whose value is unknown is absent.

    Declared facts are true only where the creator declared so; everything of the context may be unknown.
    """
    values: dict[str, object] = {
        "upload.surface": upload.surface.value,
        "upload.region": upload.region,
        "upload.language": _clean(upload.language),
        "sound.is_original": upload.sound.is_original,
    }
    values |= _texts(upload)
    if screening.media is not None:
        values["media.duration_s"] = float(screening.media.duration_s)
    values |= _context(context)
    known = sorted(values)
    for field in fields(upload.declared):
        stated = getattr(upload.declared, field.name)
        values[f"declared.{field.name}"] = stated is True
        known += [f"declared.{field.name}"] if stated is not None else []
    values["known"] = sorted(known)
    values["judged"] = {judgement.clause_id: judgement.probability for judgement in screening.judgements}
    values["score"] = _scores(policy, screening)
    return values


def clause_values(judgement: Judgement) -> dict[str, object]:
    """The values that belong to one clause's judgement."""
    return {
        "probability": judgement.probability,
        "interval.low": judgement.interval.low,
        "interval.high": judgement.interval.high,
        "is_measured": judgement.is_measured,
        "is_blind": any(blind.is_lost for blind in judgement.blind),
    }


def _texts(upload: Upload) -> dict[str, object]:
    hashtags = [_clean(tag).lstrip("#").lower() for tag in upload.hashtags]
    facts = {_clean(key): _clean(value) for key, value in upload.facts.items()}
    sizes = {
        "upload.hashtags": sum(len(tag) + 1 for tag in hashtags),
        "upload.facts": sum(len(key) + len(value) + 1 for key, value in facts.items()),
    }
    values: dict[str, object] = {"upload.hashtags": hashtags, "upload.facts": facts}
    return {name: value for name, value in values.items() if sizes[name] <= MAX_TEXT_CHARS}


def _context(context: Context) -> dict[str, object]:
    values: dict[str, object] = {}
    for field in fields(context):
        value = getattr(context, field.name)
        name = f"context.{field.name}"
        if value is not None and name in VARIABLES:
            values[name] = float(value) if VARIABLES[name].type == "double" else value
    return values


def _scores(policy: Policy, screening: Screening) -> dict[str, float]:
    scores = dict.fromkeys((*LABELS, *(label for clause in policy.clauses for label in clause.labels)), 0.0)
    for signal in screening.signals:
        scores[signal.label] = max(signal.score, scores.get(signal.label, 0.0))
    return scores


def _clean(text: str) -> str:
    """The text with lone surrogates replaced, which no other language can hold."""
    return text.encode("utf-8", "replace").decode()
