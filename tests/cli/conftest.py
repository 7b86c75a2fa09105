"""One upload with every kind of evidence, built by hand: what the terminal and the report must be able to say."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tidegate.media.clip import Clip, Frame, FrameReason
from tidegate.records import (
    Abstention,
    AbstentionReason,
    Action,
    AudioStream,
    Blind,
    Blindness,
    Box,
    Clause,
    ClauseDecision,
    Contribution,
    CoverageGap,
    DecidedBy,
    Decision,
    EuReference,
    Evidence,
    FrameClock,
    GapReason,
    Interval,
    Judgement,
    MediaCoverage,
    MediaInfo,
    Modality,
    Outcome,
    Policy,
    Problem,
    Quote,
    RiskTargets,
    Rule,
    Screening,
    Severity,
    Shot,
    Signal,
    Sound,
    Span,
    StageCost,
    Surface,
    TextSource,
    TraceStep,
    Upload,
    Verdict,
    VideoStream,
    from_json,
    to_json,
)
from tidegate.screening import Screened

CAPTION = (
    "Guaranteed 40% return in a week, no risk! 💸\n"
    "Message me on Te1egr4m @harbour.money before it closes — only 20 places left. 안녕하세요, ¡hola!"
)
TITLES = {
    "scams_fraud": "Scams and fraud",
    "banned_media": "Banned media",
    "weapons": "Weapons",
    "adult_nudity": "Adult nudity and sexual activity",
    "hate": "Hate",
    "violent_graphic": "Violent and graphic content",
    "spam_inauthentic": "Spam and inauthentic behaviour",
    "privacy": "Privacy",
}


def clause(clause_id: str) -> Clause:
    is_banned = clause_id == "banned_media"
    return Clause(
        id=clause_id,
        title=TITLES[clause_id],
        text=f"What {clause_id} says.",
        severity=Severity.CRITICAL if is_banned else Severity.MEDIUM,
        labels={"wording.hate": 1.0},
        targets=RiskTargets(act_precision=0.97 if is_banned else None, look_one_in=20),
        rules=(Rule(actions=(Action.REMOVE,)),),
        blind=Blind(),
        eu=EuReference(category="STATEMENT_CATEGORY_OTHER"),
    )


def quoted(text: str, start_char: int | None = None) -> Quote:
    start = CAPTION.index(text) if start_char is None else start_char
    return Quote(source=TextSource.CAPTION, text=text, start_char=start, end_char=start + len(text))


SIGNALS = (
    Signal(
        label="pattern.scam_offer",
        score=0.92,
        evidence=Evidence(quote=quoted("Guaranteed 40% return in a week, no risk!"), note="a guaranteed return"),
        detector_id="wording.patterns@1",
    ),
    Signal(
        label="wording.evasion",
        score=0.8,
        evidence=Evidence(quote=quoted("Te1egr4m"), note="reads as telegram"),
        detector_id="wording.lexicon@1",
    ),
    Signal(
        label="pattern.contact",
        score=0.95,
        evidence=Evidence(quote=quoted("Message me on Te1egr4m @harbour.money"), note="a messenger handle"),
        detector_id="wording.patterns@1",
    ),
    Signal(
        label="wording.scam",
        score=0.71,
        evidence=Evidence(quote=quoted(CAPTION, 0)),
        detector_id="wording.heads@1",
    ),
    Signal(
        label="matching.frame",
        score=0.98,
        evidence=Evidence(span=Span(start_s=12.0, end_s=12.5), note="bank demo, entry 17, distance 4 of 256"),
        detector_id="matching.frame@1",
    ),
    Signal(
        label="visual.flash",
        score=1.0,
        evidence=Evidence(span=Span(start_s=12.0, end_s=12.5), note="shown for 0.5 s between other pictures"),
        detector_id="visual.flash@1",
    ),
    Signal(
        label="visual.weapon",
        score=0.44,
        evidence=Evidence(
            span=Span(start_s=18.0, end_s=20.0), box=Box(x=0.2, y=0.3, width=0.4, height=0.25), note="class rifle"
        ),
        detector_id="visual.objects@1",
    ),
    Signal(
        label="visual.nudity",
        score=0.03,
        evidence=Evidence(span=Span(start_s=4.0, end_s=6.0)),
        detector_id="visual.nudity@1",
    ),
    Signal(
        label="metadata.hashtag_flood",
        score=0.6,
        evidence=Evidence(
            quote=Quote(source=TextSource.HASHTAG, text="money", start_char=0, end_char=5), note="31 hashtags"
        ),
        detector_id="metadata.facts@1",
    ),
)

BLIND = (
    Blindness(what="speech", reason="no detector reads speech"),
    Blindness(what="sound", reason="no detector listens to sounds"),
)


def judgement(clause_id: str, probability: float, low: float, high: float, *parts: Contribution) -> Judgement:
    return Judgement(
        clause_id=clause_id,
        probability=probability,
        interval=Interval(low=low, high=high),
        contributions=(Contribution(name="base rate", log_odds=-5.3, basis="assumed"), *parts),
        blind=BLIND if clause_id != "banned_media" else (),
        is_measured=clause_id == "banned_media",
    )


def moved(index: int, log_odds: float, basis: str = "assumed", count: int = 0) -> Contribution:
    return Contribution(
        name=SIGNALS[index].label, log_odds=log_odds, signal_index=index, basis=basis, labelled_count=count
    )


JUDGEMENTS = (
    judgement("banned_media", 0.996, 0.981, 0.999, moved(4, 10.8, "measured", 4200)),
    judgement("scams_fraud", 0.42, 0.18, 0.71, moved(0, 3.2), moved(3, 1.1, "measured", 3145), moved(2, 0.7)),
    judgement("spam_inauthentic", 0.08, 0.01, 0.34, moved(8, 1.9), moved(1, 0.9)),
    judgement("weapons", 0.03, 0.004, 0.2, moved(6, 1.8)),
    judgement("adult_nudity", 0.0008, 0.0001, 0.006, moved(7, -1.9, "measured", 900)),
    judgement("hate", 0.004, 0.0004, 0.03),
    judgement("violent_graphic", 0.002, 0.0002, 0.02),
    judgement("privacy", 0.006, 0.001, 0.03, moved(2, 0.2)),
)


def decided(clause_id: str, outcome: Outcome, probability: float, *actions: Action) -> ClauseDecision:
    steps = (
        TraceStep(rule="machine acts", held=outcome is Outcome.ACT, why="lower bound .98 against .97 asked"),
        TraceStep(rule="a person looks", held=outcome is not Outcome.CLEAR, why="probability against one in 20"),
    )
    return ClauseDecision(clause_id=clause_id, outcome=outcome, probability=probability, actions=actions, trace=steps)


def upload(**changes: object) -> Upload:
    fields = {
        "id": "harbour",
        "caption": CAPTION,
        "hashtags": ("money", "fyp", "harbour"),
        "sound": Sound(title="original sound"),
        "creator_id": "c-81",
        "surface": Surface.FEED,
        "region": "KR",
        "language": "en",
    }
    return Upload(**{**fields, **changes})  # type: ignore[arg-type]


@cache
def frames() -> tuple[Frame, ...]:
    """Sixteen vertical pictures of a drawn harbour, with one foreign picture at 12 s."""
    y, x = np.mgrid[0:512, 0:288]
    made = []
    for index in range(16):
        time_s = 12.0 if index == 6 else index * 2.0
        sky = np.stack([70 + y / 4 + index * 6, 130 + y / 6, 190 - y / 9 + index], axis=-1)
        sea = np.stack([20 + 0 * y, 90 + 12 * np.sin(x / 14 + index), 110 + 18 * np.sin(x / 9 - index)], axis=-1)
        picture = np.where((y > 300)[..., None], sea, sky)
        picture[(x - 40 - 12 * index) ** 2 + (y - 120) ** 2 < 900] = (255, 214, 120)
        if time_s == 12.0:
            picture = np.where(((x // 24 + y // 24) % 2 == 0)[..., None], (230, 40, 60), (250, 240, 230))
        rgb = np.clip(picture, 0, 255).astype(np.uint8)
        reason = FrameReason.CHANGE if time_s == 12.0 else FrameReason.KEYFRAME if index % 3 else FrameReason.GAP
        end_s = 12.5 if time_s == 12.0 else time_s + 2
        span = Span(start_s=time_s, end_s=end_s)
        made.append(Frame(index=index, time_s=time_s, span=span, rgb=rgb, reason=reason, shot_index=0))
    return tuple(made)


def screened(**changes: object) -> Screened:
    media = MediaInfo(
        size_bytes=12_100_000,
        sha256="ab" * 32,
        container="mp4",
        duration_s=30.0,
        video=VideoStream(
            codec="h264",
            width_px=1080,
            height_px=1920,
            duration_s=30.0,
            frame_rate_hz=30.0,
            frame_count=900,
            keyframe_count=16,
        ),
        audio=AudioStream(codec="aac", sample_rate_hz=44100, channels=2, duration_s=30.0),
    )
    coverage = MediaCoverage(
        frames_sampled=16,
        frames_decoded=61,
        seconds_heard=25.5,
        decode_errors=2,
        longest_unseen_s=2.0,
        gaps=(
            CoverageGap(
                modality=Modality.PICTURE,
                reason=GapReason.DAMAGED,
                span=Span(start_s=27.5, end_s=30.0),
                detail="frames after 27.5 s do not decode",
            ),
        ),
    )
    shots = (
        Shot(index=0, span=Span(start_s=0.0, end_s=12.0)),
        Shot(index=1, span=Span(start_s=12.0, end_s=12.5)),
        Shot(index=2, span=Span(start_s=12.5, end_s=30.0)),
    )
    screening = Screening(
        upload_id="harbour",
        media=media,
        coverage=coverage,
        signals=SIGNALS,
        judgements=JUDGEMENTS,
        shots=shots,
        abstentions=(
            Abstention(
                detector_id="visual.faces@1",
                reason=AbstentionReason.UNAVAILABLE,
                labels=("visual.face",),
                detail="pip install 'tidegate[vision]'",
            ),
        ),
        costs=(
            StageCost(stage="media", cpu_s=0.81, wall_s=0.9, items=61),
            StageCost(stage="wording.heads@1", cpu_s=0.021, wall_s=0.02, items=4),
            StageCost(stage="visual.nudity@1", cpu_s=0.44, wall_s=0.45, items=16),
            StageCost(stage="matching.frame@1", cpu_s=0.06, wall_s=0.06, items=16),
            StageCost(stage="judgement", cpu_s=0.0004, wall_s=0.0004, items=8),
        ),
        detector_ids=(
            "metadata.facts@1",
            "matching.frame@1",
            "wording.patterns@1",
            "wording.heads@1",
            "visual.flash@1",
            "visual.nudity@1",
            "visual.faces@1",
        ),
    )
    outcomes = {"banned_media": Outcome.ACT, "scams_fraud": Outcome.REVIEW, "violent_graphic": Outcome.SAMPLED}
    decision = Decision(
        upload_id="harbour",
        policy_id="sample",
        policy_version="1.0.0",
        policy_digest="cd" * 32,
        verdict=Verdict.REMOVED,
        actions=(Action.REMOVE, Action.HOLD),
        leading_clause_id="banned_media",
        clauses=tuple(
            decided(
                judged.clause_id,
                outcomes.get(judged.clause_id, Outcome.CLEAR),
                judged.probability,
                *((Action.REMOVE,) if judged.clause_id == "banned_media" else ()),
            )
            for judged in JUDGEMENTS
        ),
        decided_by=DecidedBy.MACHINE,
        decided_at_s=1_790_000_000.0,
        seed=0,
        reason="A picture at 12.0 s is a copy of bank entry 17.",
    )
    clock = FrameClock(times_s=tuple(sorted(frame.time_s for frame in frames())), end_s=30.0)
    clip = Clip(
        info=media,
        frames=frames(),
        shots=shots,
        audio=None,
        coverage=coverage,
        clock=clock,
        decode_cpu_s=0.81,
        decode_wall_s=0.9,
    )
    whole = Screened(upload=upload(), path=Path("harbour.mp4"), screening=screening, decision=decision, clip=clip)
    return replace(whole, **changes)  # type: ignore[arg-type]


def unreadable() -> Screened:
    whole = screened()
    problem = Problem(
        code="TG-M003", what="the file has no bytes", where="empty.mp4", next_step="upload the file again"
    )
    screening = replace(
        whole.screening,
        media=None,
        coverage=MediaCoverage(),
        signals=(),
        shots=(),
        judgements=tuple(replace(j, contributions=j.contributions[:1]) for j in JUDGEMENTS[5:]),
        problems=(problem,),
        costs=(),
    )
    decision = replace(
        whole.decision,
        verdict=Verdict.HELD,
        actions=(Action.HOLD,),
        leading_clause_id="",
        clauses=(),
        reason="The media could not be read.",
    )
    return replace(whole, upload=upload(id="empty"), screening=screening, decision=decision, clip=None)


@pytest.fixture
def sample() -> Screened:
    return screened()


@pytest.fixture
def spoken_sample(sample: Screened) -> Screened:
    """The sample with everything that is heard, read and proven: `spoken.json` on top of it."""
    told = json.loads(Path(__file__).with_name("spoken.json").read_text(encoding="utf-8"))
    known = to_json(sample.screening)
    added = {name: [*known[name], *told.pop(name)] for name in ("signals", "abstentions", "detector_ids")}
    return replace(sample, screening=from_json(Screening, {**known, **told, **added}))


@pytest.fixture
def unreadable_sample() -> Screened:
    return unreadable()


@pytest.fixture
def sample_policy() -> Policy:
    clauses = tuple(clause(clause_id) for clause_id in TITLES)
    return Policy(id="sample", version="1.0.0", title="A sample policy", clauses=clauses, digest="cd" * 32)
