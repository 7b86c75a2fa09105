"""One clip of `tidegate demo`: how it is made, and what is true of it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tidegate.cli.demo_truth import Fact
from tidegate.records import Upload, to_json
from tidegate.testing.clips import ClipSpec, Truth, write_clip

_SIZE = {"width_px": 270, "height_px": 480, "frame_rate_hz": 15.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One clip of the demo. `write` makes the file and says what is true of it; `caption` goes into its sidecar."""

    name: str
    caption: str
    write: Callable[[Path, Mapping[str, object]], tuple[Fact, ...]]
    fields: Mapping[str, object]
    language: str = "en"
    hashtags: tuple[str, ...] = ()

    def make(self, folder: Path) -> "Made":
        """Write clip and sidecar into `folder`."""
        path = folder / self.name
        facts = self.write(path, self.fields)
        upload = Upload(id=f"demo-{path.stem}", caption=self.caption, language=self.language, hashtags=self.hashtags)
        Path(f"{path}.json").write_text(json.dumps(to_json(upload), indent=1), encoding="ascii")
        return Made(path=path, facts=facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A clip on disk and what is true of it."""

    path: Path
    facts: tuple[Fact, ...]


def write(path: Path, fields: Mapping[str, object]) -> Truth:
    """Write the clip of these fields of ClipSpec in the demo's size."""
    return write_clip(path, ClipSpec(**{**_SIZE, **fields}))  # type: ignore[arg-type]  # fields of ClipSpec by name
