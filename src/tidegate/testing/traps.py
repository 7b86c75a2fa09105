"""Paths that are traps: playlists that name other files or addresses, and things that are no regular file."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

from tidegate.testing.broken import BrokenFile, Expect

SPARSE_BYTES = 5 * 1024**3


def playlists(folder: Path, *, url: str, victim: Path) -> Iterator[BrokenFile]:
    """Text files that make a careless reader open `victim` (a real clip) or call `url`."""
    local = victim.resolve()
    contents = {
        "playlist.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{local}\n#EXTINF:9,\n{url}\n#EXT-X-ENDLIST\n",
        "playlist-as.mp4": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{url}\n#EXT-X-ENDLIST\n",
        "master.m3u8": f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{url}\n",
        "list.ffconcat": f"ffconcat version 1.0\nfile '{local}'\nfile '{url}'\n",
        "list-as.mp4": f"ffconcat version 1.0\nfile '{local}'\n",
        "session.sdp": f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\na=control:{url}\n"
        "m=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
        "session-as.mp4": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\n"
        "m=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
        "manifest.mpd": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" '
        'profiles="urn:mpeg:dash:profile:isoff-on-demand:2011" type="static" mediaPresentationDuration="PT9S"><Period>'
        '<AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1" width="64" height="64">'
        f"<BaseURL>{url}</BaseURL></Representation></AdaptationSet></Period></MPD>",
        "subtitles.mp4": "1\n00:00:00,000 --> 00:00:02,000\nThe tide is out.\n",
        "picture.svg": f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{url}"/></svg>',
    }
    for name, content in contents.items():
        path = folder / name
        path.write_text(content)
        yield BrokenFile(path=path, expect=Expect.REFUSED, why="names another file or an address")


def special_files(folder: Path, *, target: Path) -> Iterator[BrokenFile]:
    """A fifo, a socket, a directory, links to devices and in loops, a sparse giant, a file without read permission.

    The sound `target` under a name that some readers expand (`%03d`) is expected to be read or refused as itself.
    """
    yield from _no_regular_files(folder)
    path = folder / "sparse.mp4"
    with path.open("wb") as file:
        file.write(b"\0\0\0\x18ftypisom\0\0\2\0isomiso2")
        file.truncate(SPARSE_BYTES)
    yield BrokenFile(path=path, expect=Expect.REFUSED, codes=("TG-M004",), why="5 GB long, nearly all of it a hole")
    path = folder / "locked.mp4"
    path.unlink(missing_ok=True)
    path.write_bytes(target.read_bytes())
    path.chmod(0)
    is_locked = not os.access(path, os.R_OK)
    yield BrokenFile(
        path=path,
        expect=Expect.REFUSED if is_locked else Expect.BOUNDED,
        codes=("TG-M002",),
        why="no read permission (the superuser reads it anyway)",
    )
    path = folder / "pattern-%03d.mp4"
    path.write_bytes(target.read_bytes())
    yield BrokenFile(path=path, expect=Expect.BOUNDED, why="a name that some readers expand")


def _no_regular_files(folder: Path) -> Iterator[BrokenFile]:
    links = {"loop-a.mp4": "loop-b.mp4", "loop-b.mp4": "loop-a.mp4", "nowhere.mp4": "not-there", "self.mp4": "self.mp4"}
    links |= {"zero-device.mp4": "/dev/zero", "random-device.mp4": "/dev/urandom", "terminal.mp4": "/dev/tty"}
    for name, destination in links.items():
        path = folder / name
        path.unlink(missing_ok=True)
        path.symlink_to(destination)
        yield BrokenFile(path=path, expect=Expect.REFUSED, why=f"a link to {destination}")
    fifo = folder / "fifo.mp4"
    fifo.unlink(missing_ok=True)
    os.mkfifo(fifo)
    yield BrokenFile(path=fifo, expect=Expect.REFUSED, codes=("TG-M001",), why="a fifo that nobody writes to")
    directory = folder / "directory.mp4"
    directory.mkdir(exist_ok=True)
    yield BrokenFile(path=directory, expect=Expect.REFUSED, codes=("TG-M001",), why="a directory")
    yield from _socket(folder / "socket.mp4")


def _socket(path: Path) -> Iterator[BrokenFile]:
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as unix:
        try:
            unix.bind(str(path))
        except OSError:  # a path above some 107 bytes cannot be bound
            return
    yield BrokenFile(path=path, expect=Expect.REFUSED, codes=("TG-M001",), why="a socket")
