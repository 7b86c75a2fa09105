import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tidegate.errors import DamagedContainerError
from tidegate.media.container import open_container
from tidegate.media.limits import MediaLimits
from tidegate.media.sniff import MATROSKA, MP4, Container
from tidegate.media.source import open_source
from tidegate.testing.clips import Truth

LIMITS = MediaLimits()
SMALL = {"duration_s": 1.0, "width_px": 96, "height_px": 160, "frame_rate_hz": 15.0}


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """An address, and the list of calls it got."""
    calls: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                calls.append("called")
                connection.close()

        threading.Thread(target=answer, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/clip.mp4", calls
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("demuxer", ["hls", "concat", "dash", "sdp"])
def test_even_a_playlist_demuxer_can_open_nothing_else(
    tmp_path: Path, clip: Callable[..., Truth], listener: tuple[str, list[str]], demuxer: str
) -> None:
    url, calls = listener
    victim = clip(**SMALL).path
    texts = {
        "hls": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{url}\n#EXTINF:9,\n{victim}\n#EXT-X-ENDLIST\n",
        "concat": f"ffconcat version 1.0\nfile '{victim}'\nfile '{url}'\n",
        "dash": f'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        f'profiles="urn:mpeg:dash:profile:isoff-on-demand:2011" mediaPresentationDuration="PT9S"><Period>'
        f'<AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1">'
        f"<BaseURL>{url}</BaseURL></Representation></AdaptationSet></Period></MPD>",
        "sdp": f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\na=control:{url}\n"
        "m=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    }
    path = tmp_path / "list.mp4"
    path.write_text(texts[demuxer])
    before = victim.stat().st_atime_ns
    with (
        open_source(path, LIMITS) as source,
        pytest.raises(DamagedContainerError),
        open_container(source, Container(name="mp4", demuxer=demuxer), LIMITS),
    ):
        pass
    assert calls == []
    assert victim.stat().st_atime_ns == before


def test_opening_decodes_nothing_and_leaves_the_stream_readable(clip: Callable[..., Truth]) -> None:
    truth = clip(**SMALL)
    with open_source(truth.path, LIMITS) as source, open_container(source, MP4, LIMITS) as opened:
        assert not opened.streams.video[0].codec_context.is_open
        assert sum(packet.size > 0 for packet in opened.demux(video=0)) == len(truth.frame_times_s)


def test_the_wrong_demuxer_is_a_damaged_header(clip: Callable[..., Truth]) -> None:
    with (
        open_source(clip(**SMALL).path, LIMITS) as source,
        pytest.raises(DamagedContainerError, match="matroska"),
        open_container(source, MATROSKA, LIMITS),
    ):
        pass


def test_metadata_that_is_no_text_does_not_stop_it(tmp_path: Path, clip: Callable[..., Truth]) -> None:
    data = clip(**SMALL).path.read_bytes()
    path = tmp_path / "odd.mp4"
    path.write_bytes(data.replace(b"Lavf", b"\xff\xfe\xfa\xc0"))
    with open_source(path, LIMITS) as source, open_container(source, MP4, LIMITS) as opened:
        assert opened.streams.video
