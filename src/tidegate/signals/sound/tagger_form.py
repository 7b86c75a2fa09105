"""The form of a mounted audio tagger: a folder with `tagger.json` and a network, checked before anything runs.

{
  "format": "tidegate.tagger@1",
  "name": "sirens", "version": "1",
  "file": "sirens.onnx", "sha256": "...",
  "sample_rate_hz": 16000, "window_s": 3.0, "hop_s": 1.0,
  "input": {"kind": "log_mel", "layout": "time_mel", "fft_size": 512, "window_size": 400, "hop_size": 160,
            "mel_count": 64, "low_hz": 125, "high_hz": 7500, "log_offset": 0.001, "power": 1, "scale": "htk",
            "is_area_one": false, "mean": 0, "deviation": 1},
  "activation": "sigmoid",
  "outputs": [{"index": 0, "label": "sound.siren", "threshold": 0.5, "meaning": ""}],
  "licence": "Apache-2.0", "trained_on": "..."
}

`input` may be {"kind": "waveform"} instead: samples in [-1, 1]. The network has one input, float32 (n, time, mel),
(n, mel, time), either with a channel of one behind n, or (n, samples); its first output is float32 (n, classes).
`activation` is what is still to be done to that output: `sigmoid`, `softmax`, or `none` where it is in [0, 1] already.
`meaning` explains a label that Tidegate does not know. `least_windows` is how many windows in a row must reach the
threshold, 1 where it is not given: for sounds that last.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tidegate.errors import ModelFileError
from tidegate.media.clip import AUDIO_RATE_HZ
from tidegate.records.signal import LABEL_PATTERN
from tidegate.signals.labels import LABELS
from tidegate.signals.sound.mel import LogMel

FORMAT = "tidegate.tagger@1"
FILE_NAME = "tagger.json"
ACTIVATIONS = ("sigmoid", "softmax", "none")
LAYOUTS = ("time_mel", "mel_time", "channel_time_mel", "channel_mel_time")
MOST_FORM_BYTES = 262_144
MOST_MODEL_BYTES = 1 << 30
MOST_OUTPUTS = 64
MOST_WINDOW_S = 60.0
LEAST_HOP_S = 0.1

_MEL_OPTIONAL = frozenset({"power", "scale", "is_area_one", "mean", "deviation"})
_MEL_FIELDS = frozenset(LogMel.__slots__) | {"kind", "layout"}
_OUTPUT_FIELDS = frozenset({"index", "label", "threshold", "meaning", "least_windows"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One class that matters: its column in the network's output, its label, the least score that is told, and how
    many windows in a row must reach it.
    """

    index: int
    label: str
    threshold: float
    meaning: str = ""
    least_windows: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagger:
    """A tagger's form, every field checked; `log_mel` is `None` where the network takes samples."""

    folder: Path
    name: str
    version: str
    file: str
    sha256: str
    window_s: float
    hop_s: float
    log_mel: LogMel | None
    layout: str
    activation: str
    outputs: tuple[Output, ...]
    licence: str
    trained_on: str

    @property
    def window_samples(self) -> int:
        """Samples in a window."""
        return round(self.window_s * AUDIO_RATE_HZ)

    @property
    def labels(self) -> frozenset[str]:
        """The labels it can emit."""
        return frozenset(output.label for output in self.outputs)

    def model_bytes(self) -> bytes:
        """The network's file, its SHA-256 checked. Raises ModelFileError when it is missing, too large or changed."""
        path = self.folder / self.file
        try:
            if path.stat().st_size > MOST_MODEL_BYTES:
                raise _wrong(path, "file", f"is larger than {MOST_MODEL_BYTES} bytes")
            data = path.read_bytes()
        except OSError as error:
            raise _wrong(self.folder / FILE_NAME, "file", f"{self.file}: {error.strerror or error}") from error
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise _wrong(self.folder / FILE_NAME, "sha256", f"{self.file} is not the file with this digest")
        return data


_FIELDS = (frozenset(Tagger.__slots__) - {"folder", "log_mel", "layout"}) | {"format", "sample_rate_hz", "input"}


def read(folder: Path) -> Tagger:
    """The form of a tagger's folder. Raises ModelFileError naming file and field. Reads no network."""
    path = folder / FILE_NAME
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_FORM_BYTES + 1)
    except OSError as error:
        raise ModelFileError(
            f"the tagger's form cannot be read: {error.strerror or error}",
            where=str(path),
            next_step=f"mount a folder with {FILE_NAME} and its network",
        ) from error
    if len(raw) > MOST_FORM_BYTES:
        raise _wrong(path, "format", f"the form is larger than {MOST_FORM_BYTES} bytes")
    try:
        values = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise _wrong(path, "format", f"the form is not JSON: {type(error).__name__}") from error
    return _Form(path, values, "").tagger()


def _wrong(path: Path, field: str, what: str) -> ModelFileError:
    return ModelFileError(f"{field}: {what}", where=str(path), next_step=f"correct {field!r} in the tagger's form")


@dataclass(frozen=True, slots=True)
class _Form:
    """One object of the form, and how to read its fields strictly."""

    path: Path
    values: Any
    at: str

    def tagger(self) -> Tagger:
        if not isinstance(self.values, dict) or self.values.get("format") != FORMAT:
            raise _wrong(self.path, "format", f"must be {FORMAT!r}")
        self.check_fields(_FIELDS, frozenset())
        if self.number("sample_rate_hz", 1, 1e6) != AUDIO_RATE_HZ:
            raise _wrong(self.path, "sample_rate_hz", f"must be {AUDIO_RATE_HZ}, the rate at which clips are heard")
        window_s = self.number("window_s", 0.025, MOST_WINDOW_S)
        source = _Form(self.path, self.mapping("input"), "input.")
        log_mel, layout = source.input(round(window_s * AUDIO_RATE_HZ))
        file, sha256 = self.text("file"), self.text("sha256")
        if Path(file).name != file or not file.endswith(".onnx"):
            raise _wrong(self.path, "file", "must be the name of an .onnx file in the same folder")
        if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
            raise _wrong(self.path, "sha256", "must be 64 hexadecimal digits in lower case")
        return Tagger(
            folder=self.path.parent,
            name=self.text("name"),
            version=self.text("version"),
            file=file,
            sha256=sha256,
            window_s=window_s,
            hop_s=self.number("hop_s", LEAST_HOP_S, window_s),
            log_mel=log_mel,
            layout=layout,
            activation=self.choice("activation", ACTIVATIONS),
            outputs=self.outputs(),
            licence=self.text("licence"),
            trained_on=self.text("trained_on"),
        )

    def input(self, window_samples: int) -> tuple[LogMel | None, str]:
        if self.choice("kind", ("waveform", "log_mel")) == "waveform":
            self.check_fields(frozenset({"kind"}), frozenset())
            return None, ""
        self.check_fields(_MEL_FIELDS, _MEL_OPTIONAL)
        fft_size = self.whole("fft_size", 16, 65_536)
        high_hz = self.number("high_hz", 1.0, AUDIO_RATE_HZ / 2)
        how = LogMel(
            fft_size=fft_size,
            window_size=self.whole("window_size", 8, min(fft_size, window_samples)),
            hop_size=self.whole("hop_size", 8, window_samples),
            mel_count=self.whole("mel_count", 1, 512),
            low_hz=self.number("low_hz", 0.0, high_hz - 1.0),
            high_hz=high_hz,
            log_offset=self.number("log_offset", 1e-12, 1e3),
            power=self.whole("power", 1, 2) if "power" in self.values else 2,
            scale=self.choice("scale", ("htk", "slaney")) if "scale" in self.values else "htk",
            is_area_one=self.truth("is_area_one") if "is_area_one" in self.values else False,
            mean=self.number("mean", -1e6, 1e6) if "mean" in self.values else 0.0,
            deviation=self.number("deviation", 1e-6, 1e6) if "deviation" in self.values else 1.0,
        )
        return how, self.choice("layout", LAYOUTS)

    def outputs(self) -> tuple[Output, ...]:
        rows = self.values["outputs"]
        if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_OUTPUTS:
            raise _wrong(self.path, "outputs", f"must be a list of 1 to {MOST_OUTPUTS} objects")
        return tuple(_Form(self.path, row, f"outputs[{number}].").output() for number, row in enumerate(rows))

    def output(self) -> Output:
        if not isinstance(self.values, dict):
            raise _wrong(self.path, self.at.rstrip("."), "must be an object")
        self.check_fields(_OUTPUT_FIELDS, frozenset({"meaning", "least_windows"}))
        label, meaning = self.text("label"), self.values.get("meaning", "")
        if not LABEL_PATTERN.match(label):
            raise _wrong(self.path, f"{self.at}label", f"{label[:60]!r} is not family.name")
        if not isinstance(meaning, str) or (label not in LABELS and not meaning.strip()):
            raise _wrong(self.path, f"{self.at}meaning", f"must explain {label}, which the label table does not")
        return Output(
            index=self.whole("index", 0, 100_000),
            label=label,
            threshold=self.number("threshold", 0.0, 1.0),
            meaning=meaning.strip(),
            least_windows=self.whole("least_windows", 1, 100) if "least_windows" in self.values else 1,
        )

    def check_fields(self, known: frozenset[str], optional: frozenset[str]) -> None:
        given = set(self.values)
        if unknown := sorted(given - known):
            raise _wrong(self.path, f"{self.at}{unknown[0][:60]}", "is no field of this form")
        if missing := sorted(known - optional - given):
            raise _wrong(self.path, f"{self.at}{missing[0]}", "is missing")

    def mapping(self, field: str) -> Mapping[str, Any]:
        value = self.values[field]
        if not isinstance(value, dict):
            raise _wrong(self.path, f"{self.at}{field}", "must be an object")
        return value

    def text(self, field: str) -> str:
        value = self.values[field]
        if not isinstance(value, str) or not value.strip() or len(value) > 2000:
            raise _wrong(self.path, f"{self.at}{field}", "must be a text that is not empty")
        return value.strip()

    def choice(self, field: str, among: tuple[str, ...]) -> str:
        value = self.values.get(field)
        if value not in among:
            raise _wrong(self.path, f"{self.at}{field}", f"must be one of {', '.join(among)}")
        return str(value)

    def truth(self, field: str) -> bool:
        value = self.values[field]
        if not isinstance(value, bool):
            raise _wrong(self.path, f"{self.at}{field}", "must be true or false")
        return value

    def number(self, field: str, least: float, most: float) -> float:
        value = self.values[field]
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not least <= value <= most:  # NaN is in no range
            raise _wrong(self.path, f"{self.at}{field}", f"must be a number from {least:g} to {most:g}")
        return float(value)

    def whole(self, field: str, least: int, most: int) -> int:
        value = self.values[field]
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise _wrong(self.path, f"{self.at}{field}", f"must be a whole number from {least} to {most}")
        return value
