"""An exact copy under the same policy and detectors reuses the decision that stands."""

from dataclasses import replace
from typing import TYPE_CHECKING

from tidegate.records import to_json
from tidegate.server.history.basis import basis
from tidegate.server.history.finishing import same_before
from tidegate.server.intake.record import Claimed, Finished
from tidegate.server.ledger.journal import canonical, digest

if TYPE_CHECKING:
    from tidegate.screening import Screener


def screening_key(one: Claimed, screener: "Screener") -> str:
    """SHA-256 over all that a decision depends on: bytes, words, facts, context, policy, detectors and their `basis`.

    The names of creator and upload do not change what is found, so a copy by somebody else has the same key.
    """
    upload = to_json(replace(one.upload, id="-", creator_id=""))
    context = to_json(replace(one.context, as_of_s=0.0))
    detectors = [detector.id for detector in screener.detectors]
    parts = [one.media_sha256, upload, context, screener.policy.digest, detectors, basis()]
    return digest(canonical(parts))


def reused(one: Claimed, screener: "Screener", *, now_s: float) -> Finished | None:
    """The finished result taken over from an exact copy, `None` where there is none."""
    key = screening_key(one, screener)
    found = same_before(key, now_s=now_s)
    if found is None:
        return None
    decision_id, decision = found
    return Finished(
        upload_id=one.upload.id,
        lease_token=one.lease_token,
        decision=replace(decision, upload_id=one.upload.id, decided_at_s=now_s),
        screening_key=key,
        reused_from=decision_id,
    )
