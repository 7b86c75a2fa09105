"""Every setting and where its value came from. Standard library only."""

from tidegate.settings.resolve import (
    CONFIG_ENV,
    CONFIG_NAME,
    TABLE,
    Origin,
    Resolved,
    Setting,
    SettingType,
    Source,
    Value,
    all_settings,
    as_flags,
    known,
    resolve,
)
from tidegate.settings.sections import (
    MatchingSettings,
    OnScreenSettings,
    PolicySettings,
    ProvenanceSettings,
    ScreeningSettings,
    Settings,
    SoundSettings,
    SpeechSettings,
)
from tidegate.settings.server import ServerSettings

__all__ = [
    "CONFIG_ENV",
    "CONFIG_NAME",
    "TABLE",
    "MatchingSettings",
    "OnScreenSettings",
    "Origin",
    "PolicySettings",
    "ProvenanceSettings",
    "Resolved",
    "ScreeningSettings",
    "ServerSettings",
    "Setting",
    "SettingType",
    "Settings",
    "SoundSettings",
    "Source",
    "SpeechSettings",
    "Value",
    "all_settings",
    "as_flags",
    "known",
    "resolve",
]
