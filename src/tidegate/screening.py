"""The only assembler of the pure half: bytes and facts in, a screening and a decision out.

The order of everything: decode -> detectors (cheap first) -> judgement per clause -> policy. No database, no
web; the time and the seed are arguments, so the same upload under the same versions gives the same decision.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tidegate.errors import MediaError, TidegateError
from tidegate.judgement.fusion import judge
from tidegate.judgement.model import FusionModel
from tidegate.media.ahead import Decoder
from tidegate.media.clip import Clip
from tidegate.policy.decide import decide
from tidegate.records import Context, Decision, MediaCoverage, Policy, Problem, Screening, StageCost, Upload
from tidegate.signals.base import Detector, View
from tidegate.signals.frames import FrameBatch
from tidegate.signals.network import keep_to_one_thread
from tidegate.signals.registry import check_pipeline
from tidegate.signals.run import Findings, load_all, run_detectors
from tidegate.signals.texts import texts_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """One upload with its screening and decision; `clip` keeps the frames for a report, `None` if unreadable."""

    upload: Upload
    path: Path | None
    screening: Screening
    decision: Decision
    clip: Clip | None


class Screener:
    """Screens uploads one at a time under one policy. Build once per process: models are loaded on first use.

    The pipeline is checked as a whole at construction (PipelineError). A detector that cannot be loaded is kept
    and abstains on every upload, so that what it would have seen is counted as blindness.
    """

    def __init__(
        self,
        *,
        policy: Policy,
        detectors: Sequence[Detector],
        fusion: FusionModel,
        decoder: Decoder,
        seed: int = 0,
    ) -> None:
        check_pipeline(detectors)
        self.policy = policy
        self.detectors = tuple(detectors)
        self._fusion = fusion
        self._decoder = decoder
        self._seed = seed
        self._unavailable: dict[str, TidegateError] | None = None
        self._emitted = frozenset[str]().union(*(detector.emits for detector in detectors))

    def load(self) -> None:
        """Load every detector now rather than at the first upload, each on one thread. Calling again is free."""
        if self._unavailable is None:
            self._unavailable = load_all(self.detectors)
            keep_to_one_thread()

    def screen(self, upload: Upload, path: Path | None, *, now_s: float, context: Context | None = None) -> Screened:
        """Screen one upload; `path` is `None` for an upload of words alone.

        Media that cannot be read ends in a screening with a coded problem and a decision that holds it for a
        person. Raises nothing for bad media or a failing detector.
        """
        self.load()
        context = context or Context(as_of_s=now_s)
        clip, problems, costs = self._decode(path)
        view = View(
            upload=upload,
            path=path,
            media=clip.info if clip else None,
            clip=clip,
            frames=FrameBatch(clip.frames if clip else ()),
            texts=texts_of(upload),
        )
        found = run_detectors(self.detectors, view, unavailable=self._unavailable, is_media_damaged=bool(problems))
        screening = self._judged(upload, clip, found, context, problems, costs)
        decision = decide(self.policy, upload, screening, context, now_s=now_s, seed=self._seed)
        return Screened(upload=upload, path=path, screening=screening, decision=decision, clip=clip)

    def _decode(self, path: Path | None) -> tuple[Clip | None, list[Problem], list[StageCost]]:
        if path is None:
            return None, [], []
        wall_start_s = time.perf_counter()
        try:
            clip = self._decoder.decode(path)
        except MediaError as error:
            wall_s = time.perf_counter() - wall_start_s
            problem = Problem(code=error.code, what=error.what, where=error.where, next_step=error.next_step)
            return None, [problem], [StageCost(stage="media", cpu_s=0.0, wall_s=wall_s)]
        cost = StageCost(
            stage="media", cpu_s=clip.decode_cpu_s, wall_s=clip.decode_wall_s, items=clip.coverage.frames_decoded
        )
        return clip, [], [cost]

    def _judged(
        self,
        upload: Upload,
        clip: Clip | None,
        found: Findings,
        context: Context,
        problems: list[Problem],
        costs: list[StageCost],
    ) -> Screening:
        cpu_start_s, wall_start_s = time.thread_time(), time.perf_counter()
        coverage = clip.coverage if clip else MediaCoverage()
        judgements = judge(
            self.policy.clauses,
            found.signals,
            found.abstentions,
            coverage=coverage,
            model=self._fusion,
            emitted=self._emitted,
        )
        judgement_cost = StageCost(
            stage="judgement",
            cpu_s=time.thread_time() - cpu_start_s,
            wall_s=time.perf_counter() - wall_start_s,
            items=len(judgements),
        )
        return Screening(
            upload_id=upload.id,
            media=clip.info if clip else None,
            coverage=coverage,
            signals=tuple(found.signals),
            abstentions=tuple(found.abstentions),
            judgements=judgements,
            shots=clip.shots if clip else (),
            **found.readings.fields(),
            costs=(*costs, *found.costs, judgement_cost),
            problems=(*problems, *found.problems),
            detector_ids=tuple(detector.id for detector in self.detectors),
        )


def renamed(result: Screened, shown: str) -> Screened:
    """The result with its file called `shown` in every problem: a temporary file's name tells nobody anything."""
    spooled = str(result.path)
    problems = tuple(
        replace(one, what=one.what.replace(spooled, shown), where=one.where.replace(spooled, shown))
        for one in result.screening.problems
    )
    return replace(result, screening=replace(result.screening, problems=problems))
