"""What goes into the four operations and comes out of them."""

from dataclasses import dataclass

from tidegate.records import Context, Decision, Screening, Upload


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUpload:
    """An upload about to be accepted: its id, what it asked, and its media, either here already or by reference.

    `idempotency_key` is the caller's, or a digest of what was sent. `media_sha256` is empty while the media have yet
    to be fetched from `reference`; both are empty for an upload of words alone.
    """

    upload: Upload
    context: Context
    submitted_by: str
    idempotency_key: str
    request_sha256: str
    external_id: str
    lane: str
    target_s: float
    reference: str = ""
    media_sha256: str = ""
    media_size_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What became of one upload: its id, whether it is new, and where it stands. `is_clash`: the key was used before
    for something else, and nothing was taken.
    """

    upload_id: str
    is_new: bool
    state: str
    verdict: str = ""
    is_clash: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """One upload under a lease. `tries` counts this one. `lease_token` must be shown to finish or fail it."""

    upload: Upload
    context: Context
    lease_token: str
    tries: int
    reference: str
    media_sha256: str
    lane: str
    deadline_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What a lane found: the decision, and the screening behind it, or the decision that was reused instead."""

    upload_id: str
    lease_token: str
    decision: Decision
    screening: Screening | None = None
    screening_key: str = ""
    reused_from: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Why a lane could not finish an upload: a coded reason without content. A permanent one is a person's at once."""

    upload_id: str
    lease_token: str
    code: str
    why: str
    is_permanent: bool = False
