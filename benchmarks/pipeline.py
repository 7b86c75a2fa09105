"""CPU seconds per stage and clip of the whole screening, and how many cores 300 million clips a day would take.

python benchmarks/pipeline.py
"""

import os
from collections import defaultdict
from pathlib import Path

from measure import arguments, clip, family_cpu_s, table, verdict
from screener import opened, upload
from tidegate.media.limits import SamplingBudget

LIMIT_CPU_S = 2.0
CLIPS_A_DAY = 300_000_000
DAY_S = 86_400


def main() -> None:
    default = SamplingBudget().between_keyframes_frames
    given = arguments(
        __doc__ or "",
        clips=(int, 20, "clips of each kind"),
        between_keyframes_frames=(int, default, "the setting of that name"),
    )
    kinds = {
        "a keyframe a second": ["keyframe-a-second.mp4", "keyframe-a-second-2.mp4"],
        "keyframes rare": ["keyframes-at-cuts.mp4", "one-keyframe-and-a-flash.mp4"],
    }
    for kind, names in kinds.items():
        _measure(
            kind,
            [clip(given.folder, name) for name in names],
            given.clips,
            given.folder,
            given.between_keyframes_frames,
        )


def _measure(kind: str, paths: list[Path], count: int, folder: Path, between: int) -> None:
    by_stage: dict[str, float] = defaultdict(float)
    flags = (f"sampling.between_keyframes_frames={between}",)
    with opened(folder, flags=flags) as screener:
        for number in range(2):
            screener.screen(upload(number), paths[number % len(paths)], now_s=0.0)
        cpu_start_s = family_cpu_s(os.getpid())
        for number in range(count):
            screened = screener.screen(upload(number), paths[number % len(paths)], now_s=0.0)
            for cost in screened.screening.costs:
                by_stage[cost.stage] += cost.cpu_s / count
        total_s = (family_cpu_s(os.getpid()) - cpu_start_s) / count
    # What no stage accounts for: handing over frames, ending and starting decode processes, policy.
    by_stage["everything between"] = total_s - sum(by_stage.values())
    rows = [
        (stage, stage_s, f"{stage_s / total_s:.1%}") for stage, stage_s in sorted(by_stage.items(), key=lambda i: -i[1])
    ]
    target = f"<= {LIMIT_CPU_S} CPU-s: {verdict(total_s <= LIMIT_CPU_S)}"
    rows.append(("all", total_s, target))
    table(
        f"30 s of 1080x1920 H.264, {kind}, between_keyframes_frames {between}, mean of {count} clips",
        ("stage", "CPU-s a clip", "share"),
        rows,
    )
    print(f"clips per core-hour: {3600 / total_s:,.0f}")
    print(f"cores for {CLIPS_A_DAY:,} a day, busy all the time: {CLIPS_A_DAY * total_s / DAY_S:,.0f}")


if __name__ == "__main__":
    main()
