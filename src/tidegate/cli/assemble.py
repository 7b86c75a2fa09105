"""Puts a Screener together from settings and flags: policy, banks, detectors, fusion model, decode processes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate.settings import Resolved

if TYPE_CHECKING:
    from tidegate.cli.batch import DecodeAhead
    from tidegate.records import Policy
    from tidegate.screening import Screener
    from tidegate.signals.base import Detector


def load_policy(resolved: Resolved, path: Path | None = None) -> "Policy":
    """The policy of the flag, else of the setting, else the one of this version.

    A policy of one's own may name the labels of plugins. Raises PolicyError, PluginError.
    """
    from tidegate.policy.bundled import bundled
    from tidegate.policy.document import load

    chosen = path or resolved.settings.policy.path
    return load(chosen, labels=all_labels()) if chosen else bundled()


def policy_path(resolved: Resolved, path: Path | None = None) -> Path:
    """The file that `load_policy` reads. Raises PolicyError when the bundled policies are missing."""
    from tidegate.policy import bundled

    return path or resolved.settings.policy.path or bundled.path()


def all_labels() -> dict[str, str]:
    """Label -> meaning of every detector that is installed, plugins included. Raises PluginError."""
    from tidegate.signals.registry import available, known_labels

    return known_labels(available())


def load_detectors(resolved: Resolved, only: Sequence[str] = (), banks: Sequence[Path] = ()) -> "tuple[Detector, ...]":
    """The detectors of flag or setting; the matching ones look up these banks and those of the settings.

    Raises UnknownDetectorError, BankFileError, InputNotFoundError.
    """
    from tidegate.signals.matching.bank import Bank
    from tidegate.signals.matching.file import FileMatchDetector
    from tidegate.signals.matching.frame import FrameMatchDetector
    from tidegate.signals.registry import available

    detectors = available(only or resolved.settings.screening.detectors)
    paths = dict.fromkeys((*resolved.settings.matching.bank_paths, *banks))
    if not paths:
        return detectors
    bank = Bank.load(paths)
    matching: dict[str, Detector] = {one.id: one for one in (FileMatchDetector(bank), FrameMatchDetector(bank))}
    return tuple(matching.get(one.id, one) for one in detectors)


@contextmanager
def open_screener(
    resolved: Resolved,
    *,
    policy_path: Path | None = None,
    only: Sequence[str] = (),
    banks: Sequence[Path] = (),
    jobs: int | None = None,
) -> "Iterator[tuple[Screener, DecodeAhead]]":
    """A loaded Screener and the decoder that may work ahead for it; decode processes end with the context."""
    from tidegate.cli.batch import DecodeAhead
    from tidegate.judgement.model import FusionModel
    from tidegate.media.pool import DecodePool
    from tidegate.screening import Screener

    settings = resolved.settings
    policy = load_policy(resolved, policy_path)
    detectors = load_detectors(resolved, only, banks)
    count = jobs or settings.screening.jobs
    with DecodePool(settings.media, settings.sampling, workers=count) as pool:
        ahead = DecodeAhead(pool, count)
        try:
            screener = Screener(
                policy=policy,
                detectors=detectors,
                fusion=FusionModel.bundled(),
                decoder=ahead,
                seed=settings.screening.seed,
            )
            screener.load()
            yield screener, ahead
        finally:
            ahead.close()
