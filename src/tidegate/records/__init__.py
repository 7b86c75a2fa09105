"""The vocabulary: frozen, slotted, keyword-only records that travel between stages. Standard library only."""

from tidegate.records.codec import SCHEMA_VERSION, dumps, from_json, loads, to_json
from tidegate.records.context import Context
from tidegate.records.decision import ClauseDecision, DecidedBy, Decision, Outcome, TraceStep, Verdict
from tidegate.records.judgement import Blindness, Contribution, Interval, Judgement
from tidegate.records.media import (
    AudioStream,
    CoverageGap,
    GapReason,
    MediaCoverage,
    MediaInfo,
    Modality,
    OnScreenText,
    Shot,
    Utterance,
    VideoStream,
)
from tidegate.records.policy import (
    Action,
    Blind,
    BlindRule,
    Clause,
    EuReference,
    Policy,
    PolicyException,
    RiskTargets,
    Rule,
    Severity,
)
from tidegate.records.screening import Problem, Screening, StageCost
from tidegate.records.signal import Abstention, AbstentionReason, Evidence, Signal
from tidegate.records.span import Box, FrameClock, Quote, Span, TextSource
from tidegate.records.upload import DeclaredFacts, Sound, Surface, Upload

__all__ = [
    "SCHEMA_VERSION",
    "Abstention",
    "AbstentionReason",
    "Action",
    "AudioStream",
    "Blind",
    "BlindRule",
    "Blindness",
    "Box",
    "Clause",
    "ClauseDecision",
    "Context",
    "Contribution",
    "CoverageGap",
    "DecidedBy",
    "Decision",
    "DeclaredFacts",
    "EuReference",
    "Evidence",
    "FrameClock",
    "GapReason",
    "Interval",
    "Judgement",
    "MediaCoverage",
    "MediaInfo",
    "Modality",
    "OnScreenText",
    "Outcome",
    "Policy",
    "PolicyException",
    "Problem",
    "Quote",
    "RiskTargets",
    "Rule",
    "Screening",
    "Severity",
    "Shot",
    "Signal",
    "Sound",
    "Span",
    "StageCost",
    "Surface",
    "TextSource",
    "TraceStep",
    "Upload",
    "Utterance",
    "Verdict",
    "VideoStream",
    "dumps",
    "from_json",
    "loads",
    "to_json",
]
