"""The media stage against a bare keyframe decode and against sampling by full decode, in one library and one run.

python benchmarks/media_stage.py
"""

import dataclasses
from functools import partial
from pathlib import Path

import av

from measure import arguments, clip, least_cpu_s, table, verdict
from tidegate.media.decode import decode
from tidegate.media.limits import MediaLimits, SamplingBudget

MOST_OF_BARE = 1.5
LEAST_CHEAPER = 4.0


def bare_keyframes(path: Path) -> int:
    """Decode the keyframe packets of the picture stream and all of the sound; convert and keep nothing."""
    pictures = 0
    with av.open(str(path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        video.codec_context.thread_count = 1
        for packet in container.demux(video, audio):
            if packet.stream is audio:
                packet.decode()
            elif packet.is_keyframe or packet.size == 0:
                pictures += len(packet.decode())
    return pictures


def full_decode_sampling(path: Path, every_s: float = 1.0, side_px: int = 512) -> int:
    """Decode every picture, keep one a second at 512 pixels, and resample the sound to 16 kHz mono."""
    kept, due_s = 0, 0.0
    resampler = av.AudioResampler(format="flt", layout="mono", rate=16_000)
    with av.open(str(path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        video.codec_context.thread_count = 1
        scale = side_px / max(video.width, video.height)
        size = round(video.width * scale), round(video.height * scale)
        for packet in container.demux(video, audio):
            for frame in packet.decode():
                if isinstance(frame, av.AudioFrame):
                    resampler.resample(frame)
                elif isinstance(frame, av.VideoFrame) and (frame.time or 0.0) >= due_s:
                    frame.to_ndarray(format="rgb24", width=size[0], height=size[1])
                    kept, due_s = kept + 1, due_s + every_s
    return kept


def main() -> None:
    given = arguments(__doc__ or "", tries=(int, 5, "rounds; the least of them counts"))
    dense = clip(given.folder, "keyframe-a-second.mp4")
    rare = clip(given.folder, "keyframes-at-cuts.mp4")
    hidden = clip(given.folder, "one-keyframe-and-a-flash.mp4")
    _against_bare(dense, given.tries)
    _price_of_seeing_between({"a keyframe a cut": rare, "one keyframe, hidden flash": hidden}, given.tries)


def _against_bare(path: Path, tries: int) -> None:
    limits, budget = MediaLimits(), SamplingBudget()
    bare_s, stage_s, full_s = least_cpu_s(
        [partial(bare_keyframes, path), partial(decode, path, limits, budget), partial(full_decode_sampling, path)],
        tries,
    )
    rows = [
        ("bare keyframes + sound", bare_s, 1.0, ""),
        (
            "media stage",
            stage_s,
            stage_s / bare_s,
            f"<= {MOST_OF_BARE}x bare: {verdict(stage_s <= MOST_OF_BARE * bare_s)}",
        ),
        ("sampling by full decode", full_s, full_s / bare_s, ""),
        (
            "full decode / media stage",
            "",
            full_s / stage_s,
            f">= {LEAST_CHEAPER}: {verdict(full_s >= LEAST_CHEAPER * stage_s)}",
        ),
    ]
    table("30 s of 1080x1920 H.264, a keyframe a second", ("work", "CPU-s", "ratio", "target"), rows)


def _price_of_seeing_between(clips: dict[str, Path], tries: int) -> None:
    """What `sampling.between_keyframes_frames` costs and what it shows where keyframes are rare."""
    rows: list[tuple[object, ...]] = []
    for kind, path in clips.items():
        bare_s, full_s = least_cpu_s([partial(bare_keyframes, path), partial(full_decode_sampling, path)], tries)
        rows.append((kind, "bare keyframes", bare_s, "", "", ""))
        for most in (0, 60, 120, 240, 480, 900):
            budget = dataclasses.replace(SamplingBudget(), between_keyframes_frames=most)
            (stage_s,) = least_cpu_s([partial(decode, path, MediaLimits(), budget)], tries)
            found = decode(path, MediaLimits(), budget)
            is_seen = any(15.3 <= frame.time_s < 15.8 for frame in found.frames) if "flash" in kind else ""
            rows.append((kind, most, stage_s, found.coverage.frames_decoded, found.coverage.longest_unseen_s, is_seen))
        rows.append((kind, "full decode", full_s, 900, 0.0, ""))
    headings = ("clip", "between_keyframes_frames", "CPU-s", "frames decoded", "longest unseen s", "flash seen")
    table("30 s of 1080x1920 H.264, keyframes rare", headings, rows)


if __name__ == "__main__":
    main()
