"""Paths, folders and patterns of a command line become files in a stable order; what cannot be listed is refused."""

import glob
import os
from collections.abc import Iterator
from dataclasses import dataclass

from tidegate.cli.visible import one_line
from tidegate.errors import InputNotFoundError, TidegateError

MEDIA_SUFFIXES = frozenset(
    (
        *(".3g2", ".3gp", ".avi", ".flv", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".ogv", ".qt", ".ts"),
        *(".webm", ".wmv"),
        *(".avif", ".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp"),
    )
)
"""Names that a folder is searched for. Refusing a format is the media stage's business, not the search's."""

_PATTERN_CHARACTERS = frozenset("*?[")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Something on the command line that cannot be screened, and why; the rest goes on."""

    name: str
    error: TidegateError


def expand(argument: str) -> Iterator[str | Refusal]:
    """The files that one argument names: itself, what a folder holds, or what a pattern matches.

    Folders are searched to any depth for media; hidden names and symbolic links to folders are left out, so that no
    loop of links can catch the search. A name that exists is never read as a pattern. Raises nothing.
    """
    if os.path.isdir(argument):  # noqa: PTH112 - a path stays the text it was given as
        yield from _walk(argument)
    elif os.path.lexists(argument) or not _PATTERN_CHARACTERS & set(argument):
        yield argument
    elif matches := sorted(glob.glob(argument, recursive=True)):  # noqa: PTH207
        for match in matches:
            yield from expand(match)
    else:
        where = one_line(argument, 200)
        yield Refusal(name=argument, error=InputNotFoundError("the pattern matches no file", where=where))


def _walk(folder: str) -> Iterator[str | Refusal]:
    todo = [(folder, True)]
    while todo:
        path, is_folder = todo.pop()
        if not is_folder:
            yield path
            continue
        try:
            with os.scandir(path) as listing:
                entries = sorted(listing, key=lambda entry: entry.name, reverse=True)
        except OSError as error:
            yield _unlisted(path, error)
            continue
        todo += [(entry.path, _is_folder(entry)) for entry in entries if _is_wanted(entry)]


def _unlisted(folder: str, error: OSError) -> Refusal:
    what = f"the folder cannot be listed: {error.strerror}"
    cause = InputNotFoundError(what, where=one_line(folder, 200), next_step="check its rights")
    return Refusal(name=folder, error=cause)


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    return entry.is_dir(follow_symlinks=False)


def _is_wanted(entry: "os.DirEntry[str]") -> bool:
    if entry.name.startswith("."):
        return False
    if _is_folder(entry):
        return True
    if os.path.splitext(entry.name)[1].lower() not in MEDIA_SUFFIXES:  # noqa: PTH122
        return False
    try:
        return not entry.is_dir()
    except OSError:
        # A loop of symbolic links: the media stage refuses it with its own code.
        return True
