"""A scorer with every detector of texts, made once; results as the shapes get them; a whole server at work."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tidegate.records import (
    Abstention,
    AbstentionReason,
    Evidence,
    Interval,
    Outcome,
    Quote,
    Signal,
    TextSource,
    Verdict,
)
from tidegate.server.lanes.tree import pids_of
from tidegate.server.texts.record import TextClause, TextResult
from tidegate.server.texts.scorer import Scorer
from tidegate.settings import resolve


@pytest.fixture(scope="session")
def scorer() -> Scorer:
    made = Scorer.of(resolve(environ={}))
    made.load()
    return made


@pytest.fixture
def result() -> Callable[..., TextResult]:
    """Make a result: `result({label: score}, flagged=(labels,), abstained=(reason, labels))`."""

    def make(
        scores: dict[str, float] | None = None,
        *,
        flagged: tuple[str, ...] = (),
        abstained: tuple[AbstentionReason, tuple[str, ...]] | None = None,
        language: str = "en",
        at: tuple[int, int] = (0, 3),
    ) -> TextResult:
        evidence = Evidence(
            quote=Quote(source=TextSource.CAPTION, text="x" * (at[1] - at[0]), start_char=at[0], end_char=at[1])
        )
        signals = [
            Signal(label=label, score=score, evidence=evidence, detector_id="wording.fake@1")
            for label, score in (scores or {}).items()
        ]
        clause = TextClause(
            clause_id="some_clause",
            probability=0.4,
            interval=Interval(low=0.2, high=0.6),
            outcome=Outcome.REVIEW if flagged else Outcome.CLEAR,
            is_measured=True,
            labels=flagged,
        )
        missing = (
            [Abstention(detector_id="wording.fake@1", reason=abstained[0], labels=abstained[1])] if abstained else []
        )
        return TextResult(
            id="t1",
            verdict=Verdict.HELD if flagged else Verdict.ALLOWED,
            reason="because",
            leading_clause_id="some_clause" if flagged else "",
            actions=(),
            clauses=(clause,),
            signals=tuple(signals),
            abstentions=tuple(missing),
            problems=(),
            language=language,
            policy_id="test",
            policy_version="1",
            policy_digest="d" * 64,
            detector_ids=("wording.fake@1",),
        )

    return make


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A server at work: its address, the secrets of its keys, and its home folder."""

    address: str
    keys: dict[str, str]
    home: Path

    @property
    def bearer(self) -> dict[str, str]:
        """The header of the key that may score."""
        return {"Authorization": f"Bearer {self.keys['scores']}"}

    def desks(self) -> list[int]:
        """The processes of its desks at this moment."""
        return pids_of(self.home / "run" / "status.json").get("texts", [])


@contextmanager
def _served(home: Path, *flags: str) -> Iterator[Served]:
    command = [sys.executable, str(Path(__file__).parent / "web_server.py"), str(home), *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            told = json.loads(process.stdout.readline())
            yield Served(address=told["address"], keys=told["keys"], home=home)
        finally:
            process.terminate()
            assert process.wait(60) == 0


@pytest.fixture(scope="session")
def served() -> Callable[..., AbstractContextManager[Served]]:
    """Run the whole server with its desks: `with served(home, "server.text_processes=2") as server`."""
    return _served


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for all tests that leave it as it was."""
    with _served(tmp_path_factory.mktemp("texts")) as found:
        yield found
