"""Facts about creator, spread and related items at a moment; never about content."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What was known around an upload when it was judged; `None` means unknown, which is never zero.

    `as_of_s` is Unix time in seconds. Counts are over the life of the account unless the name says a window.
    """

    as_of_s: float = 0.0
    account_age_days: float | None = None
    follower_count: int | None = None
    is_verified_news: bool | None = None
    prior_violations: int | None = None
    overturned_violations: int | None = None
    uploads_last_day: int | None = None
    reports_last_day: int | None = None
    views_first_hour: int | None = None
    near_copies_last_day: int | None = None
