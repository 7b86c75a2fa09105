"""Every error has one code, one meaning, and says what, where and what next."""

import inspect
import json
import pickle
import re
from collections.abc import Callable, Iterator

import pytest

from tidegate import errors
from tidegate.errors import TidegateError

EXIT_CODES = {1, 2, 3, 4}


def _tree(cls: type[TidegateError]) -> Iterator[type[TidegateError]]:
    yield cls
    for child in cls.__subclasses__():
        if child.__module__.startswith(f"{errors.__name__}."):
            yield from _tree(child)


CLASSES = tuple(_tree(TidegateError))
EVERY_ERROR = pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.code)


def _build(cls: type[TidegateError]) -> TidegateError:
    """The error with its three parts; extra arguments some classes take are left at their defaults."""
    return cls("the clip ended early", where="clip.mp4", next_step="upload it again")


def test_the_set_of_codes_with_their_meanings_is_as_agreed(golden: Callable[[str, str], None]) -> None:
    rows = [
        f"{cls.code}  exit {cls.exit_code}  {cls.__name__}: {inspect.getdoc(cls).splitlines()[0]}"  # type: ignore[union-attr]
        for cls in sorted(CLASSES, key=lambda cls: cls.code)
    ]
    golden("errors/codes.txt", "\n".join(rows) + "\n")


def test_an_error_reads_as_agreed_with_and_without_its_parts(golden: Callable[[str, str], None]) -> None:
    shown = (
        TidegateError("the clip ended early"),
        TidegateError("the clip ended early", where="clip.mp4"),
        TidegateError("the clip ended early", next_step="upload it again"),
        errors.DecodeTimeoutError("decoding took more than 60 s", where="a.mp4", next_step="raise media.cpu_limit_s"),
    )
    golden("errors/forms.txt", "\n\n".join(map(str, shown)) + "\n")


def test_no_two_errors_share_a_code() -> None:
    codes = [cls.code for cls in CLASSES]
    assert sorted(codes) == sorted(set(codes))


@EVERY_ERROR
def test_every_error_has_a_code_of_its_own_a_meaning_and_an_exit_code(cls: type[TidegateError]) -> None:
    assert re.fullmatch(r"TG-([CRMSBJPLEIHATWN]\d{3}|0000)", cls.code)
    assert "code" in vars(cls), "a code is not inherited"
    assert cls.exit_code in EXIT_CODES
    assert "__doc__" in vars(cls)
    assert (cls.__doc__ or "").strip().endswith(".")


@EVERY_ERROR
def test_every_error_says_what_where_and_what_next(cls: type[TidegateError]) -> None:
    error = _build(cls)
    assert str(error) == f"{cls.code} clip.mp4: the clip ended early\n  next: upload it again"


@EVERY_ERROR
def test_every_error_crosses_a_process_boundary_whole(cls: type[TidegateError]) -> None:
    error = _build(cls)
    back = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert type(back) is cls
    assert str(back) == str(error)


@EVERY_ERROR
def test_every_error_has_a_json_form_with_its_code(cls: type[TidegateError]) -> None:
    form = json.loads(json.dumps(_build(cls).to_json()))
    assert form["code"] == cls.code
    assert form["what"] == "the clip ended early"
    assert form["where"] == "clip.mp4"
    assert form["next_step"] == "upload it again"
