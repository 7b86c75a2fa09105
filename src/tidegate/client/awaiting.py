"""The client for code that awaits."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Self, Unpack

from tidegate.client import flows, operations, uploads
from tidegate.client.answers import (
    BatchResult,
    CaseSummary,
    Delivery,
    EvidenceOfUpload,
    Explanation,
    JournalEntry,
    LedgerHead,
    Precheck,
    TextScore,
    UploadStatus,
    Webhook,
)
from tidegate.client.awaiting_wire import AwaitingWire
from tidegate.client.bodies import Video
from tidegate.client.events import Event
from tidegate.client.flows import perform
from tidegate.client.operations import UploadFilters
from tidegate.client.retrying import Retries
from tidegate.client.uploads import ReferenceFields, UploadFields
from tidegate.client.wire import Wire


class AsyncClient:
    """A Tidegate server as a platform sees it. Use it as a context manager, or call `aclose`.

    `url` is the server's address, `key` an API key, `timeout_s` how long one answer may take besides what a call waits
    on purpose. Every call raises TidegateApiError for what the server refuses, ServerUnreachableError when no answer
    came, UnexpectedAnswerError when something else than Tidegate answers. Calls are tried again as `retries` says where
    repeating is safe: each carries an idempotency key, the caller's or one made for it. It belongs to one event loop.
    Raises UsageError for an address or key that is none, MissingDependencyError without the package httpx.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        retries: Retries | None = None,
        timeout_s: float = 30.0,
        transport: Any = None,  # noqa: ANN401 - httpx.AsyncBaseTransport, which is not imported here
    ) -> None:
        self._retries = retries or Retries()
        self._wire = AwaitingWire(Wire(url, key, timeout_s), transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.close()

    async def submit(
        self,
        video: Video,
        *,
        idempotency_key: str | None = None,
        wait_s: float | None = None,
        **fields: Unpack[UploadFields],
    ) -> UploadStatus:
        """Upload a video: a path, an open binary file, bytes, or an iterator of bytes, asynchronous too.

        With `wait_s` the server holds its answer back until the video was screened, at most so long. A video from an
        iterator can be sent once only, so a broken connection is not tried again for it.
        """
        return await self._wire.run(
            perform(uploads.submit(video, fields, key=idempotency_key, wait_s=wait_s), self._retries)
        )

    async def submit_reference(
        self,
        url: str,
        *,
        idempotency_key: str | None = None,
        wait_s: float | None = None,
        **fields: Unpack[UploadFields],
    ) -> UploadStatus:
        """Hand over an address from which the server fetches the video."""
        return await self._wire.run(
            perform(uploads.submit_reference(url, fields, key=idempotency_key, wait_s=wait_s), self._retries)
        )

    async def submit_batch(
        self, references: Iterable[ReferenceFields], *, idempotency_key: str | None = None
    ) -> tuple[BatchResult, ...]:
        """Hand over any number of addresses, each with its `media_url`; one result each, in their order."""
        return await self._wire.run(flows.batch(references, idempotency_key, self._retries))

    async def get(self, upload_id: str) -> UploadStatus:
        """One upload as it stands."""
        return await self._wire.run(perform(uploads.get(upload_id), self._retries))

    async def wait(self, upload_id: str, timeout_s: float = 60.0, *, is_final: bool = False) -> UploadStatus:
        """Wait until an upload was screened, a hold for a person included; with `is_final`, until nobody is to look.

        Raises NotDecidedInTimeError; the upload then stays held.
        """
        return await self._wire.run(flows.wait(upload_id, timeout_s, is_final, self._retries))

    def list(self, **filters: Unpack[UploadFilters]) -> AsyncIterator[UploadStatus]:
        """Uploads, page by page as they are asked for."""
        return self._wire.iterate(flows.pages(partial(operations.uploads_page, filters), self._retries))

    async def evidence(self, upload_id: str) -> EvidenceOfUpload:
        """What was found in an upload, and what nobody could look at."""
        return await self._wire.run(perform(uploads.evidence(upload_id), self._retries))

    async def explanation(self, upload_id: str) -> Explanation:
        """Why an upload was decided as it was, clause by clause."""
        return await self._wire.run(perform(uploads.explanation(upload_id), self._retries))

    async def journal(self, upload_id: str) -> tuple[JournalEntry, ...]:
        """The steps of an upload's life as the hash chain has them."""
        return await self._wire.run(perform(uploads.journal(upload_id), self._retries))

    async def statement(self, upload_id: str) -> dict[str, Any]:
        """The statement of reasons of an upload that was restricted or removed."""
        return await self._wire.run(perform(uploads.statement(upload_id), self._retries))

    async def acknowledge(self, upload_id: str, decision_id: str) -> None:
        """Say that the platform has acted on a decision; for platforms that read the feed. Repeating it is harmless."""
        await self._wire.run(perform(uploads.acknowledge(upload_id, decision_id), self._retries))

    def decisions(self, after: int | str = 0, *, limit: int = 100) -> AsyncIterator[Event]:
        """The events behind a position that there are by now, `limit` a request. Remember the last one's `cursor`."""
        return self._wire.iterate(flows.decisions(after, limit, self._retries))

    def stream_decisions(
        self, after: int | str | None = None, *, most_failures: int | None = None
    ) -> AsyncIterator[Event]:
        """Events as they happen, without end; behind the `cursor` of an event, or from now on without it.

        A lost connection is made again from the last event that was seen. `most_failures` in a row raise the last
        error; without it the stream goes on trying for ever. A refusal, such as a wrong key, is raised at once.
        """
        return self._wire.iterate(flows.stream(after, self._retries, most_failures))

    async def precheck(
        self, video: Video | None = None, *, url: str | None = None, **fields: Unpack[UploadFields]
    ) -> Precheck:
        """What would be decided about a video or an address; nothing is kept. Raises UsageError unless one is given."""
        return await self._wire.run(perform(uploads.precheck(video, url, fields), self._retries))

    async def score_texts(self, texts: Sequence[str | Mapping[str, Any]]) -> tuple[TextScore, ...]:
        """Comments, bios, titles: plain texts, or objects with `text`, `kind`, `language`…; one result each."""
        return await self._wire.run(perform(operations.score_texts(texts), self._retries))

    def cases(self, **filters: str) -> AsyncIterator[CaseSummary]:
        """Cases that wait for a person."""
        return self._wire.iterate(flows.pages(partial(operations.cases_page, filters), self._retries))

    async def decide(
        self, case_id: str, verdict: str, *, actions: Sequence[str] = (), clause: str = "", note: str = ""
    ) -> dict[str, Any]:
        """A person's ruling: `allowed`, `restricted` with actions and clause, or `removed` with its clause."""
        call = operations.decide(case_id, verdict=verdict, actions=actions, clause=clause, note=note)
        return await self._wire.run(perform(call, self._retries))

    async def undo(self, decision_id: str) -> dict[str, Any]:
        """Take a person's decision back before the platform was told; its case is open again."""
        return await self._wire.run(perform(operations.undo(decision_id), self._retries))

    async def webhooks(self) -> tuple[Webhook, ...]:
        """The endpoints that are told about decisions."""
        return await self._wire.run(perform(operations.webhooks(), self._retries))

    async def add_webhook(self, url: str, kinds: Sequence[str] = ()) -> Webhook:
        """A new endpoint, for some kinds of events or for all; keep the `secret` of the answer, it is shown once."""
        return await self._wire.run(perform(operations.add_webhook(url, kinds), self._retries))

    async def remove_webhook(self, webhook_id: str) -> None:
        """Forget an endpoint."""
        await self._wire.run(perform(operations.remove_webhook(webhook_id), self._retries))

    async def pause_webhook(self, webhook_id: str) -> Webhook:
        """Send nothing more to an endpoint for now; its events are collected."""
        return await self._wire.run(perform(operations.pause_webhook(webhook_id), self._retries))

    async def resume_webhook(self, webhook_id: str) -> Webhook:
        """Send to an endpoint again, what was collected first."""
        return await self._wire.run(perform(operations.resume_webhook(webhook_id), self._retries))

    async def test_webhook(self, webhook_id: str) -> str:
        """Send one test event to an endpoint; the id of its delivery, which tells how it went."""
        return await self._wire.run(perform(operations.test_webhook(webhook_id), self._retries))

    def deliveries(self, **filters: str) -> AsyncIterator[Delivery]:
        """Deliveries of events; `state="dead"` are those that were given up."""
        return self._wire.iterate(flows.pages(partial(operations.deliveries_page, filters), self._retries))

    async def replay(self, delivery_id: str) -> None:
        """Try a delivery again."""
        await self._wire.run(perform(operations.replay(delivery_id), self._retries))

    async def ledger_head(self) -> LedgerHead:
        """The newest entry of the journal; note it down elsewhere to prove later that nothing was changed."""
        return await self._wire.run(perform(operations.ledger_head(), self._retries))
