"""The site's pages and endpoints as one WSGI application."""

import os
import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment

from jinja2 import Environment, FileSystemLoader

from tidegate.errors import TidegateError, WebhookSignatureError
from video_site.gate import Gate
from video_site.store import Store, Video

KINDS = ("video/mp4", "video/webm", "video/quicktime")
MOST_WEBHOOK_BYTES = 1 << 20
_CHUNK_BYTES = 256 * 1024
_HERE = Path(__file__).parent
_SAFE = [
    ("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
]


class Answer(NamedTuple):
    """One answer: its status, headers, body in pieces."""

    status: HTTPStatus
    headers: list[tuple[str, str]]
    body: Iterable[bytes]


class Site:
    """`submitted_soon` is called after each upload: it should lead to `Gate.submit_waiting` in another thread."""

    def __init__(
        self, store: Store, gate: Gate, submitted_soon: Callable[[], None], *, most_bytes: int = 1 << 30
    ) -> None:
        self._store = store
        self._gate = gate
        self._submitted_soon = submitted_soon
        self._most_bytes = most_bytes
        self._pages = Environment(loader=FileSystemLoader(_HERE / "templates"), autoescape=True)
        self._routes: list[tuple[str, re.Pattern[str], Callable[..., Answer]]] = [
            ("GET", re.compile(r"/"), self._front),
            ("GET", re.compile(r"/upload"), lambda _: self._page("upload.html", kinds=KINDS)),
            ("GET", re.compile(r"/(upload\.js|site\.css)"), self._asset),
            ("GET", re.compile(r"/favicon\.ico"), lambda _: _empty()),
            ("PUT", re.compile(r"/videos"), self._upload),
            ("GET", re.compile(r"/videos/([\w-]{1,64})"), self._watch),
            ("GET", re.compile(r"/videos/([\w-]{1,64})/file"), self._file),
            ("POST", re.compile(r"/videos/([\w-]{1,64})/age"), self._confirm_age),
            ("GET", re.compile(r"/mine/([\w-]{1,64})"), self._mine),
            ("POST", re.compile(r"/tidegate/events"), self._event),
        ]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """One request."""
        answer = self._routed(environ)
        start_response(f"{answer.status.value} {answer.status.phrase}", [*answer.headers, *_SAFE])
        return answer.body if environ["REQUEST_METHOD"] != "HEAD" else ()

    def _routed(self, environ: WSGIEnvironment) -> Answer:
        method = {"HEAD": "GET"}.get(environ["REQUEST_METHOD"], environ["REQUEST_METHOD"])
        for its_method, pattern, view in self._routes:
            found = pattern.fullmatch(environ.get("PATH_INFO") or "/")
            if found and method == its_method:
                return view(environ, *found.groups())
        return _text(HTTPStatus.NOT_FOUND, "There is nothing here.")

    def _front(self, _: WSGIEnvironment) -> Answer:
        return self._page("front.html", videos=self._store.listed())

    def _asset(self, _: WSGIEnvironment, name: str) -> Answer:
        kind = "text/javascript" if name.endswith(".js") else "text/css"
        return _answer(HTTPStatus.OK, f"{kind}; charset=utf-8", (_HERE / "assets" / name).read_bytes())

    def _upload(self, environ: WSGIEnvironment) -> Answer:
        """Take the bytes of a video as the request's body: kept unpublished, and handed to Tidegate."""
        asked = parse_qs(environ.get("QUERY_STRING", ""))
        title, creator = (asked.get(name, [""])[0].strip()[:200] for name in ("title", "creator"))
        kind, length = environ.get("CONTENT_TYPE", ""), environ.get("CONTENT_LENGTH", "")
        if not title or not creator:
            return _text(HTTPStatus.UNPROCESSABLE_ENTITY, "A video needs a title and a creator.")
        if kind not in KINDS:
            return _text(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Send one of {', '.join(KINDS)}.")
        if not length.isdigit():
            return _text(HTTPStatus.LENGTH_REQUIRED, "Say how long the video is.")
        if not 0 < int(length) <= self._most_bytes:
            return _text(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A video has 1 to {self._most_bytes} bytes.")
        video_id = f"v{secrets.token_hex(12)}"
        if not _received(environ["wsgi.input"], int(length), self._store.file_of(video_id)):
            return _text(HTTPStatus.BAD_REQUEST, "The video broke off.")
        is_ai = asked.get("ai") == ["yes"]
        token = self._store.add(
            video_id, title, creator, content_type=kind, size_bytes=int(length), is_ai=is_ai, now_s=time.time()
        )
        self._submitted_soon()
        answer = _text(HTTPStatus.CREATED, "Your video is being checked.")
        return answer._replace(headers=[*answer.headers, ("Location", f"/mine/{token}")])

    def _watch(self, environ: WSGIEnvironment, video_id: str) -> Answer:
        video = self._store.video(video_id)
        if video is None or not video.standing.is_public:
            return _text(HTTPStatus.NOT_FOUND, "There is no such video.")
        return self._page("watch.html", video=video, is_behind_gate=not _may_watch(environ, video))

    def _file(self, environ: WSGIEnvironment, video_id: str) -> Answer:
        """The bytes of a video: the one place where they leave the site, so the one place that must ask."""
        video = self._store.video(video_id)
        if video is None or not video.standing.is_public:
            return _text(HTTPStatus.NOT_FOUND, "There is no such video.")
        if not _may_watch(environ, video):
            return _text(HTTPStatus.FORBIDDEN, "This video is for adults.")
        start, end = _range(environ.get("HTTP_RANGE", ""), video.size_bytes)
        # Nobody may keep a copy that outlives the decision.
        headers = [("Content-Type", video.content_type), ("Accept-Ranges", "bytes"), ("Cache-Control", "no-store")]
        headers.append(("Content-Length", str(end - start)))
        status = HTTPStatus.OK
        if (start, end) != (0, video.size_bytes):
            status = HTTPStatus.PARTIAL_CONTENT
            headers.append(("Content-Range", f"bytes {start}-{end - 1}/{video.size_bytes}"))
        return Answer(status, headers, _pieces(self._store.file_of(video.id), start, end))

    def _confirm_age(self, _: WSGIEnvironment, video_id: str) -> Answer:
        """A button, where a real site would verify the age."""
        headers = [
            ("Location", f"/videos/{video_id}"),
            ("Set-Cookie", "is_adult=yes; Path=/; Max-Age=86400; HttpOnly; SameSite=Strict"),
            ("Content-Length", "0"),
        ]
        return Answer(HTTPStatus.SEE_OTHER, headers, ())

    def _mine(self, _: WSGIEnvironment, owner_token: str) -> Answer:
        video = self._store.owned(owner_token)
        if video is None:
            return _text(HTTPStatus.NOT_FOUND, "There is no such video.")
        history = self._store.applied_to(video.id)
        return self._page("mine.html", video=video, history=history, statement=self._gate.statement(video))

    def _event(self, environ: WSGIEnvironment) -> Answer:
        """A webhook. 204 says that it is on disk; whatever else is said, Tidegate sends it again."""
        length = environ.get("CONTENT_LENGTH", "")
        if not length.isdigit() or int(length) > MOST_WEBHOOK_BYTES:
            return _text(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This is no event.")
        headers = {name[5:].replace("_", "-"): value for name, value in environ.items() if name.startswith("HTTP_")}
        try:
            self._gate.receive(environ["wsgi.input"].read(int(length)), headers)
        except WebhookSignatureError as error:
            return _text(HTTPStatus.UNAUTHORIZED, error.what)
        except TidegateError as error:
            return _text(HTTPStatus.BAD_REQUEST, error.what)
        return _empty()

    def _page(self, name: str, **values: Any) -> Answer:  # noqa: ANN401 - whatever the page shows
        text = self._pages.get_template(name).render(**values)
        return _answer(HTTPStatus.OK, "text/html; charset=utf-8", text.encode())


def _answer(status: HTTPStatus, content_type: str, body: bytes) -> Answer:
    headers = [("Content-Type", content_type), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
    return Answer(status, headers, (body,))


def _empty() -> Answer:
    return Answer(HTTPStatus.NO_CONTENT, [("Content-Length", "0")], ())


def _text(status: HTTPStatus, text: str) -> Answer:
    return _answer(status, "text/plain; charset=utf-8", text.encode())


def _may_watch(environ: Mapping[str, Any], video: Video) -> bool:
    if not video.standing.needs_age:
        return True
    try:
        cookie = SimpleCookie(environ.get("HTTP_COOKIE", "")).get("is_adult")
    except CookieError:
        return False
    return cookie is not None and cookie.value == "yes"


def _received(body: Any, size_bytes: int, path: Path) -> bool:  # noqa: ANN401 - WSGI's input has no type
    """Write a body to a file in little memory; whether all of it came. Until then the file has another name."""
    part = path.with_name(f"{path.name}.part")
    left = size_bytes
    with part.open("wb") as file:
        while left and (piece := body.read(min(left, _CHUNK_BYTES))):
            file.write(piece)
            left -= len(piece)
        file.flush()
        os.fsync(file.fileno())
    if left:
        part.unlink()
        return False
    part.rename(path)
    return True


def _range(header: str, size_bytes: int) -> tuple[int, int]:
    """The first byte and the one behind the last of `bytes=a-b`; the whole file for anything else."""
    found = re.fullmatch(r"bytes=(\d{1,15})-(\d{0,15})", header)
    if not found or int(found[1]) >= size_bytes:
        return 0, size_bytes
    end = min(int(found[2]) + 1, size_bytes) if found[2] else size_bytes
    return (int(found[1]), end) if end > int(found[1]) else (0, size_bytes)


def _pieces(path: Path, start: int, end: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while start < end and (piece := file.read(min(_CHUNK_BYTES, end - start))):
            start += len(piece)
            yield piece
