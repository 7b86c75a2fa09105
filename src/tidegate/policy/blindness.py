"""What blindness means: allow and record, sample a share for people by a stable draw, or hold."""

import hashlib
import json
from dataclasses import dataclass

from tidegate.records import Blind, BlindRule, Clause, Judgement, Upload

_ORDER = (BlindRule.ALLOW, BlindRule.SAMPLE, BlindRule.HOLD)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindAnswer:
    """What a clause's blindness asks for in one upload: the rule that decides, whether it holds, and why in words."""

    rule: BlindRule
    holds: bool
    why: str


def draw(seed: int, upload_id: str, clause_id: str) -> float:
    """A number in [0, 1) that is the same for the same three and looks random over them.

    BLAKE2b of the three as JSON, first 8 bytes over 2^64; the same on every machine.
    """
    key = json.dumps([seed, upload_id, clause_id]).encode()
    digest = hashlib.blake2b(key, digest_size=8, person=b"tidegate.sample").digest()
    return int.from_bytes(digest, "big") / 2**64


def in_words(clause: Clause, judgement: Judgement) -> tuple[str, ...]:
    """What the clause speaks of and nobody looked at: its standing blind spots, then what this upload added."""
    return (*clause.blind.spots, *(f"{one.what}: {one.reason}" for one in judgement.blind))


def answer(clause: Clause, judgement: Judgement, upload: Upload, seed: int) -> BlindAnswer:
    """What the clause's blindness in this upload means on its surface: the stricter of what stands and what is lost."""
    lost = [one for one in judgement.blind if one.is_lost]
    standing = [*clause.blind.spots, *(one.what for one in judgement.blind if not one.is_lost)]
    if not lost and not standing:
        return BlindAnswer(rule=BlindRule.ALLOW, holds=False, why="nothing that the clause speaks of was left out")
    rule = _rule(clause.blind, upload, has_lost=bool(lost), has_standing=bool(standing))
    what = f"lost in this upload: {lost[0].what} ({lost[0].reason})" if lost else f"not seen: {standing[0]}"
    count = len(lost) + len(standing)
    what = f"{what} and {count - 1} more" if count > 1 else what
    match rule:
        case BlindRule.ALLOW:
            return BlindAnswer(rule=rule, holds=False, why=f"{what}; the clause allows that and records it")
        case BlindRule.HOLD:
            return BlindAnswer(rule=rule, holds=True, why=f"{what}; the clause holds such uploads for a person")
        case BlindRule.SAMPLE:
            drawn = draw(seed, upload.id, clause.id)
            is_taken = drawn < clause.blind.sample_share
            said = f"sampled at {clause.blind.sample_share:g}, drew {drawn:.6f}: {'' if is_taken else 'not '}taken"
            return BlindAnswer(rule=rule, holds=is_taken, why=f"{what}; {said}")


def _rule(blind: Blind, upload: Upload, *, has_lost: bool, has_standing: bool) -> BlindRule:
    here = blind.surfaces.get(upload.surface.value, blind.rule)
    rules = [here] if has_standing else []
    if has_lost:
        rules.append(here if blind.lost is None else blind.lost)
        rules += [here] if upload.surface.value in blind.surfaces else []
    return max(rules, key=_ORDER.index)
