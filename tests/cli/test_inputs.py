"""Uploads come from options, sidecars and manifests; what is wrong is refused and the rest goes on."""

import json
import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from tidegate.cli.inputs import Given, Request, given_of, plan, read_text
from tidegate.cli.paths import Refusal
from tidegate.errors import InputNotFoundError, UsageError
from tidegate.records import Surface, Upload

NOTHING = dict.fromkeys(
    ("caption", "surface", "region", "language", "creator", "hashtags", "sound", "ai_generated", "paid_promotion")
)


def requests(paths: Iterable[Path | str], manifest: Path | None = None, given: Given | None = None) -> list[object]:
    _, items = plan([str(path) for path in paths], manifest, given or Given())
    return list(items)


def only(items: list[object]) -> Request:
    (item,) = items
    assert isinstance(item, Request), item
    return item


def refused(items: list[object]) -> Refusal:
    (item,) = items
    assert isinstance(item, Refusal), item
    return item


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"video")
    return path


def beside(video: Path, text: str | bytes) -> None:
    data = text if isinstance(text, bytes) else text.encode()
    Path(f"{video}.json").write_bytes(data)


def test_a_file_alone_becomes_an_upload_that_is_named_by_its_path(video: Path) -> None:
    request = only(requests([video]))
    assert (request.path, request.upload) == (video, Upload(id=str(video)))


def test_the_sidecar_fills_in_the_upload(video: Path) -> None:
    beside(video, '{"id": "u7", "caption": "hi \\ud800", "region": "KR", "declared": {"ai_generated": true}}')
    upload = only(requests([video])).upload
    assert (upload.id, upload.caption, upload.region, upload.declared.ai_generated) == ("u7", "hi \ud800", "KR", True)


def test_options_win_over_the_sidecar_field_by_field(video: Path) -> None:
    beside(video, '{"caption": "old", "language": "ko", "declared": {"shows_minor": true}, "sound": {"id": "s1"}}')
    options = {**NOTHING, "caption": "new", "hashtags": ("#a", "b"), "sound": "song", "ai_generated": False}
    upload = only(requests([video], given=given_of(options))).upload
    assert (upload.caption, upload.language, upload.hashtags) == ("new", "ko", ("a", "b"))
    assert (upload.declared.ai_generated, upload.declared.shows_minor) == (False, True)
    assert (upload.sound.id, upload.sound.title) == ("s1", "song")


def test_options_that_were_not_given_say_nothing() -> None:
    assert given_of(NOTHING) == Given()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "TG-R002"),
        ("[]", "TG-R002"),
        ('{"captoin": "x"}', "TG-R002"),
        ('{"region": "Korea"}', "TG-R001"),
        ('{"surface": "billboard"}', "TG-R002"),
        ("[" * 100_000, "TG-R002"),
        (b"\xff\xfe\x00", "TG-R002"),
    ],
)
def test_a_sidecar_that_is_no_upload_is_refused_with_its_code(video: Path, text: str | bytes, code: str) -> None:
    beside(video, text)
    assert refused(requests([video])).error.code == code


def test_a_sidecar_that_is_a_fifo_is_refused_without_waiting(video: Path) -> None:
    os.mkfifo(f"{video}.json")
    assert "no regular file" in refused(requests([video])).error.what


def test_a_sidecar_beyond_the_bound_is_refused(video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tidegate.cli.inputs.MAX_SIDECAR_BYTES", 10)
    beside(video, '{"caption": "longer than ten bytes"}')
    assert "larger than 10 bytes" in refused(requests([video])).error.what


def test_a_missing_file_is_refused_and_the_next_one_goes_on(video: Path) -> None:
    first, second = requests([video.parent / "none.mp4", video])
    assert isinstance(first, Refusal)
    assert first.error.code == "TG-C004"
    assert isinstance(second, Request)


def test_a_manifest_gives_uploads_relative_to_its_folder(tmp_path: Path, video: Path) -> None:
    manifest = tmp_path / "list.jsonl"
    lines = [
        {"path": "clip.mp4", "caption": "one", "surface": "ad"},
        {"caption": "words alone"},
        {"path": 3},
        {"path": "clip.mp4", "captions": ""},
    ]
    manifest.write_text("\n".join([*map(json.dumps, lines), "not json", "", ""]))
    total, items = plan([], manifest, Given())
    found = list(items)
    assert total == len(found) == 5
    first, second, *wrong = found
    assert isinstance(first, Request)
    assert (first.path, first.upload.surface) == (tmp_path / "clip.mp4", Surface.AD)
    assert isinstance(second, Request)
    assert (second.path, second.upload.caption) == (None, "words alone")
    assert [item.name for item in wrong] == [f"{manifest}:{number}" for number in (3, 4, 5)]
    assert all(isinstance(item, Refusal) for item in wrong)


def test_a_manifest_that_is_not_there_is_one_refusal(tmp_path: Path) -> None:
    total, items = plan([], tmp_path / "none.jsonl", Given())
    assert total == len(list(items)) == 1


def test_stdin_stands_where_it_was_named(tmp_path: Path, video: Path) -> None:
    _, items = plan([str(video), "-"], None, Given(), spooled=tmp_path / "spool")
    last = list(items)[-1]
    assert isinstance(last, Request)
    assert (last.name, last.path, last.upload.id) == ("-", tmp_path / "spool", "stdin")


def test_the_id_of_an_unprintable_path_is_printable(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/\xff\x1b.mp4"
    os.close(os.open(raw, os.O_CREAT))
    request = only(requests([os.fsdecode(raw)]))
    assert request.upload.id.isprintable()
    assert request.path is not None
    assert os.fsencode(request.path) == raw


def test_a_caption_file_is_kept_exactly_even_where_it_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "caption.txt"
    path.write_bytes(b"caf\xc3\xa9 \xff\n")
    assert read_text(path) == "café \udcff\n"
    with pytest.raises(InputNotFoundError):
        read_text(tmp_path / "none.txt")


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('{"captoin": "x"}', ""),
        ('{"region": "Korea"}', ": region"),
        ('{"surface": "billboard"}', ": surface"),
        ('{"declared": {"ai_generated": "yes"}}', ": declared.ai_generated"),
        ("[]", ""),
    ],
)
def test_a_mistake_names_its_file_its_field_and_what_to_do(video: Path, tmp_path: Path, text: str, field: str) -> None:
    beside(video, text)
    error = refused(requests([video])).error
    assert error.where == f"{video}.json{field}"
    assert error.next_step or "wanted" in error.what
    manifest = tmp_path / "list.jsonl"
    manifest.write_text(f"\n{text}")
    assert refused(requests([], manifest)).error.where.removeprefix(f"{manifest}:2") in (field, "")


def test_an_option_that_fits_no_upload_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match=r"--region: 'Korea' is no ISO 3166 code"):
        given_of({**NOTHING, "region": "Korea"}).check()
    given_of({**NOTHING, "region": "KR"}).check()
