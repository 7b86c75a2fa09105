"""The outbox lane against a plain loop of httpx posts: signed events a second, to the same receiver, in turns.

The lane claims, signs, connects anew, posts, writes each delivery down and moves its upload on to acted, durably; the
loop signs and posts over one kept connection and remembers nothing.

python benchmarks/outbox.py
"""

import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
from standardwebhooks import Webhook

from measure import arguments, table
from tidegate.records import Action, Context, DecidedBy, Decision, Upload, Verdict
from tidegate.settings import resolve

RECEIVER = """
import asyncio
async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\\r\\n\\r\\n")
            lines = head.lower().split(b"\\r\\n")
            length = next((int(one[15:]) for one in lines if one.startswith(b"content-length:")), 0)
            await reader.readexactly(length)
            writer.write(b"HTTP/1.1 204 No Content\\r\\n\\r\\n")
            await writer.drain()
            if b"connection: close" in lines:
                break
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


def decided(count: int) -> None:
    """Uploads accepted and allowed by a machine, their events in the outbox; all by the server's own operations."""
    from tidegate.server.history.finishing import finish
    from tidegate.server.ids import new_id
    from tidegate.server.intake.accepting import accept
    from tidegate.server.intake.claiming import LeaseRules, claim
    from tidegate.server.intake.models import Stage
    from tidegate.server.intake.record import Finished, NewUpload

    new = [
        NewUpload(
            upload=Upload(id=new_id("up"), caption="low tide"),
            context=Context(),
            submitted_by="ak_benchmark",
            idempotency_key=new_id("k"),
            request_sha256="0" * 64,
            external_id=f"v{number}",
            lane="standard",
            target_s=60.0,
        )
        for number in range(count)
    ]
    accept(new, now_s=time.time())
    rules = LeaseRules(lease_s=300.0, max_tries=3)
    while batch := claim(Stage.SCREEN, 200, "benchmark", rules=rules, now_s=time.time()):
        results = [
            Finished(
                upload_id=one.upload.id, lease_token=one.lease_token, decision=allowed(one.upload.id), screening=None
            )
            for one in batch
        ]
        finish(results, "benchmark", now_s=time.time())


def allowed(upload_id: str) -> Decision:
    """A machine's decision that nothing was found."""
    return Decision(
        upload_id=upload_id,
        policy_id="community",
        policy_version="1",
        policy_digest="0" * 64,
        verdict=Verdict.ALLOWED,
        actions=(Action.ALLOW,),
        leading_clause_id="",
        clauses=(),
        decided_by=DecidedBy.MACHINE,
        decided_at_s=time.time(),
        seed=0,
        reason="no clause is reached, and no blindness asks for a person",
    )


def by_lane(home: Path, count: int) -> float:
    """Deliveries a second of the lane, stepped as its process steps it."""
    from tidegate.server.intake.models import UploadRow
    from tidegate.server.lanes.config import read, written
    from tidegate.server.lanes.outbox import OutboxLane

    decided(count)
    lane = OutboxLane(read(written(resolve([f"home={home}", "server.webhook_networks=127.0.0.0/8"], environ={}))))
    lane.open()
    start_s, told = time.perf_counter(), 0
    while told < count:
        told += lane.step(1.0)
    took_s = time.perf_counter() - start_s
    lane.close()
    if UploadRow.objects.exclude(state="acted").exists():
        raise SystemExit("not every upload was acted on")
    return count / took_s


def by_loop(url: str, secret: str, count: int) -> float:
    """Posts a second of a plain loop."""
    body = '{"type":"upload.decided","timestamp":"2026-01-02T03:04:05Z","data":{"upload_id":"' + "x" * 500 + '"}}'
    with httpx.Client() as client:
        start_s = time.perf_counter()
        for number in range(count):
            moment = datetime.fromtimestamp(int(time.time()), UTC)
            headers = {
                "content-type": "application/json",
                "webhook-id": f"ev_{number}",
                "webhook-timestamp": str(int(moment.timestamp())),
                "webhook-signature": Webhook(secret).sign(f"ev_{number}", moment, body),
            }
            client.post(url, content=body, headers=headers).raise_for_status()
        return count / (time.perf_counter() - start_s)


def main() -> None:
    given = arguments(__doc__ or "", events=(int, 1000, "events a run"), tries=(int, 3, "runs, in turns"))
    from tidegate.server.project.setup import migrate, prepare

    given.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=given.folder) as made:
        home = Path(made)
        prepare(resolve([f"home={home}"], environ={}))
        migrate()
        with subprocess.Popen([sys.executable, "-c", RECEIVER], stdout=subprocess.PIPE, text=True) as receiver:
            port = int(receiver.stdout.readline()) if receiver.stdout else 0
            url = f"http://127.0.0.1:{port}/events"
            secret = add(url)
            lane, loop = 0.0, 0.0
            for _ in range(given.tries):
                lane, loop = max(lane, by_lane(home, given.events)), max(loop, by_loop(url, secret, given.events))
            receiver.terminate()
    rows = [("outbox lane", lane, lane / loop), ("plain loop", loop, 1.0)]
    table(f"{given.events} events, one webhook, SQLite", ("what", "events/s", "x plain"), rows)


def add(url: str) -> str:
    """One webhook; its secret."""
    import ipaddress

    from tidegate.server.enforcement.endpoints import add_endpoint
    from tidegate.server.enforcement.targets import SendRules
    from tidegate.server.project.places import key_ring

    rules = SendRules(networks=(ipaddress.ip_network("127.0.0.0/8"),))
    return add_endpoint(url, (), ring=key_ring(), rules=rules, actor="person:pe_1", now_s=time.time())[1]


if __name__ == "__main__":
    main()
