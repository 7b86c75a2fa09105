"""The key ring of this home: made once, and never again in place of one that was lost."""

from pathlib import Path

from tidegate.errors import KeyRingError
from tidegate.server.keys.ring import KeyRing
from tidegate.server.project.database import SQLITE_NAME
from tidegate.settings import Resolved


def keys_folder(resolved: Resolved) -> Path:
    """Where the master keys lie: the setting, else a folder at home."""
    return resolved.settings.server.keys_path or resolved.settings.home / "keys"


def ring_of(resolved: Resolved) -> KeyRing:
    """Open the key ring; make one only where nothing was kept under another.

    Raises KeyRingError when a home that holds uploads or media has lost its keys, KeyRingExposedError.
    """
    folder, home = keys_folder(resolved), resolved.settings.home
    if not folder.exists() and ((home / SQLITE_NAME).exists() or (home / "blobs").exists()):
        raise KeyRingError(
            "the master keys are gone, and what is kept here cannot be read without them",
            where=str(folder),
            next_step="put the folder back from a backup; to begin anew, use another home",
        )
    return KeyRing.open_or_create(folder)


def check_ring(resolved: Resolved) -> None:
    """The database knows which ring protects what it holds: another one is refused, not used.

    Notes the ring down in a database that is new. Call it when the database is migrated. Raises KeyRingError.
    """
    from tidegate.server.ledger.models import KeyCheckRow

    ring = ring_of(resolved)
    row = KeyCheckRow.objects.filter(id=1).first()
    if row is None:
        KeyCheckRow.objects.get_or_create(id=1, defaults={"sealed": ring.seal("tidegate", "key check")})
        row = KeyCheckRow.objects.get(id=1)
    try:
        ring.unseal(row.sealed, "key check")
    except Exception as error:
        raise KeyRingError(
            "the database belongs to another key ring",
            where=str(keys_folder(resolved)),
            next_step="set server.keys_path to the keys of the server that began this database",
        ) from error
