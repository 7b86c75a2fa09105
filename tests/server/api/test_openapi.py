"""The OpenAPI document: agreed word for word, complete, and in step with routes, access and answers."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tidegate.settings import Resolved

VERBS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def document(django_ready: Resolved) -> dict[str, Any]:
    from tidegate.server.api.document import document_of
    from tidegate.server.api.urls import api

    found: dict[str, Any] = json.loads(json.dumps(document_of(api)))
    return found


def _operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(verb, path, one) for path, verbs in document["paths"].items() for verb, one in verbs.items()]


def test_the_document_is_as_agreed(document: dict[str, Any], golden: Callable[[str, str], None]) -> None:
    golden("api/openapi.json", json.dumps(document, indent=1, sort_keys=True) + "\n")


def test_the_server_hands_it_out_to_anybody(document: dict[str, Any], api_with: Callable[..., Any]) -> None:
    assert api_with().get("/openapi.json").body == document
    assert document["openapi"] == "3.1.0"


def test_it_is_a_valid_document(document: dict[str, Any]) -> None:
    from openapi_spec_validator import validate

    validate(document)


def test_every_operation_says_who_it_refuses_and_how(document: dict[str, Any]) -> None:
    for verb, path, one in _operations(document):
        assert one["summary"], (verb, path)
        assert one["operationId"], (verb, path)
        assert {"401", "403", "503"} <= one["responses"].keys(), (verb, path)
        if "requestBody" in one:
            assert {"400", "413", "422"} <= one["responses"].keys(), (verb, path)
        for status, response in one["responses"].items():
            is_problem = int(status) >= 400
            assert is_problem == ("application/problem+json" in response.get("content", {})), (verb, path, status)
            if status in ("429", "503"):
                assert response["headers"]["Retry-After"]["required"]


def test_operations_have_names_of_their_own(document: dict[str, Any]) -> None:
    names = [one["operationId"] for _, _, one in _operations(document)]
    assert len(names) == len(set(names))


def test_every_route_has_its_rule_of_access_and_its_place_in_the_document(document: dict[str, Any]) -> None:
    from tidegate.server.accounts.access import ACCESS
    from tidegate.server.api.urls import urlpatterns

    paths = {one.name: "/" + str(one.pattern).replace("<", "{").replace(">", "}") for one in urlpatterns}
    ruled = {(method, name) for method, name in ACCESS if name.startswith("api-") and name != "api-openapi"}
    ruled.add(("POST", "texts"))
    paths["texts"] = "/api/v1/texts"
    written = {(verb.upper(), path) for verb, path, _ in _operations(document)}
    assert {(method, paths[name]) for method, name in ruled} == written
    assert paths.keys() == {name for _, name in ruled} | {"api-openapi"}


def test_the_guide_tells_of_every_route(document: dict[str, Any]) -> None:
    guide = (Path(__file__).parents[3] / "docs" / "how-to" / "use-the-api.md").read_text(encoding="utf-8")
    routes = [f"{verb.upper()} {path}" for verb, path, _ in _operations(document)]
    missing = [route for route in routes if f"`{route}`" not in guide]
    assert not missing, f"docs/how-to/use-the-api.md says nothing of {missing}"


def test_evidence_is_what_the_document_says_though_nothing_checks_it_on_its_way(
    document: dict[str, Any], api: Any, decided: Callable[..., str]
) -> None:
    schema = {"$ref": "#/components/schemas/Screening", "components": document["components"]}
    jsonschema.validate(api.get(f"/uploads/{decided('removed')}/evidence").body, schema)


def test_every_problem_is_what_the_document_says(document: dict[str, Any], api: Any) -> None:
    schema = {"$ref": "#/components/schemas/ProblemDocument", "components": document["components"]}
    for path in ("/uploads/up_1", "/uploads?limit=x", "/nowhere"):
        jsonschema.validate(api.get(path).body, schema)


def test_verbs_are_those_of_http(document: dict[str, Any]) -> None:
    assert {verb for verb, _, _ in _operations(document)} <= VERBS
