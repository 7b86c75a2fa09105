"""What every part of the server shares in one process: key ring, blob store, the policy in force."""

import functools
from pathlib import Path

from tidegate.assembly import load_policy
from tidegate.records import Clause, Policy
from tidegate.server.blobs.store import BlobStore
from tidegate.server.keys.ring import KeyRing
from tidegate.server.project.ring import ring_of
from tidegate.server.project.setup import settings_in_use


def home() -> Path:
    """The folder of all state."""
    return settings_in_use().settings.home


@functools.cache
def key_ring() -> KeyRing:
    """Master keys, from the home folder. Raises KeyRingError, KeyRingExposedError."""
    return ring_of(settings_in_use())


@functools.cache
def blob_store() -> BlobStore:
    """Media at rest. Raises as BlobStore does."""
    url = settings_in_use().settings.server.blob_url
    incoming = work_folder("incoming")
    return BlobStore(url or str(home() / "blobs"), key_ring(), incoming=incoming)


def work_folder(name: str) -> Path:
    """A private folder at home for what is in the making."""
    path = home() / "work" / name
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


@functools.cache
def current_policy() -> Policy:
    """The policy in force in this process; a change of the file counts from the next start. Raises PolicyError."""
    return load_policy(settings_in_use())


def policy_clause(digest: str, clause_id: str) -> Clause | None:
    """A clause of the policy in force, `None` where the digest is another policy's or the clause is not in it."""
    policy = current_policy()
    if policy.digest != digest:
        return None
    return next((clause for clause in policy.clauses if clause.id == clause_id), None)
