import pytest

from tidegate.media.marks import Tag, tag
from tidegate.signals.provenance.software import EDITORS, editors, program_names, reencode_traces


def traces(*tags: Tag) -> list[str]:
    return [finding.says for finding in reencode_traces(tags)]


@pytest.mark.parametrize(
    ("field", "value", "name"),
    [
        ("container:software", "CapCut", "CapCut"),
        ("container:LvMetaInfo", '{"data":{"os":"android","product":"vicut"},"source_type":"vicut"}', "CapCut"),
        ("container:LvMetaInfo", '{"data":{"product":"lv"}}', "Jianying"),
        ("xmp:CreatorTool", "Adobe Premiere Pro 2024.1 (Windows)", "Adobe Premiere"),
        ("xmp:History softwareAgent", "Adobe After Effects CC", "Adobe After Effects"),
        ("container:encoder", "Blackmagic Design DaVinci Resolve Studio", "DaVinci Resolve"),
        ("container:com.apple.quicktime.software", "17.4", ""),
        ("container:encoder", "HandBrake 1.8.0 2024", ""),
        ("container:encoder", "Lavf61.7.100", ""),
        ("container:comment", "edited in CapCut by me", ""),
    ],
)
def test_editors_are_told_from_encoders_and_from_words(field: str, value: str, name: str) -> None:
    found = editors([tag(field, value)])
    assert [finding.says for finding in found] == ([f"the file names {name}"] if name else [])


def test_an_editor_named_twice_is_found_once() -> None:
    assert len(editors([tag("container:software", "InShot"), tag("xmp:CreatorTool", "InShot 2")])) == 1


def test_names_in_the_table_are_unique_and_found_in_their_own_fields() -> None:
    names = [name for _, name in EDITORS]
    assert len(set(names)) == len(names)


def test_program_names_are_editors_first_and_then_what_wrote_the_file() -> None:
    tags = [tag("container:encoder", "Lavf62.12.102"), tag("stream:user data", "x264 - core 165"), tag("x:y", "z")]
    assert program_names([*tags, tag("container:software", "Filmora 13")]) == ["Filmora", "Lavf62.12.102", "x264"]


def test_one_honest_encoder_leaves_no_trace() -> None:
    assert traces(tag("container:encoder", "Lavf62.12.102"), tag("stream:bytes", "Lavc62.28.102")) == []
    assert traces(tag("container:com.apple.quicktime.model", "iPhone 15")) == []


def test_two_versions_of_one_library_are_two_programs() -> None:
    assert traces(tag("container:encoder", "Lavf62.1.1"), tag("stream:bytes", "Lavc58.9.1")) == [
        "libav 58 and 62 both wrote in it"
    ]


def test_the_tags_of_a_device_in_a_file_that_libav_wrote_are_a_trace() -> None:
    (says,) = traces(tag("container:com.android.version", "14"), tag("container:encoder", "Lavf60.3.100"))
    assert "com.android.version" in says


def test_a_signed_stream_under_another_makers_writer_is_a_trace() -> None:
    handler = tag("video:handler_name", "Core Media Video")
    assert traces(tag("stream:user data", "x264 - core 164"), handler) == ["a stream of x264 under another writer"]
    assert traces(tag("stream:bytes", "x264 - core 164"), handler) == []


@pytest.mark.parametrize(
    ("field", "value", "platform"),
    [
        ("container:comment", "vid:v0f044gc0000", "TikTok"),
        ("container:aigc_info", '{"aigc_label_type":0}', "TikTok"),
        ("video:handler_name", "ISO Media file produced by Google Inc.", "YouTube"),
        ("video:handler_name", "Twitter-vork muxer", "X"),
    ],
)
def test_what_platforms_write_is_a_trace(field: str, value: str, platform: str) -> None:
    assert traces(tag(field, value)) == [f"written by {platform} before"]


def test_an_edit_list_of_several_stretches_is_a_trace() -> None:
    assert traces(tag("edit list", "3 stretches of a track are shown")) == ["3 stretches of a track are shown"]
