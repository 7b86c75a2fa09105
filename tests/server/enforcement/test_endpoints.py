"""Webhooks: which addresses are taken, secrets sealed and shown once, pause and resume, test events, all journalled."""

import ipaddress
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tidegate.errors import (
    EndpointKindsError,
    EndpointPausedError,
    EndpointUnknownError,
    EndpointUrlError,
    SealError,
    SettingError,
)
from tidegate.server.enforcement.targets import SendRules, checked_url, rules_of
from tidegate.server.keys.ring import KeyRing

NOW_S = 1_800_000_000.0
ANYWHERE = SendRules(resolver=lambda host, *, timeout_s: ("93.184.216.34",))


@pytest.mark.parametrize("url", ["https://hooks.example/tidegate?tenant=7", " https://93.184.216.34:8443/ "])
def test_a_public_https_address_is_taken(url: str) -> None:
    assert checked_url(url, ANYWHERE).text == url.strip()


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://hooks.example/", "over https"),
        ("https://10.0.0.1/", "a private network"),
        ("https://127.0.0.1/", "this machine"),
        ("https://[::1]/", "this machine"),
        ("https://[::ffff:10.0.0.1]/", "a private network"),
        ("https://169.254.169.254/latest/", "metadata service"),
        ("https://0x7f.1/", ""),
        ("https://user:word@hooks.example/", ""),
        ("ftp://hooks.example/", ""),
        ("file:///etc/passwd", ""),
        ("https://", ""),
        ("hooks.example", ""),
        ("https://hooks.example/\r\nX: y", ""),
        ("https://hooks.example/" + "a" * 2048, "longer than 2048"),
        ("", ""),
    ],
)
def test_an_address_that_may_not_be_sent_to_is_refused(url: str, why: str) -> None:
    with pytest.raises(EndpointUrlError) as caught:
        checked_url(url, ANYWHERE)
    assert why in caught.value.what
    assert "reference" not in caught.value.what
    assert caught.value.next_step


def test_a_name_that_leads_into_a_private_network_is_refused() -> None:
    inside = SendRules(resolver=lambda host, *, timeout_s: ("10.0.0.7",))
    with pytest.raises(EndpointUrlError, match="a private network"):
        checked_url("https://hooks.example/", inside)
    allowed = replace(inside, networks=(ipaddress.ip_network("10.0.0.0/8"),))
    assert checked_url("http://hooks.example/", allowed).host == "hooks.example"


def test_a_name_that_does_not_resolve_now_is_taken() -> None:
    def resolver(host: str, *, timeout_s: float) -> Sequence[str]:
        raise OSError(host)

    assert checked_url("https://soon.example/", SendRules(resolver=resolver)).host == "soon.example"


def test_metadata_services_are_refused_whatever_network_is_listed() -> None:
    everything = SendRules(networks=(ipaddress.ip_network("0.0.0.0/0"),))
    with pytest.raises(EndpointUrlError, match="metadata service"):
        checked_url("http://169.254.169.254/", everything)


def test_networks_of_the_setting_are_read_or_refused() -> None:
    assert rules_of(("10.0.0.0/8", "fd00::/8")).networks[1] == ipaddress.ip_network("fd00::/8")
    with pytest.raises(SettingError, match=r"10\.0\.0\.1/8"):
        rules_of(("10.0.0.1/8",))


def test_a_secret_is_shown_once_and_sealed_in_the_database(
    endpoint: Callable[..., tuple[str, str]], ring: KeyRing, journal: Any
) -> None:
    from tidegate.server.enforcement.endpoints import secret_purpose
    from tidegate.server.enforcement.models import EndpointRow
    from tidegate.server.ledger.models import EntryRow

    identity, secret = endpoint()
    row = EndpointRow.objects.get(id=identity)
    stored = " ".join(str(value) for value in EndpointRow.objects.values_list()[0])
    assert secret.removeprefix("whsec_") not in stored
    assert ring.unseal(row.secret, secret_purpose(identity)) == secret
    assert journal() == [("endpoint.added", identity)]
    (entry,) = EntryRow.objects.all()
    assert entry.actor == "person:pe_1"
    assert secret[6:] not in entry.body
    assert "http" not in entry.body


def test_every_webhook_has_a_secret_of_its_own_that_opens_nowhere_else(
    endpoint: Callable[..., tuple[str, str]], ring: KeyRing
) -> None:
    from tidegate.server.enforcement.endpoints import secret_purpose
    from tidegate.server.enforcement.models import EndpointRow

    (first, one), (second, other) = endpoint(), endpoint()
    assert one != other
    with pytest.raises(SealError):
        ring.unseal(EndpointRow.objects.get(id=first).secret, secret_purpose(second))


def test_secrets_are_sealed_anew_after_a_rotation(
    endpoint: Callable[..., tuple[str, str]], rules: SendRules, tmp_path: Any
) -> None:
    from tidegate.server.enforcement.endpoints import add_endpoint, reseal_secrets, secret_purpose
    from tidegate.server.enforcement.models import EndpointRow

    ring = KeyRing.open_or_create(tmp_path / "keys")
    row, secret = add_endpoint("http://127.0.0.1/", (), ring=ring, rules=rules, actor="person:pe_1", now_s=NOW_S)
    ring.rotate()
    assert reseal_secrets(ring) == 1
    assert reseal_secrets(ring) == 0
    sealed = EndpointRow.objects.get(id=row.id).secret
    assert ring.sealed_by(sealed) == ring.active_id
    assert ring.unseal(sealed, secret_purpose(row.id)) == secret


def test_kinds_are_kept_in_one_order_and_unknown_ones_refused(
    endpoint: Callable[..., tuple[str, str]], receiver: Any, journal: Any
) -> None:
    from tidegate.server.enforcement.models import EndpointRow

    identity, _ = endpoint("", "decision.undone", "upload.decided", "upload.decided")
    assert EndpointRow.objects.get(id=identity).kinds == "upload.decided decision.undone"
    with pytest.raises(EndpointKindsError, match="praised"):
        endpoint("", "upload.decided", "upload.praised")
    assert len(journal()) == 1


def test_pausing_and_resuming_are_written_down_once_each(
    endpoint: Callable[..., tuple[str, str]], journal: Any
) -> None:
    from tidegate.server.enforcement.endpoints import pause_endpoint, resume_endpoint
    from tidegate.server.enforcement.models import EndpointRow

    identity, _ = endpoint()
    for _ in range(2):
        pause_endpoint(identity, actor="person:pe_1", now_s=NOW_S)
    EndpointRow.objects.filter(id=identity).update(failures_in_a_row=9, blocked_until_s=NOW_S + 500)
    for _ in range(2):
        resume_endpoint(identity, actor="person:pe_1", now_s=NOW_S)
    row = EndpointRow.objects.get(id=identity)
    assert (row.is_active, row.paused_why, row.failures_in_a_row, row.blocked_until_s) == (True, "", 0, 0.0)
    assert journal("endpoint.paused", "endpoint.resumed") == [
        ("endpoint.paused", identity),
        ("endpoint.resumed", identity),
    ]


def test_what_is_asked_of_a_webhook_that_is_not_there_is_refused(database: str) -> None:
    from tidegate.server.enforcement import endpoints

    for call in (endpoints.pause_endpoint, endpoints.resume_endpoint, endpoints.remove_endpoint):
        with pytest.raises(EndpointUnknownError):
            call("wh_none", actor="person:pe_1", now_s=NOW_S)
    with pytest.raises(EndpointUnknownError):
        endpoints.test_event("wh_none", now_s=NOW_S)


def test_a_removed_webhook_leaves_no_secret(endpoint: Callable[..., tuple[str, str]], journal: Any) -> None:
    from tidegate.server.enforcement.endpoints import remove_endpoint
    from tidegate.server.enforcement.models import EndpointRow

    identity, _ = endpoint()
    remove_endpoint(identity, actor="person:pe_1", now_s=NOW_S)
    assert not EndpointRow.objects.exists()
    assert journal()[-1] == ("endpoint.removed", identity)


def test_a_test_event_is_tried_once_at_once_and_signed(
    endpoint: Callable[..., tuple[str, str]], outbox: Any, receiver: Any, status: Any, journal: Any
) -> None:
    from tidegate.client import verify_webhook
    from tidegate.server.enforcement.endpoints import test_event
    from tidegate.server.enforcement.models import DeliveryRow, EndpointRow

    identity, secret = endpoint("", "decision.undone")
    EndpointRow.objects.update(failures_in_a_row=9, blocked_until_s=time.time() + 500)
    receiver.replies.append(status(500))
    first = test_event(identity, now_s=NOW_S)
    assert len(outbox.empty(NOW_S)) == 1
    assert DeliveryRow.objects.get(id=first).state == "dead"
    second = test_event(identity, now_s=NOW_S)
    assert outbox.empty(NOW_S)[0].is_delivered
    assert DeliveryRow.objects.get(id=second).state == "delivered"
    headers, body = receiver.requests[-1]
    event = verify_webhook(body, headers, secret)
    assert (event.kind, event.data) == ("endpoint.test", {"endpoint_id": identity})
    assert journal() == [("endpoint.added", identity)]


def test_a_paused_webhook_is_not_tested(endpoint: Callable[..., tuple[str, str]]) -> None:
    from tidegate.server.enforcement.endpoints import pause_endpoint, test_event

    identity, _ = endpoint()
    pause_endpoint(identity, actor="person:pe_1", now_s=NOW_S)
    with pytest.raises(EndpointPausedError):
        test_event(identity, now_s=NOW_S)
