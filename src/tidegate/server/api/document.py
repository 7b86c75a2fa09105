"""The OpenAPI 3.1 document: what django-ninja writes of its operations, and the routes answered outside of it."""

import functools
import json
from collections.abc import Mapping
from typing import Any

from ninja import NinjaAPI
from ninja.schema import NinjaGenerateJsonSchema
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from tidegate.server.api.explaining import Json
from tidegate.server.api.refusals import refusal
from tidegate.server.api.rows import PREFIX
from tidegate.server.api.shapes.base import ProblemDocument
from tidegate.server.api.shapes.decisions import Precheck
from tidegate.server.api.shapes.texts import Texts, TextsScored
from tidegate.server.api.shapes.uploads import UploadAnswered, UploadFields, UploadReference, UploadTaken

SECURITY: list[Json] = [{"ApiKey": []}, {"Session": []}]
SCHEMES = {
    "ApiKey": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "tg_...",
        "description": "An API key with the scope that the operation needs; keys are made under settings.",
    },
    "Session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "sessionid",
        "description": "Somebody who signed in. What changes anything needs the token of the cookie `csrftoken` too, "
        "in the header `X-CSRFToken`.",
    },
}
_KEYS_ALONE: list[Json] = [{"ApiKey": []}]
_KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 200},
    "description": "the same key again is the same upload, never a second one; without a key, the same content is",
}
_METADATA_HEADER = {
    "name": "X-Tidegate-Metadata",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "with a raw body: `UploadFields` as JSON, or as the base64url form of it",
}
_WAIT = {
    "name": "wait",
    "in": "query",
    "required": False,
    "schema": {"type": "number", "minimum": 0, "default": 0},
    "description": "seconds to hold the answer until the upload was screened; the server has an upper bound",
}
_REFUSED = (400, 401, 403, 408, 413, 415, 422, 429, 503)


@functools.cache
def document_of(api: NinjaAPI) -> Json:
    """The whole document. Made once a process: the operations do not change."""
    document: Json = dict(api.get_openapi_schema(path_prefix=f"{PREFIX}/"))
    components = document["components"]
    components["schemas"] = dict(sorted((components["schemas"] | _more_shapes()).items()))
    components["schemas"]["Batch"]["properties"]["uploads"]["items"] = {"$ref": "#/components/schemas/UploadReference"}
    components["securitySchemes"] = SCHEMES
    document.pop("servers", None)
    document["security"] = SECURITY
    paths = document["paths"]
    paths.setdefault(f"{PREFIX}/uploads", {})["post"] = _submit()
    paths[f"{PREFIX}/precheck"] = {"post": _precheck()}
    paths[f"{PREFIX}/texts"] = {"post": _texts()}
    document["paths"] = dict(sorted(paths.items()))
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"] = {str(key): value for key, value in sorted(operation["responses"].items())}
    _prune(document)
    return document


def _prune(document: Json) -> None:
    """Leave out shapes that nothing names: those of query parameters, which stand in the operations one by one."""
    schemas = document["components"]["schemas"]
    while unnamed := [name for name in schemas if f'"#/components/schemas/{name}"' not in json.dumps(document)]:
        for name in unnamed:
            del schemas[name]


def _more_shapes() -> Mapping[str, Any]:
    """The shapes that no operation of ninja's names."""
    sent: list[type[BaseModel]] = [UploadFields, UploadReference, Texts]
    told: list[type[BaseModel]] = [UploadAnswered, UploadTaken, ProblemDocument, Precheck, TextsScored]
    _, definitions = models_json_schema(
        [*((one, "validation") for one in sent), *((one, "serialization") for one in told)],
        ref_template="#/components/schemas/{model}",
        schema_generator=NinjaGenerateJsonSchema,
    )
    return dict(definitions["$defs"])


def _bodies() -> Json:
    """The three forms in which a video is sent."""
    video = {"type": "string", "contentMediaType": "application/octet-stream", "description": "the bytes of the video"}
    form = {
        "type": "object",
        "properties": {"metadata": {"$ref": "#/components/schemas/UploadFields"}, "video": video},
        "required": ["video"],
    }
    return {
        "required": True,
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/UploadReference"}},
            "multipart/form-data": {
                "schema": form,
                "encoding": {
                    "metadata": {"contentType": "application/json"},
                    "video": {"contentType": "application/octet-stream"},
                },
            },
            "video/mp4": {"schema": {"contentMediaType": "video/mp4"}},
            "application/octet-stream": {"schema": {"contentMediaType": "application/octet-stream"}},
        },
    }


def _answer(description: str, shape: str, **more: Any) -> Json:  # noqa: ANN401 - any JSON value
    schema = {"$ref": f"#/components/schemas/{shape}"}
    return {"description": description, "content": {"application/json": {"schema": schema}}, **more}


def _submit() -> Json:
    located = {"Location": {"description": "where its state is told", "schema": {"type": "string"}}}
    return {
        "operationId": "submitUpload",
        "summary": "Submit an upload",
        "description": "By reference (JSON), as a form with the parts `metadata` and `video`, or as the bytes of the "
        "video alone. When this answers, the upload is durable and held; nothing releases it but a decision.",
        "tags": ["uploads"],
        "security": _KEYS_ALONE,
        "parameters": [_KEY_HEADER, _METADATA_HEADER, _WAIT],
        "requestBody": _bodies(),
        "responses": {
            200: _answer(
                "It was decided, or is with a person; or it was here already.", "UploadAnswered", headers=located
            ),
            202: _answer("It is held; ask `status_url` later.", "UploadTaken", headers=located),
            409: refusal(409),
            **{status: refusal(status) for status in _REFUSED},
        },
    }


def _texts() -> Json:
    text = {"$ref": "#/components/schemas/Text"}
    schema = {"anyOf": [{"$ref": "#/components/schemas/Texts"}, text]}
    refused = (400, 401, 403, 413, 422, 429, 503)
    return {
        "operationId": "scoreTexts",
        "summary": "Score comments, bios, titles and messages",
        "description": "One result for each text, in their order; nothing of them is kept. One text may come alone.",
        "tags": ["texts"],
        "security": _KEYS_ALONE,
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {
            200: _answer("What is said of each.", "TextsScored"),
            **{status: refusal(status) for status in refused},
        },
    }


def _precheck() -> Json:
    return {
        "operationId": "precheck",
        "summary": "What would be decided, before anything is posted",
        "description": "The same bodies as an upload. Nothing of it is kept: no upload, no journal entry, no media. "
        "The answer is no promise.",
        "tags": ["precheck"],
        "security": _KEYS_ALONE,
        "parameters": [_METADATA_HEADER],
        "requestBody": _bodies(),
        "responses": {
            200: _answer("What would be decided.", "Precheck"),
            **{status: refusal(status) for status in _REFUSED},
        },
    }
