"""A policy document in YAML to a checked Policy: strict, with every finding of one run and its place."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tidegate.errors import Diagnostic, PolicyError
from tidegate.policy import reader as reading
from tidegate.policy.check import check_clause, check_measured
from tidegate.policy.clauses import CLAUSE_ID, read_clause
from tidegate.policy.diagnostics import render, summary
from tidegate.policy.tree import MAX_SIZE_BYTES, Node, Place, Scalar, TreeFault, read_tree
from tidegate.records import Clause, Policy
from tidegate.signals.labels import LABELS

FORMAT = "policy@1"
POLICY_ID = re.compile(r"[a-z][a-z0-9_-]{0,59}\Z")
VERSION = re.compile(r"[^\s\x00-\x1f]{1,40}\Z")
MAX_CLAUSES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What checking a document gave: the policy, `None` if there is any error, and all findings in document order."""

    policy: Policy | None
    diagnostics: tuple[Diagnostic, ...]
    text: str

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The findings that keep the policy from being used."""
        return tuple(one for one in self.diagnostics if one.is_error)

    def render(self) -> str:
        """All findings with their source lines and carets, and a count."""
        return render(self.diagnostics, self.text)


def load(path: Path, *, labels: Mapping[str, str] = LABELS) -> Policy:
    """The policy in a file. Raises PolicyError with every error found; warnings do not raise."""
    return _policy_or_raise(check_file(path, labels=labels), str(path))


def parse(text: str, source: str = "policy.yaml", *, labels: Mapping[str, str] = LABELS) -> Policy:
    """The policy in a text; `source` names it in findings. Raises PolicyError with every error found."""
    return _policy_or_raise(check(text, source, labels=labels), source)


def check_file(
    path: Path, *, labels: Mapping[str, str] = LABELS, measured_labels: frozenset[str] | None = None
) -> Checked:
    """Check a file as `check` does a text. A file that cannot be read is a finding too; nothing is raised."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_SIZE_BYTES + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        return _unreadable(str(path), f"the file cannot be read: {error.strerror or error}")
    except UnicodeDecodeError as error:
        return _unreadable(str(path), f"the file is not UTF-8: byte {error.start} cannot be read")
    return check(text, str(path), labels=labels, measured_labels=measured_labels)


def check(
    text: str,
    source: str = "policy.yaml",
    *,
    labels: Mapping[str, str] = LABELS,
    measured_labels: frozenset[str] | None = None,
) -> Checked:
    """Read and check a document; every error and warning of one run. Raises nothing.

    `labels` are the labels detectors are known for. `measured_labels`, if told, adds warnings for act targets that
    rest on no measured label. Cost: about 20 ms for 60 kB, and once per process 0.1 s for the condition engine if any
    condition stands in it.
    """
    text = text.removeprefix("\ufeff")
    reader = reading.Reader(text, source)
    policy: Policy | None = None
    try:
        root = read_tree(text)
        if root is None:
            raise TreeFault("TG-P013", Place(line=1, column=1, start=0, length=1), "the document is empty")
        policy = _read_policy(reader, root, text, labels, measured_labels)
    except TreeFault as fault:
        reader.note(fault.code, fault.place, fault.message, fault.hint)
    found = tuple(sorted(reader.found, key=lambda one: (one.line, one.column, one.code, one.message)))
    is_usable = not any(one.is_error for one in found)
    return Checked(policy=policy if is_usable else None, diagnostics=found, text=text)


def _read_policy(
    reader: reading.Reader,
    root: Node,
    text: str,
    labels: Mapping[str, str],
    measured_labels: frozenset[str] | None,
) -> Policy:
    values = reader.fields(root, (), ("tidegate", "id", "version", "title", "clauses"))
    form = reader.text(values.get("tidegate"), ("tidegate",))
    if form and form != FORMAT:
        reader.note_at("TG-P014", ("tidegate",), f"this version reads {FORMAT!r}, not {form[:40]!r}")
    return Policy(
        id=reader.id(values.get("id"), ("id",), POLICY_ID, "lower-case letters, digits, - and _"),
        version=reader.id(values.get("version"), ("version",), VERSION, "up to 40 characters without spaces"),
        title=reader.text(values.get("title"), ("title",), max_chars=200),
        clauses=_read_clauses(reader, values.get("clauses"), labels, measured_labels),
        digest=hashlib.sha256(text.encode("utf-8", "replace")).hexdigest(),
    )


def _read_clauses(
    reader: reading.Reader, node: Node | None, labels: Mapping[str, str], measured_labels: frozenset[str] | None
) -> tuple[Clause, ...]:
    if node is None:
        return ()
    pairs = reader.pairs(node, ("clauses",))
    if len(pairs) > MAX_CLAUSES:
        reader.note_at("TG-P004", ("clauses",), f"{len(pairs)} clauses, at most {MAX_CLAUSES} are allowed")
    if not pairs and not isinstance(node, Scalar):
        reader.note_at("TG-P013", ("clauses",), "a policy without a clause decides nothing")
    clause_ids = [key.text for key, _ in pairs]
    clauses = []
    for key, value in pairs[:MAX_CLAUSES]:
        path = ("clauses", key.text)
        reader.check_id(key, CLAUSE_ID, "lower-case letters, digits and _")
        clause = read_clause(reader, key.text, value, path, labels)
        check_clause(reader, clause, path, clause_ids=clause_ids, labels=labels)
        if measured_labels is not None:
            check_measured(reader, clause, path, measured_labels)
        clauses.append(clause)
    return tuple(clauses)


def _unreadable(source: str, message: str) -> Checked:
    finding = Diagnostic(code="TG-P001", source=source, line=1, column=1, length=1, message=message)
    return Checked(policy=None, diagnostics=(finding,), text="")


def _policy_or_raise(checked: Checked, source: str) -> Policy:
    if checked.policy is None:
        first = checked.errors[0]
        raise PolicyError(
            f"{summary(checked.errors)}; the first, {first.code} on line {first.line}: {first.message}",
            where=source,
            next_step=f"tidegate policy check {source}",
            diagnostics=checked.diagnostics,
        )
    return checked.policy
