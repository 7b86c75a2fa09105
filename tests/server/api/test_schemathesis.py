"""Whatever the document allows or forbids, sent to the real server: no 500, no answer that the document lacks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

EXAMPLES = 5
SHORT_WAIT_S = 0.05
SCOPES = ("uploads:write", "uploads:read", "decisions:read", "webhooks:manage", "cases:decide")


@pytest.fixture
def authorization(key_for: Callable[..., str]) -> str:
    return key_for(*SCOPES)


@pytest.fixture
def known(authorization: str, decided: Callable[..., str]) -> dict[str, str]:
    """Ids of things that are there, by the names of path parameters."""
    from tidegate.server.casework.models import CaseRow
    from tidegate.server.enforcement.models import DeliveryRow, EndpointRow
    from tidegate.server.history.models import DecisionRow
    from tidegate.server.ids import new_id

    webhook_id = new_id("wh")
    EndpointRow.objects.create(id=webhook_id, url="https://example.org/", secret="", created_at_s=1.0, created_by="pe")
    held, removed = decided("held"), decided("removed")
    return {
        "upload_id": removed,
        "case_id": CaseRow.objects.get(upload_id=held).id,
        "decision_id": DecisionRow.objects.get(upload_id=removed).id,
        "webhook_id": webhook_id,
        "delivery_id": DeliveryRow.objects.get(upload_id=removed).id,
    }


def no_unforeseen_error(ctx: Any, response: Any, case: Any) -> None:
    """503 says not now, which the document tells of; 500 says that nobody thought of it."""
    assert response.status_code != 500, response.text


def refused_for_its_meaning_only(ctx: Any, response: Any, case: Any) -> None:
    """What the document allows in form is refused for its meaning alone: a cursor nobody gave out, an unknown lane."""
    is_allowed = case.meta is None or case.meta.generation.mode is GenerationMode.POSITIVE
    if is_allowed and response.status_code == 422:
        assert response.json()["code"] != "TG-H301", response.text


schemathesis.serializer.alias("video/mp4", "application/octet-stream")
schema = schemathesis.openapi.from_path(Path(__file__).parents[2] / "golden" / "api" / "openapi.json")


@schema.exclude(operation_id="streamDecisions").parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_request_finds_what_the_document_does_not_tell(
    case: Any, server: str, authorization: str, known: dict[str, str]
) -> None:
    def send(*left_out: Any) -> None:
        case.call_and_validate(
            base_url=server,
            headers={"Authorization": authorization},
            additional_checks=[no_unforeseen_error, refused_for_its_meaning_only],
            excluded_checks=[not_a_server_error, positive_data_acceptance, *left_out],
        )

    if isinstance(wait := (case.query or {}).get("wait"), int | float) and wait > SHORT_WAIT_S:
        case.query["wait"] = SHORT_WAIT_S
    # Each entry of a batch is refused by itself, in an answer that is a 200.
    send(*((negative_data_rejection,) if case.operation.definition.raw["operationId"] == "submitBatch" else ()))
    if named := {name: value for name, value in known.items() if name in (case.path_parameters or {})}:
        case.path_parameters = {**case.path_parameters, **named}
        send(negative_data_rejection)
