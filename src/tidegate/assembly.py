"""Puts a Screener together from settings and flags: policy, banks, detectors, fusion model, decode processes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from tidegate.errors import SettingError
from tidegate.settings import Resolved

if TYPE_CHECKING:
    from tidegate.media.ahead import DecodeAhead
    from tidegate.records import Policy
    from tidegate.screening import Screener
    from tidegate.signals.base import Detector
    from tidegate.signals.speech.detector import English


def load_policy(resolved: Resolved, path: Path | None = None) -> "Policy":
    """The policy of the flag, else of the setting, else the one of this version.

    A policy of one's own may name the labels of plugins. Raises PolicyError, PluginError.
    """
    from tidegate.policy.bundled import bundled
    from tidegate.policy.document import load

    chosen = path or resolved.settings.policy.path
    return load(chosen, labels=all_labels(resolved)) if chosen else bundled()


def policy_path(resolved: Resolved, path: Path | None = None) -> Path:
    """The file that `load_policy` reads. Raises PolicyError when the bundled policies are missing."""
    from tidegate.policy import bundled

    return path or resolved.settings.policy.path or bundled.path()


def all_labels(resolved: Resolved) -> dict[str, str]:
    """Label -> meaning of every detector that is installed, plugins and mounted models included.

    Raises PluginError, ModelFileError.
    """
    from tidegate.signals.registry import available, known_labels

    return known_labels(as_set(resolved, available()))


def as_set(resolved: Resolved, detectors: "Sequence[Detector]") -> "tuple[Detector, ...]":
    """The same detectors, those that hear and read made as the settings say. Raises ModelFileError."""
    made = {one.id: one for one in _readers(resolved)}
    return tuple(made.get(one.id, one) for one in detectors)


def load_detectors(resolved: Resolved, only: Sequence[str] = (), banks: Sequence[Path] = ()) -> "tuple[Detector, ...]":
    """The detectors of flag or setting, made as the settings say; matching looks up these banks and the settings' own.

    Raises UnknownDetectorError, BankFileError, InputNotFoundError, ModelFileError.
    """
    from tidegate.signals.registry import available

    matchers = {one.id: one for one in _matchers(resolved, banks)}
    detectors = as_set(resolved, available(only or resolved.settings.screening.detectors))
    return tuple(matchers.get(one.id, one) for one in detectors)


def _readers(resolved: Resolved) -> "Iterator[Detector]":
    """The detectors that hear and read, as the settings want them."""
    from tidegate.signals.onscreen.second import NoEngine
    from tidegate.signals.onscreen.text import OnScreenDetector
    from tidegate.signals.sound.tagger import TaggerDetector
    from tidegate.signals.speech.detector import SpeechDetector

    settings = resolved.settings
    yield TaggerDetector(settings.sound.tagger_paths)
    yield SpeechDetector(
        model=settings.speech.model,
        english=cast("English", settings.speech.english),
        most_speech_s=settings.speech.max_speech_s,
        hub_folder=settings.home / "models",
    )
    has_second = settings.onscreen.second_engine != "off"
    yield OnScreenDetector(second=None if has_second else NoEngine(), look_every_s=settings.onscreen.look_every_s)


def _matchers(resolved: Resolved, banks: Sequence[Path]) -> "Iterator[Detector]":
    from tidegate.signals.matching.bank import Bank
    from tidegate.signals.matching.file import FileMatchDetector
    from tidegate.signals.matching.frame import FrameMatchDetector

    paths = dict.fromkeys((*resolved.settings.matching.bank_paths, *banks))
    if paths:
        bank = Bank.load(paths)
        yield FileMatchDetector(bank)
        yield FrameMatchDetector(bank)


def trust_anchors(resolved: Resolved) -> str:
    """The certificates whose C2PA signatures are trusted, in PEM; empty trusts none.

    Raises SettingError when the file cannot be read or holds no certificate.
    """
    path = resolved.settings.provenance.trust_list_path
    if path is None:
        return ""
    try:
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not a text"
        raise SettingError(f"the trust list cannot be read: {why}", where=str(path)) from error
    if not _certificate_count(text):
        raise SettingError(
            "the trust list holds no certificate, or one that cannot be read",
            where=str(path),
            next_step="name a PEM file of whole certificates, or leave provenance.trust_list_path unset",
        )
    return text


def _certificate_count(pem: str) -> int:
    """How many certificates a PEM text holds; 0 when one of them is broken."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=pem)
    except (ssl.SSLError, ValueError):
        return 0
    return context.cert_store_stats()["x509"]


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
    from tidegate.judgement.model import FusionModel
    from tidegate.media.ahead import DecodeAhead
    from tidegate.media.pool import DecodePool
    from tidegate.screening import Screener

    settings = resolved.settings
    policy = load_policy(resolved, policy_path)
    detectors = load_detectors(resolved, only, banks)
    count = jobs or settings.screening.jobs
    with DecodePool(settings.media, settings.sampling, workers=count, trust_anchors=trust_anchors(resolved)) as pool:
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
