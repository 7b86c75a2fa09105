"""What to screen: paths, folders, patterns, manifests and stdin become requests; what is wrong becomes a refusal."""

import json
import os
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tidegate.cli.paths import Refusal, expand
from tidegate.errors import InputNotFoundError, RecordError, RecordJsonError, TidegateError, UsageError
from tidegate.explain.visible import one_line, visible
from tidegate.records import DeclaredFacts, Upload, from_json

STDIN = "-"
SIDECAR_SUFFIX = ".json"
MAX_SIDECAR_BYTES = 64 * 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One upload to screen. `name` is what people see; `path` is `None` for an upload of words alone."""

    name: str
    upload: Upload
    path: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Upload fields from the command line as JSON values; they win over a sidecar or a manifest, field by field."""

    values: Mapping[str, Any] = field(default_factory=dict)
    sound: Mapping[str, Any] = field(default_factory=dict)
    declared: Mapping[str, Any] = field(default_factory=dict)

    def upload(self, name: str, found: object = None, source: str = "") -> Upload:
        """The upload of `name`: what was found in `source`, then the fields of the command line.

        Raises RecordJsonError or RecordError, which name `source` and the field, when the two make no Upload.
        """
        base = {} if found is None else found
        if not isinstance(base, dict):
            following = "write an object of Upload fields"
            raise RecordJsonError("wanted an object with Upload fields", where=visible(source), next_step=following)
        merged: dict[str, Any] = {"id": visible(name) or "upload", **base, **self.values}
        for part, given in (("sound", self.sound), ("declared", self.declared)):
            if given:
                inner = base.get(part)
                merged[part] = {**(inner if isinstance(inner, dict) else {}), **given}
        try:
            return from_json(Upload, merged)
        except (RecordJsonError, RecordError) as error:
            where = f"{source}: {_field(error)}" if _field(error) else source
            raise type(error)(
                one_line(error.what, 200), where=visible(where), next_step=one_line(error.next_step, 300)
            ) from error

    def check(self) -> None:
        """Raise UsageError, naming the option, where a field of the command line can stand in no Upload."""
        try:
            self.upload("upload")
        except (RecordJsonError, RecordError) as error:
            raise UsageError(error.what, where=f"--{_field(error)}", next_step=error.next_step) from error


def _field(error: TidegateError) -> str:
    """The field that a record's error names: `declared.ai_generated`; empty where it is the whole object."""
    _, _, inner = error.where.rpartition(": ")
    return inner.rpartition(", Upload.")[2].removeprefix("$").removeprefix(".")


def plan(
    paths: Sequence[str],
    manifest: Path | None,
    given: Given,
    *,
    spooled: Path | Refusal | None = None,
    passed: list[str] | None = None,
) -> tuple[int, Iterator[Request | Refusal]]:
    """How many uploads the command line names, and each of them: paths as given, folders sorted, then the manifest.

    `spooled` stands in for `-`; what folders hold and is not screened is added to `passed`. Yields a
    Refusal for what does not exist or cannot be read, and raises nothing. Sidecars and manifest lines are read only
    when their turn comes.
    """
    files = [file for argument in paths for file in ([argument] if argument == STDIN else expand(argument, passed))]
    return len(files) + _line_count(manifest), _requests(files, manifest, given, spooled)


def _requests(
    files: Sequence[str | Refusal], manifest: Path | None, given: Given, spooled: Path | Refusal | None
) -> Iterator[Request | Refusal]:
    for file in files:
        if isinstance(file, Refusal):
            yield file
        elif file == STDIN:
            yield spooled if isinstance(spooled, Refusal) else _of_stdin(spooled, given)
        else:
            yield _of_path(file, given)
    if manifest is not None:
        yield from _of_manifest(manifest, given)


def _of_stdin(spooled: Path | None, given: Given) -> Request | Refusal:
    try:
        return Request(name=STDIN, upload=given.upload("stdin"), path=spooled)
    except TidegateError as error:
        return Refusal(name=STDIN, error=error)


def _line_count(manifest: Path | None) -> int:
    if manifest is None:
        return 0
    try:
        with manifest.open("rb") as file:
            return sum(1 for line in file if line.strip())
    except OSError:
        return 1


def _of_path(path: str, given: Given) -> Request | Refusal:
    if not os.path.lexists(path):
        cause = InputNotFoundError("no such file", where=one_line(path, 200), next_step="check the path")
        return Refusal(name=path, error=cause)
    try:
        upload = given.upload(path, _sidecar(path + SIDECAR_SUFFIX), path + SIDECAR_SUFFIX)
    except TidegateError as error:
        return Refusal(name=path, error=error)
    return Request(name=path, upload=upload, path=Path(path))


def _sidecar(path: str) -> object:
    """The JSON beside a file, `None` where there is none."""
    try:
        with open(path, "rb", opener=_open_plain) as file:
            return _parse(_bounded(file, path), path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RecordJsonError(f"the sidecar cannot be read: {error.strerror}", where=visible(path)) from error


def _open_plain(path: str, flags: int) -> int:
    # O_NONBLOCK: opening a fifo that poses as a sidecar must not wait for a writer.
    descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise RecordJsonError("the sidecar is no regular file", where=visible(path))
    return descriptor


def _bounded(file: IO[bytes], where: str) -> bytes:
    data = file.read(MAX_SIDECAR_BYTES + 1)
    if len(data) > MAX_SIDECAR_BYTES:
        raise RecordJsonError(f"larger than {MAX_SIDECAR_BYTES} bytes", where=visible(where))
    return data


def _parse(data: bytes, where: str) -> object:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise RecordJsonError(
            f"not JSON: {one_line(str(error), 120)}", where=visible(where), next_step="write an object of Upload fields"
        ) from error


def _of_manifest(manifest: Path, given: Given) -> Iterator[Request | Refusal]:
    name = os.fspath(manifest)
    try:
        with manifest.open("rb") as file:
            for number, line in enumerate(_lines(file, name), 1):
                if line.strip():
                    yield _of_line(line, f"{name}:{number}", manifest.parent, given)
    except OSError as error:
        cause = InputNotFoundError(f"the manifest cannot be read: {error.strerror}", where=visible(name))
        yield Refusal(name=name, error=cause)
    except TidegateError as error:
        yield Refusal(name=name, error=error)


def _lines(file: IO[bytes], where: str) -> Iterator[bytes]:
    while line := file.readline(MAX_SIDECAR_BYTES + 1):
        if len(line) > MAX_SIDECAR_BYTES:
            raise RecordJsonError(f"a line is larger than {MAX_SIDECAR_BYTES} bytes", where=visible(where))
        yield line


def _of_line(line: bytes, place: str, folder: Path, given: Given) -> Request | Refusal:
    try:
        data = _parse(line, place)
        if not isinstance(data, dict):
            raise RecordJsonError("wanted an object with Upload fields and `path`", where=visible(place))
        path = data.pop("path", None)
        if path is not None and (not isinstance(path, str) or not path or "\0" in path):
            following = "write the file's name, from the manifest's folder"
            raise RecordJsonError("`path` is no file name", where=visible(f"{place}: path"), next_step=following)
        upload = given.upload(path or place, data, place)
    except TidegateError as error:
        return Refusal(name=place, error=error)
    if path is None:
        return Request(name=place, upload=upload, path=None)
    return Request(name=path, upload=upload, path=folder / path)


def read_text(path: Path) -> str:
    """A caption file's text as it stands; bytes that are no UTF-8 are kept as lone surrogates. `-` is stdin."""
    try:
        data = sys.stdin.buffer.read(MAX_SIDECAR_BYTES + 1) if str(path) == "-" else _bounded_file(path)
    except OSError as error:
        raise InputNotFoundError(
            f"the caption file cannot be read: {error.strerror}", where=visible(str(path))
        ) from error
    return data.decode("utf-8", errors="surrogateescape")


def _bounded_file(path: Path) -> bytes:
    with path.open("rb") as file:
        return _bounded(file, str(path))


def given_of(options: Mapping[str, Any]) -> Given:
    """The Upload fields among the options of a command; options that were not given say nothing."""
    values = {name: options[name] for name in ("caption", "surface", "region", "language") if options[name] is not None}
    if options["creator"] is not None:
        values["creator_id"] = options["creator"]
    if options["hashtags"]:
        values["hashtags"] = [tag.removeprefix("#") for tag in options["hashtags"]]
    declared = {name: options[name] for name in DeclaredFacts.__slots__ if options.get(name) is not None}
    sound = {"title": options["sound"]} if options["sound"] is not None else {}
    return Given(values=values, sound=sound, declared=declared)
