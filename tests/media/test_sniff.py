from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import MediaError, RefusedContainerError, UnknownContainerError
from tidegate.media.sniff import READ, Container, sniff
from tidegate.media.source import Source
from tidegate.testing.traps import playlists


def source(head: bytes) -> Source:
    return Source(fd=-1, name="clip", size_bytes=len(head), head=head)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\0\0\0\x18ftypisom\0\0\2\0isomiso2", "mp4"),
        (b"\0\0\0\x14ftypqt  \0\0\2\0qt  ", "mov"),
        (b"\0\0\0\x08wide\0\0\0\0mdat", "mov"),
        (b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1fB\x86\x81\1B\x82\x84webm", "webm"),
        (b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1fB\x86\x81\1B\x82\x88matroska", "matroska"),
        (b"GIF89a\x10\0\x10\0", "gif"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(17) + b"\0\0\0\0IDAT", "png"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(17) + b"\0\0\0\x08acTL" + bytes(12) + b"\0\0\0\0IDAT", "apng"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "jpeg"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "webp"),
        (b"RIFF\0\0\0\0WAVEfmt ", "wav"),
        (b"ID3\4\0\0\0\0\0\0", "mp3"),
        (b"\xff\xfb\x90\x64" + bytes(8), "mp3"),
        (b"\xff\xf1\x50\x80" + bytes(8), "aac"),
        (b"OggS\0\2", "ogg"),
        (b"fLaC\0\0\0\x22", "flac"),
    ],
)
def test_a_container_is_known_by_its_first_bytes(head: bytes, name: str) -> None:
    assert sniff(source(head)).name == name


def test_every_container_opens_with_one_fixed_demuxer() -> None:
    demuxers = {container.demuxer for container in READ}
    assert demuxers.isdisjoint({"hls", "concat", "dash", "sdp", "image2", "rtsp", "lavfi", "tee"})
    assert len({container.name for container in READ}) == len(READ)


def test_playlists_that_name_other_files_are_refused_by_name(tmp_path: Path) -> None:
    for file in playlists(tmp_path, url="http://127.0.0.1:9/x", victim=tmp_path / "victim.mp4"):
        if file.name == "subtitles.mp4":
            continue
        with pytest.raises(RefusedContainerError):
            sniff(source(file.path.read_bytes()[:4096]))


@pytest.mark.parametrize("prefix", [b"\xef\xbb\xbf", b"\n\n  ", b""])
def test_blank_space_does_not_hide_a_playlist(prefix: bytes) -> None:
    with pytest.raises(RefusedContainerError, match="HLS"):
        sniff(source(prefix + b"#extm3u\nhttp://127.0.0.1/x"))


@pytest.mark.parametrize("brand", [b"heic", b"avif", b"mif1"])
def test_a_heif_picture_is_refused_as_what_it_is(brand: bytes) -> None:
    with pytest.raises(RefusedContainerError, match="HEIF"):
        sniff(source(b"\0\0\0\x18ftyp" + brand + bytes(12)))


def test_text_and_noise_are_told_apart() -> None:
    with pytest.raises(UnknownContainerError, match="plain text"):
        sniff(source(b"The tide comes in twice a day.\n" * 20))
    with pytest.raises(UnknownContainerError, match="no container"):
        sniff(source(bytes(64)))


@given(st.binary(max_size=400))
def test_any_bytes_are_a_container_or_a_coded_error(head: bytes) -> None:
    try:
        assert isinstance(sniff(source(head)), Container)
    except MediaError as error:
        assert error.where == "clip"
        assert error.next_step
