"""Puts everything that is sealed under the active master key, object by object, while the server runs."""

from collections.abc import Callable
from dataclasses import dataclass

from tidegate.server.blobs.store import BlobStore
from tidegate.server.keys.ring import KeyRing


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """What was put under the active key, and the objects that could not be: those still need the old key."""

    object_count: int
    secret_count: int
    failed: tuple[str, ...]


def rewrap_all(ring: KeyRing, blobs: BlobStore, *, progress: Callable[[float], None] = lambda _: None) -> Rotated:
    """Rewrap every object and every secret of the database. Stopped half way, it is run again. Raises BlobStoreError.

    Only headers are written: media stay as they are. `progress` hears the share done, in [0, 1].
    """
    changed = 0
    failed: list[str] = []
    for step in blobs.rotate_all():
        changed += step.is_changed
        if step.error is not None:
            failed.append(f"{step.sha256}: {step.error}")
        progress(step.share_done)
    return Rotated(object_count=changed, secret_count=_reseal(ring), failed=tuple(failed))


def is_key_used(key_id: str, ring: KeyRing, blobs: BlobStore) -> bool:
    """Whether an object or a secret is still under this key."""
    from tidegate.server.accounts.second_factor import sealed_under
    from tidegate.server.enforcement.models import EndpointRow
    from tidegate.server.ledger.models import KeyCheckRow

    if sealed_under(key_id, ring):
        return True
    sealed = [*EndpointRow.objects.values_list("secret", flat=True)]
    sealed += [*KeyCheckRow.objects.values_list("sealed", flat=True)]
    return any(ring.sealed_by(one) == key_id for one in sealed) or blobs.is_key_used(key_id)


def _reseal(ring: KeyRing) -> int:
    from tidegate.server.accounts.second_factor import seal_anew
    from tidegate.server.enforcement.endpoints import reseal_secrets
    from tidegate.server.ledger.models import KeyCheckRow

    count = reseal_secrets(ring) + seal_anew(ring)
    for row in KeyCheckRow.objects.all():
        if ring.sealed_by(row.sealed) != ring.active_id:
            row.sealed = ring.seal(ring.unseal(row.sealed, "key check"), "key check")
            row.save(update_fields=["sealed"])
            count += 1
    return count
