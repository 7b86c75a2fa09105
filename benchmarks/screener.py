"""The screener that benchmarks measure: settings, detectors, policy and decoder as `tidegate screen` has them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tidegate.assembly import open_screener
from tidegate.records import Upload
from tidegate.screening import Screener
from tidegate.settings import resolve
from tidegate.signals.matching.bank import format_bank
from tidegate.signals.matching.enrol import entries_from_frames
from tidegate.testing.drawing import picture

CAPTIONS = (
    ("en", "Early walk along the harbour before the boats went out"),
    ("ko", "오늘 시장에서 딸기를 샀어요. 내일은 엄마랑 잼을 만들 거예요"),
    ("es", "La receta de mi abuela para un arroz con verduras, lista en media hora"),
    ("de", "Nebenjob: Stell dein Konto zur Verfügung, leite das Geld weiter und behalte 10 % Provision"),
)


@contextmanager
def opened(folder: Path, bank_pictures: int = 1000, flags: Sequence[str] = ()) -> Iterator[Screener]:
    """A loaded screener with the bundled policy, every detector, a bank of that many pictures, and `--set` flags."""
    bank = folder / f"bank-{bank_pictures}.jsonl"
    if not bank.exists():
        folder.mkdir(parents=True, exist_ok=True)
        seeds = range(1_000_000, 1_000_000 + bank_pictures)
        entries = [
            entry
            for seed in seeds
            for entry in entries_from_frames([picture(seed, 128, 128)], bank="benchmark", entry=f"picture {seed}")
        ]
        bank.write_bytes(format_bank(entries))
    with open_screener(resolve(tuple(flags)), banks=(bank,)) as (screener, _):
        yield screener


def upload(number: int) -> Upload:
    """The upload of that number; captions take turns through four languages."""
    language, caption = CAPTIONS[number % len(CAPTIONS)]
    return Upload(id=f"benchmark-{number}", caption=caption, hashtags=("tide", "harbour"), language=language)
