"""Names that platforms and editing programs put on pictures, and what else stands in such a mark."""

import re

PLATFORMS = (
    "tiktok",
    "tik tok",
    "抖音",
    "抖音号",
    "快手",
    "小红书",
    "bilibili",
    "哔哩哔哩",
    "微博",
    "weibo",
    "instagram",
    "reels",
    "instagram reels",
    "youtube",
    "youtube shorts",
    "shorts",
    "snapchat",
    "spotlight",
    "facebook",
    "likee",
    "kwai",
    "triller",
    "capcut",
    "inshot",
    "kinemaster",
    "viva video",
    "vivavideo",
)
"""Public knowledge, kept short."""

NAME = "|".join(re.escape(name) for name in sorted(PLATFORMS, key=len, reverse=True))
"""A pattern of any of the names."""

HANDLE = r"[@＠]\s?[\w.\-]{2,30}"
"""A pattern of the name that a creator goes by on a platform."""

NUMBER = r"(?:id|ID|号)\s?[:：]?\s?[\w.\-]{3,30}"
"""A pattern of the number or name that a platform knows a creator by."""
