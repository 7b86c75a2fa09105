"""Reads a C2PA manifest with the c2pa library, offline. For processes that may be lost: see media.pool.

The library is native code that parses what a stranger wrote. The parent never loads it; a decode process does, when
a file has a manifest.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tidegate.media.limits import MediaLimits
from tidegate.media.marks import MOST_TEXT_CHARS, ManifestReport, ManifestStatus, cleaned, cleaned_all
from tidegate.media.source import open_source

MOST_JSON_CHARS = 32 * 1024**2
MOST_MANIFESTS = 64
"""Manifests of one store that are looked at: its own and those of its ingredients."""

MANIFEST_CPU_S = 10.0
"""CPU seconds that reading one manifest may take; hashing a file takes one a gigabyte."""

MANIFEST_WALL_S = 20.0

_SETTINGS: Mapping[str, Any] = {
    "verify": {
        "remote_manifest_fetch": False,
        "ocsp_fetch": False,
        "verify_trust": False,
        "verify_timestamp_trust": False,
        "verify_after_reading": True,
    },
    "core": {
        "allow_redirects": False,
        "allowed_network_hosts": [],
        "decode_identity_assertions": False,
        "max_decompressed_manifest_size_in_mb": 32,
    },
}
"""Settings of c2pa-rs 0.91 that keep it off the network and bounded; the rest is its default."""

_MEDIA_TYPES = {
    **{"mp4": "video/mp4", "mov": "video/quicktime", "jpeg": "image/jpeg", "png": "image/png", "apng": "image/png"},
    **{"webp": "image/webp", "wav": "audio/wav"},
}


def read_manifest(
    path: str | os.PathLike[str], container: str, found: ManifestReport, limits: MediaLimits, *, trust_anchors: str = ""
) -> ManifestReport:
    """`found`, completed with what the manifest of the file says and whether its hashes and signature hold.

    `trust_anchors` is a list of certificates in PEM; without it no signer is trusted. Time stamps and revocation are
    taken as the manifest tells them: nothing is fetched. Without the c2pa package the report is `UNAVAILABLE`; a
    manifest that cannot be taken apart is `INVALID` with the problem `manifest.malformed`. Raises what `open_source`
    raises; MemoryError passes. Cost: 60 ms once for loading, then 4 ms and 1.2 s a gigabyte of file.
    """
    try:
        import c2pa
    except (ImportError, OSError):
        return replace(found, status=ManifestStatus.UNAVAILABLE, detail="the package c2pa-python is not installed")
    with open_source(path, limits) as source, os.fdopen(os.dup(source.fd), "rb") as file:
        file.seek(0)
        try:
            context = c2pa.Context(c2pa.Settings.from_dict(_settings(trust_anchors)))
            with c2pa.Reader(_MEDIA_TYPES.get(container), file, context=context) as reader:
                text = reader.json()
        except c2pa.C2paError as error:
            return _malformed(found, str(error))
    if len(text) > MOST_JSON_CHARS:
        detail = f"{len(text)} characters of manifest, at most {MOST_JSON_CHARS} are read"
        return replace(found, status=ManifestStatus.TOO_LARGE, detail=detail)
    try:
        return report_of(json.loads(text), found)
    except (ValueError, RecursionError):
        return _malformed(found, "the library's answer is not JSON")


def _settings(trust_anchors: str) -> dict[str, Any]:
    if not trust_anchors:
        return dict(_SETTINGS)
    trusted = {**_SETTINGS["verify"], "verify_trust": True}
    return {**_SETTINGS, "verify": trusted, "trust": {"trust_anchors": trust_anchors}}


def _malformed(found: ManifestReport, why: str) -> ManifestReport:
    return replace(
        found, status=ManifestStatus.INVALID, problems=("manifest.malformed",), detail=cleaned(why, MOST_TEXT_CHARS)
    )


def report_of(store: object, found: ManifestReport) -> ManifestReport:
    """The report of a manifest store as c2pa-rs prints it. Anything unexpected is left out; pure."""
    whole = _mapping(store)
    manifests = _mapping(whole.get("manifests"))
    active_label = str(whole.get("active_manifest"))
    active = _mapping(manifests.get(active_label))
    if not active:
        return _malformed(found, "there is no active manifest")
    others = [_mapping(one) for label, one in list(manifests.items())[:MOST_MANIFESTS] if label != active_label]
    state = whole.get("validation_state")
    actions = list(_actions(active))
    signature = _mapping(active.get("signature_info"))
    return replace(
        found,
        status=ManifestStatus.VALID if state in ("Valid", "Trusted") else ManifestStatus.INVALID,
        is_trusted=state == "Trusted",
        generator=_generator(active),
        signer=_joined(signature.get("common_name"), signature.get("issuer")),
        signed_at=cleaned(signature.get("time") or ""),
        actions=cleaned_all([action.get("action") for action in actions]),
        agents=cleaned_all([_agent(action.get("softwareAgent")) for action in actions]),
        source_types=_source_types(active, actions),
        ingredient_source_types=cleaned_all(
            [kind for one in others for kind in _source_types(one, list(_actions(one)))]
        ),
        ingredient_count=len(_list(active.get("ingredients"))),
        problems=cleaned_all(list(_problems(whole))),
    )


def _actions(manifest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for assertion in _list(manifest.get("assertions"))[:256]:
        if str(_mapping(assertion).get("label")).startswith("c2pa.actions"):
            data = _mapping(_mapping(assertion).get("data"))
            yield from (_mapping(action) for action in _list(data.get("actions"))[:256])


def _source_types(manifest: Mapping[str, Any], actions: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The last part of every digital source type of the actions and of the ingredients that came without a manifest."""
    named = [action.get("digitalSourceType") for action in actions]
    named += [_mapping(one).get("digital_source_type") for one in _list(manifest.get("ingredients"))[:256]]
    return cleaned_all([str(one).rstrip("/").rpartition("/")[2] for one in named if isinstance(one, str)])


def _generator(manifest: Mapping[str, Any]) -> str:
    info = _mapping(next(iter(_list(manifest.get("claim_generator_info"))), None))
    return _joined(info.get("name"), info.get("version"), " ") or cleaned(manifest.get("claim_generator") or "")


def _agent(agent: object) -> str:
    """A software agent: a text in claims of version 1, a name and version in those of version 2."""
    if isinstance(agent, str):
        return cleaned(agent)
    return _joined(_mapping(agent).get("name"), _mapping(agent).get("version"), " ")


def _problems(store: Mapping[str, Any]) -> Iterator[object]:
    results = _mapping(store.get("validation_results"))
    deltas = [_mapping(one).get("validationDeltas") for one in _list(results.get("ingredientDeltas"))[:MOST_MANIFESTS]]
    for codes in (results.get("activeManifest"), *deltas):
        yield from (_mapping(one).get("code") for one in _list(_mapping(codes).get("failure"))[:256])


def _joined(first: object, second: object, separator: str = ", ") -> str:
    return cleaned(separator.join(text for text in (first, second) if isinstance(text, str) and text))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
