"""What a lane's process is told: the settings, as flags, and nothing else."""

import json
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.server.project.logs import log_to_stderr
from tidegate.settings import Resolved, as_flags, resolve


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneConfig:
    """The settings of this process, and what else its lane was handed."""

    resolved: Resolved
    extra: Mapping[str, Any]


def written(resolved: Resolved, **extra: object) -> str:
    """The configuration as a `LaneSpec` carries it."""
    return json.dumps({"set": as_flags(resolved), "extra": extra})


def read(config: str) -> LaneConfig:
    """The configuration in the lane's process, whose log begins here. Raises SettingError."""
    log_to_stderr()
    data = json.loads(config)
    return LaneConfig(resolved=resolve(data["set"], environ={}), extra=data["extra"])


def name_of(lane: str) -> str:
    """Who leases: lane, machine and process, as it stands in the journal."""
    return f"{lane}-{socket.gethostname()[:32]}-{os.getpid()}"
