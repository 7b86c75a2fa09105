"""The lane that screens: claim a batch, screen each in the pure half, finish it at once."""

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate.engine.pulse import beat
from tidegate.errors import BlobDamagedError, BlobMissingError, ScreeningFailedError, TidegateError
from tidegate.server.lanes.config import LaneConfig, name_of, read
from tidegate.server.lanes.connection import Connection

if TYPE_CHECKING:
    from tidegate.media.ahead import DecodeAhead
    from tidegate.screening import Screened, Screener
    from tidegate.server.intake.record import Claimed, Failed, Finished

MOST_AT_ONCE = 2
"""One being screened and one decoded ahead: what a lost worker leaves behind waits for its lease to run out."""
IDLE_S = 0.2


def make(config: str) -> "ScreenLane":
    """The factory that the engine calls."""
    return ScreenLane(read(config))


class ScreenLane:
    """Screens due uploads. A file that cannot be read is decided (held); what fails here is given back with why."""

    def __init__(self, config: LaneConfig) -> None:
        self._resolved = config.resolved
        self._stack = contextlib.ExitStack()
        self._who = name_of("screen")

    def open(self) -> None:
        """Load the models, connect. Raises PolicyError, SettingError, MissingDependencyError, ModelFileError."""
        from tidegate.server.project.setup import prepare

        prepare(self._resolved)
        from tidegate.assembly import open_screener
        from tidegate.server.history.basis import basis
        from tidegate.server.intake.claiming import LeaseRules
        from tidegate.server.project.places import blob_store, work_folder

        settings = self._resolved.settings
        self._rules = LeaseRules(lease_s=settings.server.lease_s, max_tries=settings.server.max_tries)
        self._folder = work_folder("screening")
        self._blobs = blob_store()
        opened: tuple[Screener, DecodeAhead] = self._stack.enter_context(open_screener(self._resolved))
        self._screener, self._ahead = opened
        basis()  # files count as they were when the models were loaded
        self._connection = self._stack.enter_context(Connection())

    def close(self) -> None:
        """End the decode processes and the connection."""
        self._stack.close()

    def step(self, wait_s: float) -> int:
        """Screen what is due, or wait a moment."""
        return self._connection.surviving(self._step, wait_s)

    def _step(self, wait_s: float) -> int:
        from tidegate.server.intake.claiming import claim
        from tidegate.server.intake.models import Stage

        with self._connection.fresh():
            claimed = claim(Stage.SCREEN, MOST_AT_ONCE, self._who, rules=self._rules, now_s=time.time())
        if not claimed:
            time.sleep(min(wait_s, IDLE_S))
            return 0
        paths = [self._here(one) for one in claimed]
        try:
            for one, path in zip(claimed, paths, strict=True):
                self._one(one, path)
                beat()
        finally:
            for path in paths:
                if isinstance(path, Path):
                    path.unlink(missing_ok=True)
        return len(claimed)

    def _here(self, one: "Claimed") -> "Path | Finished | Failed | None":
        """The media as a plain file, being decoded already; or why not; or the decision that an exact copy has."""
        from tidegate.server.history.reusing import reused
        from tidegate.server.intake.record import Failed

        with self._connection.fresh():
            if (known := reused(one, self._screener, now_s=time.time())) is not None:
                return known
        if not one.media_sha256:
            return None
        path = self._folder / f"{one.upload.id}-{one.lease_token[3:]}"
        try:
            self._blobs.copy_to(one.media_sha256, path)
        except TidegateError as error:
            is_gone = isinstance(error, BlobMissingError | BlobDamagedError)
            return Failed(
                upload_id=one.upload.id,
                lease_token=one.lease_token,
                code=error.code,
                why=error.what,
                is_permanent=is_gone,
            )
        self._ahead.begin(path)
        return path

    def _one(self, one: "Claimed", here: "Path | Finished | Failed | None") -> None:
        from tidegate.server.history.finishing import finish
        from tidegate.server.intake.claiming import fail
        from tidegate.server.intake.record import Failed

        result = self._screened(one, here) if here is None or isinstance(here, Path) else here
        with self._connection.fresh():
            if isinstance(result, Failed):
                fail([result], self._who, rules=self._rules, now_s=time.time())
            else:
                finish([result], self._who, now_s=time.time())

    def _screened(self, one: "Claimed", path: Path | None) -> "Finished | Failed":
        from tidegate.screening import renamed
        from tidegate.server.history.reusing import screening_key
        from tidegate.server.intake.record import Failed, Finished

        try:
            result: Screened = self._screener.screen(one.upload, path, now_s=time.time(), context=one.context)
        except Exception as error:  # noqa: BLE001 - whatever a plugin raised, the upload is tried again, then a person's
            return Failed(
                upload_id=one.upload.id,
                lease_token=one.lease_token,
                code=error.code if isinstance(error, TidegateError) else ScreeningFailedError.code,
                why=error.what if isinstance(error, TidegateError) else f"screening raised {type(error).__name__}",
            )
        result = renamed(result, "media")
        return Finished(
            upload_id=one.upload.id,
            lease_token=one.lease_token,
            decision=result.decision,
            screening=result.screening,
            screening_key=screening_key(one, self._screener),
        )
