"""Everything that shows what screening came to: stdout as lines or JSON, the line of progress, the report,
transcripts.
"""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate.cli.inputs import STDIN
from tidegate.cli.paths import Refusal
from tidegate.cli.progress import Progress
from tidegate.cli.replacing import check_writable
from tidegate.cli.terminal import emit, print_lines, say
from tidegate.cli.transcript import Transcripts
from tidegate.explain.visible import visible
from tidegate.records import to_json

if TYPE_CHECKING:
    from tidegate.cli.report.build import ReportBuilder
    from tidegate.records import Policy
    from tidegate.screening import Screened


class Output:
    """Where results go, in the order they come. A context manager; `finish` writes the report.

    Results are printed to stdout, or to stderr where the transcript is what stdout is wanted for.
    """

    def __init__(
        self,
        policy: "Policy",
        total: int,
        *,
        as_json: bool,
        explain: bool,
        report_path: Path | None,
        transcripts: Transcripts | None = None,
    ) -> None:
        self._policy = policy
        self._as_json = as_json
        self._explain = explain
        self._is_batch = total != 1
        self._progress = Progress(total)
        self._report_path = report_path
        self._report: ReportBuilder | None = None
        self._transcripts = transcripts
        self._stream = sys.stderr if transcripts and transcripts.is_stdout else sys.stdout
        if report_path is not None:
            from tidegate.cli.report import build

            check_writable(report_path, "report")
            self._report = build.ReportBuilder(policy, made_at_s=time.time(), expected=total)

    def __enter__(self) -> "Output":
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.clear()
        if self._report is not None:
            self._report.close()

    def show(self, name: str, result: "Screened | Refusal") -> None:
        """One upload is done."""
        self._progress.clear()
        if self._as_json:
            emit(result_json(name, result))
        shown = "stdin" if name == STDIN else name
        if not self._as_json:
            self._print(shown, result)
        if self._report is not None:
            self._report.add(shown, result)
        if self._transcripts is not None:
            self._transcripts.write(shown, result)
        self._progress.advance(shown)

    def _print(self, name: str, result: "Screened | Refusal") -> None:
        from tidegate.cli.present import details, headline, refused

        if isinstance(result, Refusal):
            print_lines(refused(name, result), self._stream)
        elif self._is_batch and not self._explain and result.decision.verdict.value == "allowed":
            print_lines(headline(name, result.decision, result.screening), self._stream)
        else:
            shown = details(name, self._policy, result.screening, result.decision, explain=self._explain)
            print_lines(shown, self._stream)

    def finish(self) -> None:
        """Write the report, if one is wanted."""
        self._progress.clear()
        if self._report is not None and self._report_path is not None:
            self._report.write(self._report_path)
            say(f"report: {visible(str(self._report_path))}")


def result_json(name: str, result: "Screened | Refusal") -> dict[str, object]:
    """The object that `--json` prints for one upload: `path`, then `upload`, `screening`, `decision`, or `error`."""
    if isinstance(result, Refusal):
        return {"path": name, "error": result.error.to_json()}
    return {
        "path": name,
        "upload": to_json(result.upload),
        "screening": to_json(result.screening),
        "decision": to_json(result.decision),
    }
