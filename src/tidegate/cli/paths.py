"""Paths, folders and patterns of a command line become files in a stable order; what cannot be listed is refused."""

import glob
import os
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from tidegate.errors import FileTooLargeError, InputNotFoundError, MediaError, TidegateError
from tidegate.explain.visible import one_line

MEDIA_SUFFIXES = frozenset(
    (
        *(".3g2", ".3gp", ".avi", ".flv", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".ogv", ".qt", ".ts"),
        *(".webm", ".wmv"),
        *(".avif", ".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp"),
    )
)
"""Names that a folder is searched for; without a suffix the bytes decide.

Refusing a format is the media stage's business, not the search's."""

_PATTERN_CHARACTERS = frozenset("*?[")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Something on the command line that cannot be screened, and why; the rest goes on."""

    name: str
    error: TidegateError


def expand(argument: str, passed: list[str] | None = None) -> Iterator[str | Refusal]:
    """The files that one argument names: itself, what a folder holds, or what a pattern matches.

    Folders are searched to any depth for media, by their names, and by their first bytes where a name has no suffix.
    Hidden names and symbolic links to folders are left out, so that no loop of links can catch the search. What a
    folder holds and is not taken goes to `passed`, sidecars aside. A name that exists is never read as a pattern. What
    gives nothing at all is a Refusal. Raises nothing.
    """
    passed = [] if passed is None else passed
    before, is_empty = len(passed), True
    for found in _found(argument, passed):
        is_empty = False
        yield found
    if is_empty:
        yield _nothing(argument, len(passed) - before)


def _found(argument: str, passed: list[str]) -> Iterator[str | Refusal]:
    if os.path.isdir(argument):  # noqa: PTH112 - a path stays the text it was given as
        yield from _walk(argument, passed)
    elif is_one_file(argument):
        yield argument
    else:
        for match in sorted(glob.glob(argument, recursive=True)):  # noqa: PTH207
            yield from _found(match, passed)


def is_one_file(argument: str) -> bool:
    """Whether an argument names a file itself, there or not, and no folder or pattern that may hold several."""
    if os.path.isdir(argument):  # noqa: PTH112
        return False
    return os.path.lexists(argument) or not _PATTERN_CHARACTERS & set(argument)


def _nothing(argument: str, passed_count: int) -> Refusal:
    """The refusal of a folder or pattern that gave nothing to screen."""
    if os.path.isdir(argument):  # noqa: PTH112
        what = "the folder holds no media"
    else:
        what = "the pattern matches no media" if passed_count else "the pattern matches no file"
    following = "name the files themselves, whatever their names" if passed_count else "check the path"
    error = InputNotFoundError(what, where=one_line(argument, 200), next_step=following)
    return Refusal(name=argument, error=error)


def passed_text(passed: Sequence[str]) -> str:
    """`2 files passed over: not media by their name (first: notes.txt)`."""
    count = "1 file" if len(passed) == 1 else f"{len(passed)} files"
    return f"{count} passed over: not media by their name (first: {one_line(passed[0], 200)})"


def _walk(folder: str, passed: list[str]) -> Iterator[str | Refusal]:
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
        wanted = [entry for entry in entries if _is_wanted(entry)]
        todo += [(entry.path, _is_folder(entry)) for entry in wanted]
        passed += _passed(entries, {entry.name for entry in wanted})


def _passed(entries: "Sequence[os.DirEntry[str]]", wanted: Set[str]) -> list[str]:
    """What of one folder is not searched, by name; a sidecar belongs to its file."""
    left = [entry for entry in reversed(entries) if entry.name not in wanted]
    return [entry.path for entry in left if entry.name.removesuffix(".json") not in wanted]


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
    suffix = os.path.splitext(entry.name)[1].lower()  # noqa: PTH122
    if suffix and suffix not in MEDIA_SUFFIXES:
        return False
    try:
        return not entry.is_dir() and (bool(suffix) or _is_media(entry.path))
    except OSError:
        # A loop of symbolic links: the media stage refuses it with its own code.
        return bool(suffix)


def _is_media(path: str) -> bool:
    """Whether the first bytes of a file are those of a container that is read."""
    from tidegate.media.limits import MediaLimits
    from tidegate.media.sniff import sniff
    from tidegate.media.source import open_source

    try:
        with open_source(path, MediaLimits()) as source:
            sniff(source)
    except FileTooLargeError:
        # The media stage says so with its own code and the limit that was set.
        return True
    except MediaError:
        return False
    return True
