"""One upload's page: all that is known of it, whoever wrote its words."""

import importlib.util
import json
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tidegate.records import DecidedBy, Sound
from tidegate.screening import Screened

NOW_S = 1_790_000_000.0


@pytest.fixture(scope="module")
def sample() -> Screened:
    """The upload with every kind of evidence that the command line's tests use."""
    path = Path(__file__).parents[2] / "cli" / "conftest.py"
    spec = importlib.util.spec_from_file_location("sample_of_cli", path)
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.screened()  # type: ignore[no-any-return]


@pytest.fixture
def full(sample: Screened, claimed: Callable[..., object], found: Callable[..., object]) -> str:
    """An upload that was screened with everything there is to show; its id."""
    from tidegate.server.history.finishing import finish

    one = claimed(caption=sample.upload.caption, hashtags=sample.upload.hashtags, now_s=NOW_S)
    upload_id: str = one.upload.id  # type: ignore[attr-defined]
    result = replace(
        found(one, "removed", now_s=NOW_S + 2),  # type: ignore[type-var]
        screening=replace(sample.screening, upload_id=upload_id),
        decision=replace(sample.decision, upload_id=upload_id, decided_by=DecidedBy.MACHINE),
    )
    assert finish([result], "screen-test", now_s=NOW_S + 2) == [upload_id]  # type: ignore[list-item]
    return upload_id


class _Tags(HTMLParser):
    """What a browser would make of a page: its tags, and the attributes that run code."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.ids: list[str] = []
        self.sources = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag == "script":
            self.sources += any(name == "src" and (value or "").startswith("/static/") for name, value in attrs)


def _parsed(page: str) -> _Tags:
    parser = _Tags()
    parser.feed(page)
    return parser


def test_the_page_shows_evidence_clauses_words_and_journal(client_as: Callable[..., Client], full: str) -> None:
    page = client_as("policy").get(f"/uploads/{full}").content.decode()
    for text in (
        "Evidence over time",
        "matching.frame",
        "What moved it",
        "Journal",
        "Screened",
        "Decided",
        "lane screen-test",
    ):
        assert text in page, text
    assert 'data-seek="12.000"' in page
    assert "<mark" in page


def test_evidence_leads_to_its_second_and_every_reference_has_its_target(
    client_as: Callable[..., Client], full: str
) -> None:
    parsed = _parsed(client_as("policy").get(f"/uploads/{full}").content.decode())
    targets = {value[1:] for name, value in parsed.attributes if name == "href" and value.startswith("#e")}
    assert targets
    assert targets <= set(parsed.ids)
    assert len(parsed.ids) == len(set(parsed.ids))


def test_no_page_carries_style_or_script_of_its_own(
    client_as: Callable[..., Client], full: str, decided: Callable[..., str]
) -> None:
    client = client_as("admin")
    held = decided("held")
    for address in ("/", "/uploads", "/cases", f"/uploads/{full}", f"/uploads/{held}", "/settings/keys",
                    "/settings/webhooks", "/settings/people", "/nothing"):  # fmt: skip
        response = client.get(address)
        parsed = _parsed(response.content.decode())
        assert "style" not in parsed.tags, address
        assert not [name for name, _ in parsed.attributes if name == "style" or name.startswith(("on", "hx-on"))], (
            address
        )
        assert parsed.tags.count("script") == parsed.sources, address
        assert parsed.tags.count("h1") == 1, address
        assert parsed.tags.count("main") == 1, address
        csp = response["Content-Security-Policy"]
        assert "default-src 'none'" in csp
        assert "unsafe" not in csp


HOSTILE = (
    "<script>alert('x')</script><img src=x onerror=alert(1)> \u202egpj.exe\u202c \x00\x1b[31m {{ user }} {% url %} "
)


def test_words_of_strangers_are_shown_and_do_nothing(
    client_as: Callable[..., Client], claimed: Callable[..., object], found: Callable[..., object]
) -> None:
    from tidegate.server.history.finishing import finish

    one = claimed(
        caption=(HOSTILE + "tide " * 4000)[:20000],
        hashtags=("<b>bold</b>", "\u202eevil"),
        sound=Sound(title="'\"><svg onload=alert(1)>"),
        creator_id="<i>ann</i>\u202e",
        external_id='"><script>1</script>\u202e',
    )
    finish([found(one, "held")], "screen-test", now_s=NOW_S)  # type: ignore[list-item]
    client = client_as("lead")
    for address in (f"/uploads/{one.upload.id}", "/uploads", "/cases"):  # type: ignore[attr-defined]
        page = client.get(address).content.decode()
        parsed = _parsed(page)
        assert parsed.tags.count("img") == 1, address
        assert parsed.tags.count("script") == parsed.sources, address
        assert not [name for name, _ in parsed.attributes if name.startswith("on")], address
        assert "\u202e" not in page.replace("\\u202e", ""), address
        assert "\x1b" not in page
        assert "<b>bold</b>" not in page
        assert "<i>ann</i>" not in page


def test_an_upload_that_waits_has_a_page(client_as: Callable[..., Client], accepted: Callable[..., str]) -> None:
    upload_id = accepted(caption="not yet looked at")
    page = client_as("reviewer").get(f"/uploads/{upload_id}").content.decode()
    assert "Nothing was decided yet" in page
    assert "not yet looked at" in page
    assert "not distributable" in page


def test_an_upload_that_failed_too_often_says_why(
    client_as: Callable[..., Client], claimed: Callable[..., object]
) -> None:
    from tidegate.server.intake.claiming import LeaseRules, fail
    from tidegate.server.intake.record import Failed

    one = claimed()
    failed = Failed(
        upload_id=one.upload.id,  # type: ignore[attr-defined]
        lease_token=one.lease_token,  # type: ignore[attr-defined]
        code="TG-E012",
        why="the process ended",
        is_permanent=True,
    )
    fail([failed], "screen-test", rules=LeaseRules(lease_s=300.0, max_tries=3), now_s=NOW_S)
    page = client_as("reviewer").get(f"/uploads/{one.upload.id}").content.decode()  # type: ignore[attr-defined]
    assert "TG-E012" in page
    assert "Given to a person after failures" in page
    assert "Decide this case" in page


def test_a_reused_decision_shows_the_screening_it_rests_on(
    client_as: Callable[..., Client], full: str, claimed: Callable[..., object], found: Callable[..., object]
) -> None:
    from tidegate.server.history.finishing import finish
    from tidegate.server.intake.models import UploadRow

    one = claimed(now_s=NOW_S + 10)
    first = UploadRow.objects.get(id=full).decision_id
    reused = replace(found(one, "removed"), screening=None, reused_from=first)  # type: ignore[type-var]
    finish([reused], "screen-test", now_s=NOW_S + 11)  # type: ignore[list-item]
    page = client_as("policy").get(f"/uploads/{one.upload.id}").content.decode()  # type: ignore[attr-defined]
    assert "matching.frame" in page
    assert "reused from" in page


def test_a_statement_of_reasons_stands_with_its_restriction(
    client_as: Callable[..., Client], decided: Callable[..., str]
) -> None:
    page = client_as("policy").get(f"/uploads/{decided('removed')}").content.decode()
    assert "Statement of reasons" in page
    assert "decision ground" in page
    assert "Statement of reasons" not in client_as("policy").get(f"/uploads/{decided('allowed')}").content.decode()


def test_deliveries_stand_with_their_last_answer(client_as: Callable[..., Client], decided: Callable[..., str]) -> None:
    from tidegate.server.enforcement.models import DeliveryRow, EndpointRow

    EndpointRow.objects.create(id="wh_1", url="https://hook.example/<b>", secret="", created_at_s=NOW_S, created_by="")
    upload_id = decided("removed")
    DeliveryRow.objects.filter(upload_id=upload_id).update(
        state="dead", tries=9, last_status=503, last_error="TG-W104 <i>busy</i>"
    )
    page = client_as("admin").get(f"/uploads/{upload_id}").content.decode()
    assert "https://hook.example/&lt;b&gt;" in page
    assert "9 tries, answered 503, TG-W104 &lt;i&gt;busy&lt;/i&gt;" in page
    assert "Send again" in page
    assert "Send again" not in client_as("reviewer").get(f"/uploads/{upload_id}").content.decode()


def test_a_page_costs_as_many_reads_however_much_happened(client_as: Callable[..., Client], full: str) -> None:
    from tidegate.server.enforcement.models import DeliveryRow, EndpointRow
    from tidegate.server.ledger.journal import Entry, append

    client = client_as("admin")
    EndpointRow.objects.create(id="wh_1", url="https://hook.example/", secret="", created_at_s=NOW_S, created_by="")
    address = f"/uploads/{full}"

    def deliver(number: int) -> None:
        DeliveryRow.objects.create(
            id=f"dl_{number}", endpoint_id="wh_1", upload_id=full, event_id=f"ev_{number}", kind="upload.decided",
            number=number, body="{}", created_at_s=NOW_S, due_s=0.0, state="delivered",
        )  # fmt: skip
        append([Entry(kind="media.viewed", subject=full, actor=f"person:{client.person.id}")], now_s=NOW_S)  # type: ignore[attr-defined]

    deliver(0)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(1, 9):
        deliver(number)
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few)
    assert len(many) < 30


def test_the_journal_names_people_and_keys(client_as: Callable[..., Client], accepted: Callable[..., str]) -> None:
    from tidegate.server.accounts.keys import create
    from tidegate.server.ledger.models import EntryRow

    key, _ = create("Shop & platform", ["uploads:write"], now_s=NOW_S)
    upload_id = accepted(submitted_by=key.id)
    assert json.loads(EntryRow.objects.get(subject=upload_id, kind="upload.accepted").body)["lane"] == "standard"
    assert "key Shop &amp; platform" in client_as("auditor").get(f"/uploads/{upload_id}").content.decode()
