"""Many at once: workers, platforms and people in threads with connections of their own, on real databases."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from tidegate.errors import CaseClosedError, UndoTooLateError
from tidegate.records import Verdict
from tidegate.server.intake.record import Accepted, Claimed, Failed, Finished, NewUpload

InThreads = Callable[[Callable[[int], None], int], None]
NOW_S = 1_800_000_000.0
THREADS = 8


def _rules(lease_s: float = 300.0) -> Any:
    from tidegate.server.intake.claiming import LeaseRules

    return LeaseRules(lease_s=lease_s, max_tries=3)


def _claim(most: int, who: str, *, now_s: float = NOW_S, lease_s: float = 300.0) -> list[Claimed]:
    from tidegate.server.intake.claiming import claim
    from tidegate.server.intake.models import Stage

    return claim(Stage.SCREEN, most, who, rules=_rules(lease_s), now_s=now_s)


def _accept(batch: list[NewUpload]) -> list[Accepted]:
    from tidegate.server.intake.accepting import accept

    return accept(batch, now_s=NOW_S)


def _finish(results: list[Finished], who: str) -> list[str]:
    from tidegate.server.history.finishing import finish

    return finish(results, who, now_s=NOW_S)


def _findings() -> tuple[Any, ...]:
    from tidegate.server.ledger.verify import verify

    return verify().findings


def _decisions_of_each() -> Counter[str]:
    from tidegate.server.history.models import DecisionRow

    return Counter(DecisionRow.objects.values_list("upload_id", flat=True))


def test_each_of_300_uploads_is_decided_once_by_eight_workers(
    both_databases: str,
    new_upload: Callable[..., NewUpload],
    found: Callable[..., Finished],
    in_threads: InThreads,
) -> None:
    ids = [answer.upload_id for answer in _accept([new_upload() for _ in range(300)])]
    claims: list[str] = []
    lock = threading.Lock()

    def work(number: int) -> None:
        who = f"screen-{number}"
        while some := _claim(3, who):
            with lock:
                claims.extend(one.upload.id for one in some)
            results = [found(one, ("allowed", "removed", "held")[index % 3]) for index, one in enumerate(some)]
            assert _finish(results[::-1], who) == sorted(one.upload_id for one in results)

    in_threads(work, THREADS)
    # Nobody waits for a row that another one holds: a worker may see nothing due while others hold the last of them.
    work(99)
    assert sorted(claims) == sorted(ids)
    assert _decisions_of_each() == Counter(ids)
    assert _findings() == ()


def test_a_worker_passes_over_what_another_one_is_just_claiming(
    postgres_database: str, new_upload: Callable[..., NewUpload], in_threads: InThreads
) -> None:
    from django.db import connection, transaction

    ids = [answer.upload_id for answer in _accept([new_upload(target_s=float(number)) for number in range(4)])]
    seen: list[str] = []

    def other(_: int) -> None:
        seen.extend(one.upload.id for one in _claim(2, "screen-other"))

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM upload WHERE id IN (%s, %s) FOR UPDATE", ids[:2])
        in_threads(other, 1)
    assert seen == ids[2:]


def test_of_eight_who_finish_the_same_lease_one_does(
    both_databases: str,
    claimed: Callable[..., Claimed],
    found: Callable[..., Finished],
    in_threads: InThreads,
) -> None:
    results = [found(claimed(now_s=NOW_S), "allowed") for _ in range(10)]
    done: list[str] = []

    def work(number: int) -> None:
        order = results if number % 2 else results[::-1]
        done.extend(_finish(order, f"screen-{number}"))

    in_threads(work, THREADS)
    assert sorted(done) == sorted(one.upload_id for one in results)
    assert set(_decisions_of_each().values()) == {1}
    assert _findings() == ()


def test_who_fails_and_who_finishes_the_same_lease_do_not_both(
    both_databases: str,
    claimed: Callable[..., Claimed],
    found: Callable[..., Finished],
    in_threads: InThreads,
) -> None:
    from tidegate.server.intake.claiming import fail
    from tidegate.server.intake.models import UploadRow

    leases = [claimed(now_s=NOW_S) for _ in range(20)]
    outcomes: list[tuple[str, int]] = []

    def work(number: int) -> None:
        for one in leases:
            if number % 2:
                count = len(_finish([found(one)], "screen-test"))
                outcomes.append((one.upload.id, count))
            else:
                failed = Failed(upload_id=one.upload.id, lease_token=one.lease_token, code="TG-X", why="")
                outcomes.append((one.upload.id, fail([failed], "screen-test", rules=_rules(), now_s=NOW_S)))

    in_threads(work, 4)
    assert {sum(count for upload_id, count in outcomes if upload_id == one.upload.id) for one in leases} == {1}
    assert set(UploadRow.objects.values_list("state", flat=True)) <= {"held", "decided"}
    assert _findings() == ()


def test_the_same_keys_from_eight_sides_make_each_upload_once(
    both_databases: str, new_upload: Callable[..., NewUpload], in_threads: InThreads
) -> None:
    from tidegate.server.intake.models import UploadRow

    answers: list[list[Accepted]] = []
    together = threading.Barrier(4)

    def work(number: int) -> None:
        for part in range(3):
            keys = [f"k:{part}:{key:03}" for key in range(150)]
            order = keys if number % 2 else keys[::-1]
            batch = [new_upload(idempotency_key=key, request_sha256=key.encode().hex()) for key in order]
            together.wait(20)
            answers.append(_accept(batch))

    in_threads(work, 4)
    told = [answer for some in answers for answer in some]
    assert UploadRow.objects.count() == 450
    assert sum(answer.is_new for answer in told) == 450
    assert len({answer.upload_id for answer in told}) == 450
    assert _findings() == ()


def test_of_eight_who_decide_the_same_case_one_does(
    both_databases: str, decided: Callable[..., str], in_threads: InThreads
) -> None:
    from tidegate.server.casework.deciding import Ruling, decide_case
    from tidegate.server.casework.models import CaseRow

    upload_id = decided("held", now_s=NOW_S)
    case_id = CaseRow.objects.get().id
    won: list[str] = []

    def work(number: int) -> None:
        try:
            won.append(decide_case(case_id, Ruling(verdict=Verdict.ALLOWED), person_id=f"pe_{number}", now_s=NOW_S))
        except CaseClosedError:
            return

    in_threads(work, THREADS)
    assert len(won) == 1
    assert _decisions_of_each()[upload_id] == 2
    assert _findings() == ()


def test_of_eight_who_undo_or_reverse_the_same_decision_one_does(
    both_databases: str, decided: Callable[..., str], in_threads: InThreads
) -> None:
    from tidegate.server.casework.deciding import Ruling, decide_case, reverse, undo
    from tidegate.server.casework.models import CaseRow

    decided("held", now_s=NOW_S)
    case_id = CaseRow.objects.get().id
    decision_id = decide_case(case_id, Ruling(verdict=Verdict.ALLOWED), person_id="pe_1", now_s=NOW_S)
    done: list[int] = []

    def work(number: int) -> None:
        try:
            if number % 2:
                undo(decision_id, person_id=f"pe_{number}", now_s=NOW_S + 1)
            else:
                reverse(decision_id, person_id=f"pe_{number}", why="a mistake", now_s=NOW_S + 1)
        except UndoTooLateError:
            return
        done.append(number)

    in_threads(work, THREADS)
    assert len(done) == 1
    assert CaseRow.objects.filter(closed_at_s=None).count() == 1
    assert _findings() == ()


def test_everybody_at_once_comes_to_an_end_and_the_journal_holds(
    both_databases: str,
    new_upload: Callable[..., NewUpload],
    found: Callable[..., Finished],
    in_threads: InThreads,
) -> None:
    """Platforms send, workers screen, people rule and undo, a webhook lane tells: none waits for ever."""
    from tidegate.server.enforcement.models import EndpointRow
    from tidegate.server.intake.models import UploadRow

    for name in ("we_1", "we_2"):
        EndpointRow.objects.create(id=name, url="https://p.example.org", secret="", created_at_s=NOW_S)
    may_stop = threading.Event()
    until_s = time.monotonic() + 60.0

    def work(number: int) -> None:
        if number < 2:
            for _ in range(15):
                _accept([new_upload() for _ in range(4)])
            return
        part = (_screen, _screen, _rule, _tell)[number % 4]
        while not may_stop.is_set() and time.monotonic() < until_s:
            is_idle = not part(found)
            if is_idle and number == 2 and UploadRow.objects.count() == 120:
                may_stop.set()

    in_threads(work, THREADS)
    while _screen(found):
        continue
    assert UploadRow.objects.exclude(stage="").count() == 0
    assert UploadRow.objects.count() == 120
    assert _findings() == ()


def _screen(found: Callable[..., Finished]) -> int:
    some = _claim(4, "screen-test")
    return len(_finish([found(one, "held" if index % 2 else "allowed") for index, one in enumerate(some)], "screen"))


def _rule(_: Callable[..., Finished]) -> int:
    from tidegate.server.casework.deciding import Ruling, decide_case, undo
    from tidegate.server.casework.models import CaseRow

    ids = list(CaseRow.objects.filter(closed_at_s=None).order_by("id").values_list("id", flat=True)[:5])
    for number, case_id in enumerate(ids):
        try:
            decision_id = decide_case(case_id, Ruling(verdict=Verdict.ALLOWED), person_id="pe_1", now_s=NOW_S)
            if number % 2:
                undo(decision_id, person_id="pe_1", now_s=NOW_S + 1)
        except (CaseClosedError, UndoTooLateError):
            continue
    return len(ids)


def _tell(_: Callable[..., Finished]) -> int:
    from tidegate.server.enforcement.delivering import Sent, claim_deliveries, finish_deliveries
    from tidegate.server.enforcement.sending import Answer

    some = claim_deliveries(8, {}, most_each=4, now_s=NOW_S + 100)
    sent = [Sent(delivery=one, answer=Answer(status=200)) for one in some]
    return finish_deliveries(sent[::-1], "outbox-test", now_s=NOW_S + 100)
