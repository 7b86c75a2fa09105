"""What is submitted: one video with its words and the facts that came with it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tidegate.errors import RecordError

REGION_PATTERN = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?\Z")


class Surface(StrEnum):
    """Where the upload would appear."""

    FEED = "feed"
    PROFILE = "profile"
    LIVE = "live"
    COMMENT = "comment"
    AD = "ad"
    SHOP = "shop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """The sound a creator attached: the platform's id and title, and whether it is the creator's own."""

    id: str = ""
    title: str = ""
    is_original: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredFacts:
    """What the creator declared at upload; `None` means not asked."""

    ai_generated: bool | None = None
    paid_promotion: bool | None = None
    made_for_children: bool | None = None
    shows_minor: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One submitted video with caption, hashtags, sound, creator, surface, region and declared facts.

    `region` is an ISO 3166-1 or 3166-2 code or empty when unknown; `language` a BCP 47 tag or empty.
    Texts are kept exactly as submitted. Raises RecordError on an empty id or a malformed region.
    """

    id: str
    caption: str = ""
    hashtags: tuple[str, ...] = ()
    sound: Sound = Sound()
    creator_id: str = ""
    surface: Surface = Surface.FEED
    region: str = ""
    language: str = ""
    declared: DeclaredFacts = DeclaredFacts()
    facts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.id:
            raise RecordError("an upload needs an id", where="Upload.id")
        if self.region and not REGION_PATTERN.match(self.region):
            raise RecordError(
                f"{self.region[:12]!r} is no ISO 3166 code",
                where="Upload.region",
                next_step="use a code such as KR or US-CA",
            )
