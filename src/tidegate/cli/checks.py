"""What `tidegate doctor` looks at: each check does the real thing once and says what came of it."""

import importlib.metadata
import platform
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tidegate import __version__
from tidegate.errors import MissingDependencyError, TidegateError
from tidegate.settings import Resolved

_REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)[^;]*(;.*extra\s*==\s*[\"'](?P<extra>[^\"']+)[\"'])?")


class State(StrEnum):
    """What came of a check; only `failed` keeps Tidegate from its work."""

    OK = "ok"
    OPTIONAL = "optional"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at. `next_step` says what to do when it is not `ok`."""

    area: str
    name: str
    state: State
    detail: str = ""
    next_step: str = ""

    def to_json(self) -> dict[str, str]:
        """The check as plain JSON values."""
        return {
            "area": self.area,
            "name": self.name,
            "state": self.state.value,
            "detail": self.detail,
            "next_step": self.next_step,
        }


def all_checks(resolved: Resolved) -> Iterator[Check]:
    """Every check in order; each is done when its turn comes. Raises nothing. Takes about ten seconds."""
    yield from _system()
    yield from _packages()
    yield from _models()
    yield from _detectors(resolved)
    yield _second_engine()
    yield _tried("state", "home is writable", lambda: _home(resolved))
    yield _tried("decisions", "policy", lambda: _policy(resolved))
    yield _tried("decisions", "fusion model", _fusion)
    yield _tried("decisions", "banks", lambda: _banks(resolved))
    yield _tried("media", "decode process", lambda: _decode(resolved))


def _tried(area: str, name: str, look: Callable[[], str], *, missing: State = State.FAILED) -> Check:
    """The check that `look` makes; a missing optional package is `missing`, everything else that goes wrong failed."""
    try:
        return Check(area=area, name=name, state=State.OK, detail=look())
    except MissingDependencyError as error:
        return Check(area=area, name=name, state=missing, detail=error.what, next_step=error.next_step)
    except TidegateError as error:
        return _failed(area, name, error)
    except Exception as error:  # noqa: BLE001 - a doctor that dies of the illness helps nobody
        detail = f"{type(error).__name__}: {error}"
        return Check(area=area, name=name, state=State.FAILED, detail=detail, next_step="report this")


def _failed(area: str, name: str, error: TidegateError) -> Check:
    where = f"{error.where}: " if error.where else ""
    detail = f"{error.code} {where}{error.what}"
    return Check(area=area, name=name, state=State.FAILED, detail=detail, next_step=error.next_step)


def _system() -> Iterator[Check]:
    is_new_enough = sys.version_info >= (3, 11)
    yield Check(
        area="system",
        name="Python",
        state=State.OK if is_new_enough else State.FAILED,
        detail=f"{platform.python_version()} ({sys.executable})",
        next_step="" if is_new_enough else "use Python 3.11 or later",
    )
    yield Check(area="system", name="platform", state=State.OK, detail=platform.platform())
    yield Check(area="system", name="Tidegate", state=State.OK, detail=f"{__version__} ({Path(__file__).parents[1]})")


def _packages() -> Iterator[Check]:
    """Every requirement of the installed distribution: those without an extra are needed."""
    seen: dict[str, str] = {}
    for line in importlib.metadata.requires("tidegate") or ():
        found = _REQUIREMENT.match(line)
        if found and found["name"].lower() != "tidegate":
            seen.setdefault(found["name"], found["extra"] or "")
    for name, extra in seen.items():
        try:
            detail, state = importlib.metadata.version(name), State.OK
        except importlib.metadata.PackageNotFoundError:
            detail, state = "not installed", State.OPTIONAL if extra else State.FAILED
        wanted = f"tidegate[{extra}]" if extra else "tidegate"
        next_step = "" if state is State.OK else f"pip install '{wanted}'"
        yield Check(area="packages", name=name, state=state, detail=detail, next_step=next_step)


def _models() -> Iterator[Check]:
    from tidegate.signals.cards import ModelCard, cards, locate

    for card in cards().values():

        def found(card: ModelCard = card) -> str:
            return locate(card).name

        yield _tried("models", card.name, found, missing=State.OPTIONAL)
    yield _tried("models", "wording heads", _wording_heads)


def _wording_heads() -> str:
    from tidegate.signals.wording.head_weights import BUILT_IN_FOLDER, read_weights

    return f"{len(read_weights(BUILT_IN_FOLDER).labels)} labels, SHA-256 as its card says"


def _detectors(resolved: Resolved) -> Iterator[Check]:
    """The detectors as the settings make them: those that `tidegate screen` would run."""
    from tidegate.assembly import as_set
    from tidegate.signals.registry import check_pipeline, usable

    try:
        made, broken = usable()
        detectors = as_set(resolved, made)
    except TidegateError as error:
        yield _failed("detectors", "pipeline", error)
        return
    yield from (_failed("detectors", f"plugin {error.where}", error) for error in broken)

    def fit() -> str:
        check_pipeline(detectors)
        return f"{len(detectors)} detectors fit together"

    yield _tried("detectors", "pipeline", fit)
    for detector in detectors:

        def loaded(load: Callable[[], None] = detector.load) -> str:
            start_s = time.perf_counter()
            load()
            return f"loads in {time.perf_counter() - start_s:.2f} s"

        yield _tried("detectors", detector.id, loaded, missing=State.OPTIONAL)


def _second_engine() -> Check:
    """The program that reads scripts beyond the bundled model's; without it those are abstentions."""
    from tidegate.signals.onscreen.tesseract import Tesseract

    scripts = sorted(Tesseract().available_scripts())
    return Check(
        area="programs",
        name="tesseract",
        state=State.OK if scripts else State.OPTIONAL,
        detail=f"reads {', '.join(scripts)}" if scripts else "not installed, or without language data",
        next_step="" if scripts else "apt-get install tesseract-ocr tesseract-ocr-all, or the languages that you need",
    )


def _home(resolved: Resolved) -> str:
    home = resolved.settings.home
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=home) as file:
        file.write(b"tidegate")
    return str(home)


def _policy(resolved: Resolved) -> str:
    from tidegate.assembly import load_policy

    policy = load_policy(resolved)
    return f"{policy.id} {policy.version}, {len(policy.clauses)} clauses"


def _fusion() -> str:
    from tidegate.judgement.model import FusionModel

    model = FusionModel.bundled()
    return f"{len(model.calibrations)} calibrations, {len(model.measured_labels)} labels measured"


def _banks(resolved: Resolved) -> str:
    paths = resolved.settings.matching.bank_paths
    if not paths:
        return "none set"
    from tidegate.signals.matching.bank import Bank

    return f"{len(Bank.load(paths))} entries in {len(paths)} files"


def _decode(resolved: Resolved) -> str:
    """Encode a clip of two seconds, and decode it the way an upload is decoded."""
    from tidegate.media.pool import DecodePool
    from tidegate.testing.clips import ClipSpec, write_clip

    settings = resolved.settings
    with tempfile.TemporaryDirectory(prefix="tidegate-doctor-") as folder:
        path = Path(folder) / "clip.mp4"
        write_clip(path, ClipSpec(duration_s=2.0, width_px=160, height_px=90))
        with DecodePool(settings.media, settings.sampling) as pool:
            clip = pool.decode(path)
    heard = 0.0 if clip.audio is None else clip.audio.size / 16_000
    return f"{len(clip.frames)} frames and {heard:.1f} s of sound of a clip of 2 s"
