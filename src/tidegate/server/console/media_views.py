"""Showing media: a fresh link for whoever asks to see them, and the media behind a link, whole or in ranges."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from tidegate.errors import NotFoundError
from tidegate.server.accounts.principal import principal_of
from tidegate.server.console import media as links
from tidegate.server.console.ranges import asked_range
from tidegate.server.console.ruling import asked, upload_answer
from tidegate.server.console.streaming import streamed
from tidegate.server.intake.models import UploadRow
from tidegate.server.project.clock import now_s


def show(request: HttpRequest, upload_id: str) -> HttpResponse:
    """`POST /uploads/{id}/media`: the player with a link of five minutes; without script the whole page."""
    if not UploadRow.objects.filter(id=upload_id).exists():
        raise NotFoundError("there is no such upload", where=upload_id[:40], next_step="check the address")
    person = principal_of(request).person
    token = links.token_for(upload_id, person.id if person else "")
    if "HX-Request" not in request.headers:
        return upload_answer(request, upload_id, asked(request, token=token))
    response = render(request, "console/player.html", {"token": token, "upload_id": upload_id})
    response["Cache-Control"] = "no-store"
    return response


def media(request: HttpRequest, token: str) -> HttpResponseBase:
    """`GET /media/{token}`: the media, decrypted on the way. Raises MediaLinkError, and as BlobStore.open does."""
    person = principal_of(request).person
    view = links.view_of(token, person_id=person.id if person else "")
    media_sha256 = links.media_of(view)
    reader, content_type = links.opened(media_sha256)
    size_bytes = reader.size_bytes
    asked_for = asked_range(request.headers.get("Range", ""), size_bytes)
    if asked_for == (0, 0):
        reader.close()
        refused = HttpResponse(status=416, content_type="text/plain", headers=links.HEADERS)
        refused["Content-Range"] = f"bytes */{size_bytes}"
        return refused
    start, end = asked_for or (0, size_bytes)
    if request.method == "HEAD":
        reader.close()
        response: HttpResponseBase = HttpResponse(content_type=content_type, status=206 if asked_for else 200)
    else:
        try:
            links.note_view(view, media_sha256, now_s=now_s())
        except BaseException:
            reader.close()
            raise
        pieces = links.Pieces(reader, start, end)
        status = 206 if asked_for else 200
        response = streamed(request, pieces, content_type=content_type, status=status, reads_database=False)
    for name, value in links.HEADERS.items():
        response[name] = value
    response["Content-Length"] = str(end - start)
    if asked_for:
        response["Content-Range"] = f"bytes {start}-{end - 1}/{size_bytes}"
    return response
