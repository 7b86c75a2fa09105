"""A receiver of webhooks that does as it is told, on a real socket, and an outbox to empty into it."""

import ipaddress
import random
import socket
import socketserver
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from tidegate.server.enforcement.sending import Answer, Post, send
from tidegate.server.enforcement.targets import SendRules
from tidegate.server.keys.ring import KeyRing

Reply = Sequence[bytes | float]
"""Raw bytes of an answer, and pauses in seconds between them."""


class Receiver(socketserver.ThreadingTCPServer):
    """Keeps every request, and gives the next reply that was scripted, else 204."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.replies: deque[Reply] = deque()
        self.always: Reply = status(204)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/events"
        self.is_closing = threading.Event()
        self.lock = threading.Lock()

    def take(self, headers: dict[str, str], body: bytes) -> Reply:
        with self.lock:
            self.requests.append((headers, body))
            return self.replies.popleft() if self.replies else self.always

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The other side left early: that is what some tests are about."""


class _Handler(socketserver.StreamRequestHandler):
    server: Receiver
    timeout = 20.0

    def handle(self) -> None:
        headers: dict[str, str] = {"": self.rfile.readline().decode("latin-1").strip()}
        while line := self.rfile.readline().decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        body = self.rfile.read(int(headers.get("content-length", 0)))
        for piece in self.server.take(headers, body):
            if isinstance(piece, bytes):
                self.wfile.write(piece)
            elif self.server.is_closing.wait(piece):
                return


def status(number: int, *headers: str, body: bytes = b"", length: int | None = None) -> Reply:
    """A whole answer; `length` is the size it claims to have."""
    lines = [f"HTTP/1.1 {number} Because", f"Content-Length: {len(body) if length is None else length}", *headers]
    return ["\r\n".join([*lines, "", ""]).encode() + body]


@pytest.fixture(name="status")
def _status() -> Callable[..., Reply]:
    return status


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """The platform's end of a webhook."""
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.is_closing.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address where no connection is made."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{unused.getsockname()[1]}/events"


@pytest.fixture
def rules() -> SendRules:
    """This machine is let in, and nobody is waited for long."""
    return SendRules(networks=(ipaddress.ip_network("127.0.0.0/8"),), connect_s=2.0, total_s=10.0)


@pytest.fixture
def ring(django_ready: object) -> KeyRing:
    """The server's key ring."""
    from tidegate.server.project.places import key_ring

    return key_ring()


@pytest.fixture
def endpoint(database: str, ring: KeyRing, rules: SendRules, receiver: Receiver) -> Callable[..., tuple[str, str]]:
    """Add a webhook, by default to the receiver and for all kinds; its id and its secret."""
    from tidegate.server.enforcement.endpoints import add_endpoint

    def make(url: str = "", *kinds: str) -> tuple[str, str]:
        row, secret = add_endpoint(
            url or receiver.url, kinds, ring=ring, rules=rules, actor="person:pe_1", now_s=time.time()
        )
        return row.id, secret

    return make


class Outbox:
    """Does with due deliveries what the lane does, at a moment of the test's choosing."""

    def __init__(self, ring: KeyRing, rules: SendRules) -> None:
        self._ring = ring
        self._rules = rules

    def claim(self, now_s: float, *, free: int = 100, most_each: int = 100, busy: dict[str, int] | None = None) -> Any:
        from tidegate.server.enforcement.delivering import claim_deliveries

        return claim_deliveries(free, busy or {}, most_each=most_each, now_s=now_s)

    def send(self, leased: Any) -> Answer:
        from tidegate.server.enforcement.endpoints import secret_purpose

        secret = self._ring.unseal(leased.sealed_secret, secret_purpose(leased.endpoint_id))
        post = Post(url=leased.url, secret=secret, event_id=leased.event_id, body=leased.body)
        return send(post, self._rules)

    def finish(self, leased: Any, answer: Answer, now_s: float) -> int:
        from tidegate.server.enforcement.delivering import Sent, finish_deliveries

        return finish_deliveries([Sent(delivery=leased, answer=answer)], "outbox-test", now_s=now_s)

    def once(self, now_s: float) -> list[Answer]:
        """Claim, send and write down one round, one after the other; how each went."""
        answers = []
        for leased in self.claim(now_s):
            answers.append(self.send(leased))
            self.finish(leased, answers[-1], now_s)
        return answers

    def empty(self, now_s: float, *, most_rounds: int = 20) -> list[Answer]:
        """Rounds until nothing is due."""
        answers: list[Answer] = []
        for _ in range(most_rounds):
            some = self.once(now_s)
            if not some:
                return answers
            answers += some
        raise AssertionError("the outbox does not become empty")


@pytest.fixture
def outbox(ring: KeyRing, rules: SendRules) -> Outbox:
    """The outbox, to be emptied by hand."""
    return Outbox(ring, rules)


@pytest.fixture
def even(monkeypatch: pytest.MonkeyPatch) -> None:
    """No jitter: every wait is its mean."""

    class Even(random.Random):
        def uniform(self, a: float, b: float) -> float:
            return (a + b) / 2

        def shuffle(self, x: Any) -> None:
            del x

    monkeypatch.setattr("tidegate.server.enforcement.delivering._CHANCE", Even())


@pytest.fixture
def journal(database: str) -> Callable[..., list[tuple[str, str]]]:
    """Kinds and subjects of the journal's entries, of some kinds alone if they are named."""

    def read(*kinds: str) -> list[tuple[str, str]]:
        from tidegate.server.ledger.models import EntryRow

        rows = EntryRow.objects.order_by("seq").values_list("kind", "subject")
        return [row for row in rows if not kinds or row[0] in kinds]

    return read


@pytest.fixture
def ruled(decided: Callable[..., str], person: Callable[..., Any]) -> Callable[..., tuple[str, str]]:
    """An upload that was held and then decided by a person, in its undo window: ids of upload and decision."""

    def make(verdict: str = "allowed", *, now_s: float) -> tuple[str, str]:
        from tidegate.records import Verdict
        from tidegate.server.casework.deciding import Ruling, decide_case
        from tidegate.server.casework.models import CaseRow
        from tidegate.server.project.places import current_policy

        upload_id = decided("held", now_s=now_s)
        case = CaseRow.objects.get(upload_id=upload_id)
        clause = "" if verdict == "allowed" else current_policy().clauses[0].id
        ruling = Ruling(verdict=Verdict(verdict), clause_id=clause)
        return upload_id, decide_case(case.id, ruling, person_id=person().id, now_s=now_s)

    return make
