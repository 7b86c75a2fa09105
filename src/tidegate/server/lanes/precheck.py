"""The lane that prechecks: a desk that screens one plain file after the other, and keeps nothing of any."""

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate.errors import PrecheckUnavailableError, TidegateError
from tidegate.server.lanes.config import LaneConfig, read
from tidegate.server.precheck.wire import Asked, answer_frame, error_frame, read_request
from tidegate.server.texts.desk import Desk

if TYPE_CHECKING:
    from tidegate.screening import Screener


def make(config: str) -> "PrecheckDesk":
    """The factory that the engine calls; `extra` of the configuration holds the listening socket as `fd`."""
    return PrecheckDesk(read(config))


class PrecheckDesk(Desk):
    """A text desk's manners with a whole screener behind it. No database; the file is deleted whatever happens."""

    def __init__(self, config: LaneConfig, screener: "Screener | None" = None) -> None:
        super().__init__(config)
        self._resolved = config.resolved
        self._folder = config.resolved.settings.home / "work" / "precheck"
        self._screener = screener
        self._stack = contextlib.ExitStack()

    def open(self) -> None:
        """Load the models, take the socket. Raises PolicyError, SettingError, ModelFileError, PluginError."""
        if self._screener is None:
            from tidegate.assembly import open_screener

            self._screener, _ = self._stack.enter_context(open_screener(self._resolved))
        self._listen()

    def close(self) -> None:
        """Let every visitor go, and end the decode processes."""
        super().close()
        self._stack.close()

    def _answer_to(self, payload: bytes) -> tuple[bytes, int]:
        path: Path | None = None
        try:
            asked = read_request(payload)
            path = self._folder / asked.file_name if asked.file_name else None
            return self._screened(asked, path), 1
        except TidegateError as error:
            return error_frame(error), 0
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything; the next one is to be answered too
            what = f"screening raised {type(error).__name__}"
            return error_frame(PrecheckUnavailableError(what, where="desk")), 0
        finally:
            if path is not None:
                path.unlink(missing_ok=True)

    def _screened(self, asked: Asked, path: Path | None) -> bytes:
        from tidegate.server.api.explaining import explanation_json

        assert self._screener is not None  # noqa: S101 - open made it
        result = self._screener.screen(asked.upload, path, now_s=time.time(), context=asked.context)
        clauses = {clause.id: clause for clause in self._screener.policy.clauses}
        return answer_frame(explanation_json(result.decision, result.screening.judgements, clauses))
