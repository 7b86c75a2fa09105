"""What is asked about a text and what is answered; read from JSON with every limit checked."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

from tidegate.errors import RecordError, RecordJsonError, TextRequestError
from tidegate.records import (
    Abstention,
    AbstentionReason,
    Action,
    Interval,
    Outcome,
    Problem,
    Signal,
    Surface,
    Verdict,
    from_json,
)
from tidegate.records.upload import REGION_PATTERN

MAX_TEXT_CHARS = 20_000
"""Characters of one text."""
MAX_TEXTS = 100
"""Texts of one request."""
MAX_REQUEST_CHARS = 200_000
"""Characters of all texts of one request."""
MAX_ID_CHARS = 200
"""Characters of an id of a text or a creator, and of a language tag."""


class TextKind(StrEnum):
    """What a text is to those who read it."""

    COMMENT = "comment"
    BIO = "bio"
    TITLE = "title"
    MESSAGE = "message"


SURFACE_OF_KIND: Mapping[TextKind, Surface] = {
    TextKind.COMMENT: Surface.COMMENT,
    TextKind.BIO: Surface.PROFILE,
    TextKind.TITLE: Surface.FEED,
    TextKind.MESSAGE: Surface.COMMENT,
}
"""Where a text of each kind appears unless the request says otherwise; a message is judged as a comment is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRequest:
    """One text to score, with where it would appear.

    `id` chooses, with the seed, whom sampling takes. `language` is a BCP 47 tag or empty: then it is detected.
    Raises TextRequestError naming the field when a value is out of range.
    """

    id: str
    text: str
    kind: TextKind = TextKind.COMMENT
    surface: Surface = Surface.COMMENT
    language: str = ""
    region: str = ""
    creator_id: str = ""

    def __post_init__(self) -> None:
        if len(self.text) > MAX_TEXT_CHARS:
            raise _wrong("text", f"{len(self.text)} characters, {MAX_TEXT_CHARS} at most", "score it in parts")
        if not self.id:
            raise _wrong("id", "is empty", "leave it out, or give the platform's own id")
        for name in ("id", "language", "creator_id"):
            if len(getattr(self, name)) > MAX_ID_CHARS:
                raise _wrong(name, f"has more than {MAX_ID_CHARS} characters", "use a shorter one")
        if self.region and not REGION_PATTERN.match(self.region):
            raise _wrong("region", f"{self.region[:12]!r} is no ISO 3166 code", "use a code such as KR or US-CA")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextClause:
    """What one clause says of a text: the judgement, what the policy makes of it, and what carries it.

    `labels` are those of the signals that weigh at least a tenth of all evidence, the heaviest first. `actions` are
    what is done, `proposed` what a person is asked to confirm.
    """

    clause_id: str
    probability: float
    interval: Interval
    outcome: Outcome
    is_measured: bool
    labels: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    proposed: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextResult:
    """Everything said of one text.

    Quotes of `signals` count characters (code points) of the text as it came. `language` is the detected BCP 47 tag,
    `und` when unknown. `abstentions` are what nobody looked at, an unsupported language among it.
    """

    id: str
    verdict: Verdict
    reason: str
    leading_clause_id: str
    actions: tuple[Action, ...]
    clauses: tuple[TextClause, ...]
    signals: tuple[Signal, ...]
    abstentions: tuple[Abstention, ...]
    problems: tuple[Problem, ...]
    language: str
    policy_id: str
    policy_version: str
    policy_digest: str
    detector_ids: tuple[str, ...]

    @property
    def flagged_clauses(self) -> tuple[TextClause, ...]:
        """The clauses that a person has to look at, or that act."""
        return tuple(one for one in self.clauses if one.outcome in (Outcome.REVIEW, Outcome.ACT))

    @property
    def is_unseen(self) -> bool:
        """Whether a person has to look because something was not read, though nothing was found."""
        return any(one.outcome is Outcome.UNSEEN for one in self.clauses)

    def score(self, labels: tuple[str, ...]) -> float:
        """The strongest score among signals of these labels, 0.0 where there is none."""
        return max((signal.score for signal in self.signals if signal.label in labels), default=0.0)

    def unread(self, reason: AbstentionReason) -> frozenset[str]:
        """The labels that a detector could not vouch for, for this reason."""
        return frozenset(label for one in self.abstentions if one.reason is reason for label in one.labels)

    def lost(self) -> frozenset[str]:
        """The labels that a missing or failed detector should have told of."""
        return self.unread(AbstentionReason.UNAVAILABLE) | self.unread(AbstentionReason.FAILED)


def id_of(text: str) -> str:
    """The id of a text that came without one: the same for the same text, so that sampling stays stable."""
    return f"text-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:24]}"


def request_from_json(data: object, *, where: str = "$") -> TextRequest:
    """One request from JSON values; `text` is required. Raises TextRequestError naming the place."""
    if not isinstance(data, Mapping):
        raise TextRequestError("a text is an object with at least `text`", where=where)
    row = dict(data)
    if not isinstance(row.get("text"), str):
        raise TextRequestError("`text` is missing or no string", where=f"{where}.text")
    if unknown := sorted(str(name) for name in row if name not in _FIELDS):
        known = f"known fields: {', '.join(_FIELDS)}"
        raise TextRequestError(f"there is no field {unknown[0][:60]!r}", where=where, next_step=known)
    row.setdefault("id", id_of(row["text"]))
    kind = row.get("kind", TextKind.COMMENT)
    if isinstance(kind, str) and kind in tuple(TextKind):
        row.setdefault("surface", SURFACE_OF_KIND[TextKind(kind)])
    try:
        return from_json(TextRequest, row, where=where)
    except TextRequestError as error:
        raise TextRequestError(error.what, where=f"{where}.{error.where}", next_step=error.next_step) from error
    except (RecordError, RecordJsonError) as error:
        raise TextRequestError(error.what, where=error.where, next_step=error.next_step) from error


def requests_from_json(data: object) -> tuple[TextRequest, ...]:
    """The texts of a body: `{"texts": [...]}` with 1 to MAX_TEXTS, or one text alone. Raises TextRequestError."""
    if not isinstance(data, Mapping):
        raise TextRequestError("the body is a JSON object", where="$", next_step='send {"texts": [{"text": "..."}]}')
    if "texts" not in data:
        return checked((request_from_json(data),))
    if unknown := sorted(str(name) for name in data if name != "texts"):
        raise TextRequestError(f"there is no field {unknown[0][:60]!r} beside `texts`", where="$")
    rows = data["texts"]
    if not isinstance(rows, list) or not 1 <= len(rows) <= MAX_TEXTS:
        raise TextRequestError(f"`texts` is a list of 1 to {MAX_TEXTS} texts", where="$.texts")
    return checked(tuple(request_from_json(row, where=f"$.texts[{index}]") for index, row in enumerate(rows)))


def checked(requests: tuple[TextRequest, ...]) -> tuple[TextRequest, ...]:
    """The same requests. Raises TextRequestError when all together are too long."""
    count = sum(len(request.text) for request in requests)
    if count > MAX_REQUEST_CHARS:
        what = f"{count} characters in all, {MAX_REQUEST_CHARS} at most"
        raise TextRequestError(what, where="$.texts", next_step="send fewer texts at a time")
    return requests


def _wrong(name: str, what: str, next_step: str) -> TextRequestError:
    return TextRequestError(what, where=name, next_step=next_step)


_FIELDS = tuple(field.name for field in fields(TextRequest))
