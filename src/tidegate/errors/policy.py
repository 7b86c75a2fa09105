"""Errors of policy documents, each with its place: TG-P."""

from dataclasses import dataclass

from tidegate.errors.base import TidegateError


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding in a document: code, position (line and column from 1, length in characters), message and hint.

    `source` names the document. `is_error` is false for warnings. `hint` may be empty.
    """

    code: str
    source: str
    line: int
    column: int
    length: int
    message: str
    hint: str = ""
    is_error: bool = True


class PolicyError(TidegateError, ValueError):
    """A policy document has one or more errors; `diagnostics` holds every one with its position."""

    code = "TG-P000"
    exit_code = 2

    def __init__(
        self, what: str, *, where: str = "", next_step: str = "", diagnostics: tuple[Diagnostic, ...] = ()
    ) -> None:
        super().__init__(what, where=where, next_step=next_step)
        self.diagnostics = diagnostics

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild_policy_error, (self.what, self.where, self.next_step, self.diagnostics))


def _rebuild_policy_error(what: str, where: str, next_step: str, diagnostics: tuple[Diagnostic, ...]) -> PolicyError:
    return PolicyError(what, where=where, next_step=next_step, diagnostics=diagnostics)
