"""Everything between the site and Tidegate: submitting, hearing of decisions, catching up, statements of reasons."""

import json
import threading
import time
from collections.abc import Mapping
from typing import Any

from tidegate.client import Client, verify_webhook
from tidegate.errors import ServerUnreachableError, TidegateApiError, TidegateError
from video_site.store import Store, Video

REFUSED_FOR_GOOD = frozenset({409, 413, 415, 422})
"""Statuses that say that a video will never be taken. Any other failure is tried again."""


class Gate:
    """One site's side of Tidegate. Any thread may use it; `secret` is the webhook's `whsec_...`."""

    def __init__(self, store: Store, client: Client, secret: str) -> None:
        self._store = store
        self._client = client
        self._secret = secret
        self._catching_up = threading.Lock()

    def submit(self, video: Video) -> bool:
        """Hand a video over, streamed from its file; whether Tidegate holds it now.

        The idempotency key is the site's own id: submitting again after a crash is the same upload, not a second one.
        """
        try:
            status = self._client.submit(
                self._store.file_of(video.id),
                idempotency_key=video.id,
                external_id=video.id,
                caption=video.title,
                creator_id=video.creator,
                declared={"ai_generated": video.is_ai},
            )
        except TidegateApiError as error:
            if error.status in REFUSED_FOR_GOOD:
                self._store.note_refused(video.id, f"{error.code} {error.what}")
            return False
        except ServerUnreachableError:
            return False
        self._store.note_submitted(video.id, status.id)
        return True

    def submit_waiting(self) -> int:
        """Submit whatever Tidegate does not hold yet; how many it took. A video that fails waits for the next round."""
        return sum(self.submit(video) for video in self._store.not_submitted())

    def receive(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Apply a webhook; whether it changed anything. Answer 2xx only after this returned: then it is on disk.

        Raises WebhookSignatureError for what Tidegate did not send.
        """
        return self._store.apply(verify_webhook(body, headers, self._secret), now_s=time.time())

    def catch_up(self) -> int:
        """Read the feed from the last remembered place and apply what was missed; how many events changed something.

        The place is remembered behind what it leads past: a site killed here hears the last events once more.
        """
        count = 0
        with self._catching_up:
            for event in self._client.decisions(self._store.mark("feed") or 0):
                count += self._store.apply(event, now_s=time.time())
                self._store.set_mark("feed", event.cursor)
        return count

    def statement(self, video: Video) -> dict[str, Any] | None:
        """The statement of reasons of a restricted video, kept after the first time; `None` without one for now."""
        statement_id = video.standing.statement_id
        if not statement_id:
            return None
        kept = self._store.mark(f"statement {statement_id}")
        if not kept:
            try:
                answer = self._client.statement(video.upload_id)
            except TidegateError:
                return None
            if answer.get("id") != statement_id:
                # Another decision stands at Tidegate by now; its event is on its way.
                return None
            kept = json.dumps(answer["statement"])
            self._store.set_mark(f"statement {statement_id}", kept)
        value: dict[str, Any] = json.loads(kept)
        return value


def webhook_secret(store: Store, client: Client, url: str) -> str:
    """The secret of this site's webhook; the first time, and when `url` changed, a webhook is made at Tidegate.

    A webhook of the same address that is not remembered, as after a crash between the two steps, is removed.
    """
    known = store.mark("webhook").split()
    standing = client.webhooks()
    if len(known) == 2 and any(one.id == known[0] and one.url == url for one in standing):
        return known[1]
    for one in standing:
        if one.url == url or (known and one.id == known[0]):
            client.remove_webhook(one.id)
    made = client.add_webhook(url)
    store.set_mark("webhook", f"{made.id} {made.secret}")
    return made.secret
