"""A scripted Tidegate and the reference site under `examples/`, which is importable from here on."""

import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from tidegate.client import Client, Retries
from tidegate.records import Action
from tidegate.server.enforcement.reversals import REVERSALS

sys.path.append(str(Path(__file__).parents[2] / "examples"))

from video_site.gate import Gate, webhook_secret
from video_site.store import Store
from video_site.web import Site

VIDEO = bytes(range(256)) * 1000
SIGNED = "/tidegate/events"


class ScriptedTidegate:
    """Takes uploads, and says what it was told to say."""

    def __init__(self) -> None:
        self.uploads: dict[str, dict[str, Any]] = {}
        self.bodies: list[bytes] = []
        self.feed: list[dict[str, Any]] = []
        self.webhooks: list[dict[str, Any]] = []
        self.statements: dict[str, Any] = {}
        self.is_down = False
        self.refusal = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.is_down:
            raise httpx.ConnectError("refused")
        path = request.url.path.removeprefix("/api/v1")
        if request.method == "POST" and path == "/uploads":
            return self._upload(request)
        if path == "/decisions":
            after = request.url.params["after"]
            items = [one for one in self.feed if one["seq"] > int(after.rstrip("~"))][:2]
            return httpx.Response(200, json={"items": items, "next": items[-1]["cursor"] if items else after})
        if path.endswith("/statement"):
            return httpx.Response(200, json=self.statements[path.split("/")[2]])
        return self._webhook(request, path)

    def _upload(self, request: httpx.Request) -> httpx.Response:
        if self.refusal:
            return httpx.Response(self.refusal, json={"detail": "not this one", "code": "TG-I026"})
        self.bodies.append(request.read())
        key = request.headers["idempotency-key"]
        known = self.uploads.setdefault(key, {"id": f"up_{len(self.uploads)}", "state": "held"})
        return httpx.Response(202, json=known)

    def _webhook(self, request: httpx.Request, path: str) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"items": [{**one, "secret": ""} for one in self.webhooks]})
        if request.method == "DELETE":
            self.webhooks = [one for one in self.webhooks if one["id"] != path.split("/")[2]]
            return httpx.Response(204)
        made = {"id": f"wh_{len(self.bodies)}{time.time_ns()}", "secret": "whsec_" + "c2VjcmV0" * 4}
        self.webhooks.append(made | {"url": json.loads(request.read())["url"]})
        return httpx.Response(201, json=self.webhooks[-1])


def _event(
    video_id: str,
    upload_id: str,
    verdict: str,
    number: int,
    actions: tuple[str, ...] = (),
    *,
    kind: str = "upload.decided",
    **data: Any,
) -> dict[str, Any]:
    taken = actions or {"allowed": ("allow",), "removed": ("remove",), "held": ("hold",)}[verdict]
    names = [{"action": one, "reversal": REVERSALS[Action(one)] if one in list(Action) else ""} for one in taken]
    data = {
        "decision_id": f"de_{video_id}-{number}",
        "decision_number": number,
        "verdict": verdict,
        "actions": names,
        **data,
    }
    data |= {"upload_id": upload_id, "external_id": video_id}
    return {"type": kind, "timestamp": "2026-01-02T03:04:05Z", "data": {"reason": "a reason", **data}}


def _item(seq: int, event: dict[str, Any]) -> dict[str, Any]:
    return {"seq": seq, "cursor": f"{seq}~", "type": event["type"], "at": event["timestamp"], "data": event["data"]}


class Pair:
    """The site and the scripted Tidegate, with what a viewer, a creator and Tidegate do."""

    def __init__(self, home: Path) -> None:
        self.tidegate = ScriptedTidegate()
        transport = httpx.MockTransport(self.tidegate)
        self.client = Client("http://tidegate.test", "tg_k", retries=Retries(most_tries=1), transport=transport)
        self.home = home
        self.start()

    def start(self) -> None:
        """The site's process begins: what is in memory is gone, what is on disk is not."""
        self.store = Store(self.home)
        self.secret = webhook_secret(self.store, self.client, f"http://site.test{SIGNED}")
        self.gate = Gate(self.store, self.client, self.secret)
        self.site = Site(self.store, self.gate, lambda: None, most_bytes=1 << 20)
        self.browser = httpx.Client(transport=httpx.WSGITransport(app=self.site), base_url="http://site.test")

    def upload(self, title: str = "low tide", *, is_submitted: bool = True) -> tuple[str, str]:
        """The id of a new video, and the address of its creator's page."""
        answer = self.browser.put(
            "/videos", params={"title": title, "creator": "kim"}, content=VIDEO, headers={"Content-Type": "video/mp4"}
        )
        assert answer.status_code == 201
        if is_submitted:
            self.gate.submit_waiting()
        mine = answer.headers["location"]
        video = self.store.owned(mine.removeprefix("/mine/"))
        assert video is not None
        return video.id, mine

    def tell(self, event: dict[str, Any], *, secret: str = "") -> int:
        """Deliver a webhook; the status of the answer."""
        body, moment = json.dumps(event), datetime.fromtimestamp(int(time.time()), UTC)
        signature = Webhook(secret or self.secret).sign("ev_1", moment, body)
        at = str(int(moment.timestamp()))
        headers = {"webhook-id": "ev_1", "webhook-timestamp": at, "webhook-signature": signature}
        return self.browser.post(SIGNED, content=body, headers=headers).status_code

    def file(self, video_id: str, **headers: str) -> httpx.Response:
        return self.browser.get(f"/videos/{video_id}/file", headers=headers)

    def is_served(self, video_id: str) -> bool:
        """Whether anything of a video leaves the site: page, bytes, a part of them, a head."""
        page = self.browser.get(f"/videos/{video_id}").status_code == 200
        address = f"/videos/{video_id}/file"
        parts = [self.file(video_id), self.file(video_id, Range="bytes=0-9"), self.browser.head(address)]
        seen = {one.status_code < 300 for one in parts}
        assert seen == {page}
        return page

    event_of = staticmethod(_event)
    item = staticmethod(_item)

    def event(self, video_id: str, verdict: str, number: int = 0, *actions: str, **fields: Any) -> dict[str, Any]:
        video = self.store.video(video_id)
        upload_id = video.upload_id if video and video.upload_id else self.tidegate.uploads.get(video_id, {}).get("id")
        return _event(video_id, upload_id or "up_0", verdict, number, actions, **fields)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    both = Pair(tmp_path / "site")
    with both.client:
        yield both
