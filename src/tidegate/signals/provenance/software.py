"""Programs that files name: editors, encoders and writers, phones, and platforms that a clip came down from.

An open table: a row is a pattern of what the program writes into a field that names programs. Naming a program is
harmless in itself. The rows marked *seen* were read from files of that program or from its source; the others are the
name the program goes by, looked for where programs put their names.
"""

import re
from collections.abc import Iterator, Sequence

from tidegate.media.marks import Tag
from tidegate.signals.provenance.finding import Finding, key_of, with_keys

PROGRAM_FIELDS = frozenset(
    {"encoder", "encoded_by", "software", "writing_application", "muxing_application", "creation_tool", "creatortool"}
    | {"history softwareagent", "processingsoftware", "tool", "handler_name", "swr", "generator"}
)
"""Fields in which programs write their names, in lower case and without their place."""

EDITORS: tuple[tuple[str, str], ...] = (
    (r"cap\s?cut|\bvicut\b", "CapCut"),
    (r"\bjianying\b|剪映", "Jianying"),
    (r"adobe premiere", "Adobe Premiere"),
    (r"adobe after effects", "Adobe After Effects"),
    (r"adobe photoshop", "Adobe Photoshop"),
    (r"adobe lightroom", "Adobe Lightroom"),
    (r"adobe media encoder", "Adobe Media Encoder"),
    (r"davinci resolve", "DaVinci Resolve"),
    (r"final cut pro", "Final Cut Pro"),
    (r"\bimovie\b", "iMovie"),
    (r"\binshot\b", "InShot"),
    (r"\bkinemaster\b", "KineMaster"),
    (r"\bfilmora\b", "Filmora"),
    (r"\bvegas (?:pro|movie)\b|magix", "VEGAS"),
    (r"\bcamtasia\b", "Camtasia"),
    (r"\bkdenlive\b", "Kdenlive"),
    (r"\bshotcut\b", "Shotcut"),
    (r"\bopenshot\b", "OpenShot"),
    (r"\bpicsart\b", "Picsart"),
    (r"\bcanva\b", "Canva"),
    (r"\bvn video editor\b|\bvlogit\b", "VN"),
    (r"\bpowerdirector\b", "PowerDirector"),
    (r"\bgimp\b", "GIMP"),
    (r"\blightworks\b", "Lightworks"),
    (r"\bavidemux\b", "Avidemux"),
    (r"\blosslesscut\b", "LosslessCut"),
    (r"\bsnapseed\b", "Snapseed"),
)
"""Pattern, name. *Seen*: CapCut, whose `LvMetaInfo` names the product `vicut`, in its Android code."""

WRITERS: tuple[tuple[str, str], ...] = (
    (r"\bLavf[\d.]*", "libavformat"),
    (r"\bLavc[\d.]*", "libavcodec"),
    (r"\bx264\b", "x264"),
    (r"\bx265\b", "x265"),
    (r"\bHandBrake\b", "HandBrake"),
    (r"\bBento4\b", "Bento4"),
    (r"\bL-SMASH\b", "L-SMASH"),
    (r"\bGPAC\b", "GPAC"),
    (r"mainconcept", "MainConcept"),
    (r"\bSVT-AV1\b", "SVT-AV1"),
    (r"AOMedia Project AV1", "libaom"),
    (r"Core Media (?:Video|Audio)", "Core Media"),
    (r"\bGoogle\b", "Google"),
)
"""Encoders and writers: no sign of editing. *Seen* but for HandBrake, L-SMASH, GPAC and MainConcept."""

PLATFORM_FIELDS = {"com.bytedance.info": "TikTok", "aigc_info": "TikTok"}
PLATFORM_VALUES: tuple[tuple[str, str, str], ...] = (
    ("comment", r"vid:v[0-9a-z]{6}", "TikTok"),
    ("handler_name", r"bytedance|tiktok", "TikTok"),
    ("handler_name", r"iso media file produced by google", "YouTube"),
    ("handler_name", r"twitter-vork", "X"),
    ("handler_name", r"packager by bilibili|bilibili", "Bilibili"),
)
"""Field, pattern, platform: what platforms write into the files that they serve, as publicly described."""

DEVICE_FIELDS = frozenset(
    {"com.android.version", "com.android.manufacturer", "com.android.model", "com.apple.quicktime.model", "model"}
)
_LIBAV = re.compile(r"\bLav[fc](\d{2,3})\.")
_PRODUCT = re.compile(r'\\?"product\\?"\s*:\s*\\?"(\w{1,20})')
_PRODUCTS = {"vicut": "CapCut", "lv": "Jianying"}


def editors(tags: Sequence[Tag]) -> list[Finding]:
    """Editors that the file names, each once."""
    found: dict[str, Finding] = {}
    for tag in _program_tags(tags):
        for pattern, name in EDITORS:
            if re.search(pattern, tag.value, re.IGNORECASE):
                found.setdefault(name, Finding(field=tag.field, says=f"the file names {name}", score=0.6))
    for tag in with_keys(tags, "lvmetainfo", "com.android.information", "com.apple.quicktime.information"):
        product = _PRODUCT.search(tag.value)
        if maker := _PRODUCTS.get(product[1] if product else ""):
            found.setdefault(maker, Finding(field=tag.field, says=f"the file names {maker}", score=0.6))
    return list(found.values())


def program_names(tags: Sequence[Tag]) -> list[object]:
    """Editors by name, then what encoders and writers call themselves, as far as the tables know them."""
    named = [finding.says.removeprefix("the file names ") for finding in editors(tags)]
    for tag in _program_tags(tags):
        for pattern, name in WRITERS:
            if match := re.search(pattern, tag.value):
                named.append(match[0] if match[0].startswith("Lav") else name)
    return list(named)


def reencode_traces(tags: Sequence[Tag]) -> list[Finding]:
    """Signs that the file was written more than once. Each is what every honest upload may show as well."""
    return [*_platforms(tags), *_rewritten(tags), *_versions(tags), *_foreign_stream(tags), *_edits(tags)]


def _program_tags(tags: Sequence[Tag]) -> list[Tag]:
    return [tag for tag in tags if key_of(tag) in PROGRAM_FIELDS or tag.field.startswith("stream:")]


def _platforms(tags: Sequence[Tag]) -> Iterator[Finding]:
    seen: set[str] = set()
    for tag in tags:
        key = key_of(tag)
        named = [PLATFORM_FIELDS[key]] if key in PLATFORM_FIELDS else []
        named += [name for field, form, name in PLATFORM_VALUES if field == key and re.search(form, tag.value, re.I)]
        for name in named:
            if name not in seen:
                seen.add(name)
                yield Finding(field=tag.field, says=f"written by {name} before", score=0.5)


def _rewritten(tags: Sequence[Tag]) -> Iterator[Finding]:
    device = next(with_keys(tags, *DEVICE_FIELDS), None)
    writer = next((tag for tag in _program_tags(tags) if _LIBAV.search(tag.value)), None)
    if device and writer:
        yield Finding(field=writer.field, says=f"{device.field} names a device, libav wrote the file", score=0.5)


def _versions(tags: Sequence[Tag]) -> Iterator[Finding]:
    """FFmpeg raises the first number of libavformat and libavcodec together: two numbers are two programs."""
    majors: dict[str, Tag] = {}
    for tag in _program_tags(tags):
        for match in _LIBAV.finditer(tag.value):
            majors.setdefault(match[1], tag)
    if len(majors) > 1:
        field = list(majors.values())[-1].field
        yield Finding(field=field, says=f"libav {' and '.join(sorted(majors))} both wrote in it", score=0.6)


def _foreign_stream(tags: Sequence[Tag]) -> Iterator[Finding]:
    """A stream signed by x264 or x265 in a file that another maker's writer names as its own."""
    stream = next((tag for tag in tags if tag.field == "stream:user data"), None)
    own = re.compile(r"core media|mainconcept|iso media file produced by google", re.IGNORECASE)
    writer = next((tag for tag in with_keys(tags, "handler_name", "encoder") if own.search(tag.value)), None)
    if stream and writer:
        yield Finding(field=stream.field, says=f"a stream of {stream.value[:4]} under another writer", score=0.5)


def _edits(tags: Sequence[Tag]) -> Iterator[Finding]:
    for tag in tags:
        if tag.field == "edit list":
            yield Finding(field=tag.field, says=tag.value, score=0.4)
            return
