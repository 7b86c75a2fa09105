"""Static files: whole, kept by the browser, and as long as they say."""

from pathlib import Path

import pytest
from django.test import Client

from tidegate.settings import Resolved


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("console/console.css", "text/css"),
        ("console/console.js", "text/javascript"),
        ("console/mark.svg", "image/svg+xml"),
        ("django_htmx/htmx-2.min.js", "text/javascript"),
    ],
)
def test_every_file_of_the_frame_is_served_to_anybody(name: str, content_type: str, database: str) -> None:
    response = Client(SERVER_NAME="localhost").get(f"/static/{name}")
    assert response.status_code == 200
    assert response["Content-Type"].startswith(content_type)
    assert len(response.content) == int(response["Content-Length"]) > 0
    assert not response.streaming
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_file_that_the_browser_has_is_not_sent_again(database: str) -> None:
    client = Client(SERVER_NAME="localhost")
    changed = client.get("/static/console/console.css")["Last-Modified"]
    again = client.get("/static/console/console.css", headers={"If-Modified-Since": changed})
    assert again.status_code == 304
    assert again.content == b""


def test_a_file_that_changed_under_the_server_is_as_long_as_it_says(tmp_path: Path, django_ready: Resolved) -> None:
    from django.http import HttpRequest, HttpResponse
    from django.test import RequestFactory
    from whitenoise.responders import StaticFile

    from tidegate.server.console.assets import AssetsMiddleware

    path = tmp_path / "a.css"
    path.write_bytes(b"short")
    middleware = AssetsMiddleware(lambda request: HttpResponse(status=404))
    known = middleware.get_static_file(str(path), "/static/a.css")
    assert isinstance(known, StaticFile)
    path.write_bytes(b"longer than before")
    request: HttpRequest = RequestFactory().get("/static/a.css")
    response = AssetsMiddleware.serve(known, request)
    assert response.content == b"longer than before"
    assert response["Content-Length"] == "18"
