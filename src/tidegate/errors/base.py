"""The base of every error: what is wrong, where, and what to do next, under a stable code."""

from typing import ClassVar


class TidegateError(Exception):
    """Base of every error Tidegate raises on purpose.

    `what` is one sentence without a full stop, `where` names the file, field or position, and
    `next_step` tells the reader what to do. `str(error)` joins the three behind the code.
    """

    code: ClassVar[str] = "TG-0000"
    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, where: str = "", next_step: str = "") -> None:
        super().__init__(what, where, next_step)
        self.what = what
        self.where = where
        self.next_step = next_step

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.what, self.where, self.next_step))

    def __str__(self) -> str:
        head = f"{self.code} {self.where}: {self.what}" if self.where else f"{self.code} {self.what}"
        return f"{head}\n  next: {self.next_step}" if self.next_step else head

    def to_json(self) -> dict[str, str]:
        """The error as the object that `--json`, the API and logs carry."""
        return {"code": self.code, "what": self.what, "where": self.where, "next_step": self.next_step}


def _rebuild(cls: type[TidegateError], what: str, where: str, next_step: str) -> TidegateError:
    """Unpickle an error that crossed a process boundary with its three parts intact."""
    return cls(what, where=where, next_step=next_step)
