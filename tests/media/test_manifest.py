import json
import socket
import textwrap
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.media.limits import MediaLimits, SamplingBudget
from tidegate.media.manifest import read_manifest, report_of
from tidegate.media.marks import ManifestReport, ManifestStatus
from tidegate.media.pool import DecodePool
from tidegate.testing.clips import Truth
from tidegate.testing.manifests import Claim, credentials, manifest_box, sign, store_of, with_boxes

c2pa = pytest.importorskip("c2pa", reason="needs tidegate[provenance]")

LIMITS = MediaLimits()
BUDGET = SamplingBudget()
SMALL = {"duration_s": 0.2, "width_px": 64, "height_px": 96, "frame_rate_hz": 15.0}
FOUND = ManifestReport(status=ManifestStatus.FOUND, place="uuid box", size_bytes=1)
CONTAINERS = {".mp4": "mp4", ".mov": "mov", ".jpg": "jpeg", ".png": "png", ".webp": "webp"}
GENERATED = Claim(source_type="trainedAlgorithmicMedia", agent="Sample model", actions=("c2pa.cropped",))


@pytest.fixture
def plain(clip: Callable[..., Truth]) -> Path:
    return clip(**SMALL).path


@pytest.fixture
def signed(plain: Path, tmp_path: Path) -> Path:
    return sign(plain, tmp_path / "signed.mp4", GENERATED)


@pytest.fixture
def pool() -> Iterator[DecodePool]:
    with DecodePool(LIMITS, BUDGET, trust_anchors=credentials().root_pem) as made:
        yield made


def report_on(pool: DecodePool, path: Path) -> ManifestReport:
    clip = pool.decode(path)
    assert clip.frames
    assert clip.marks.manifest is not None
    return clip.marks.manifest


@pytest.mark.parametrize("suffix", list(CONTAINERS))
def test_a_signed_file_of_every_container_is_valid_and_says_what_it_claims(
    suffix: str, clip: Callable[..., Truth], tmp_path: Path, pool: DecodePool
) -> None:
    path = sign(clip(suffix, **SMALL).path, tmp_path / f"signed{suffix}", GENERATED)
    report = report_on(pool, path)
    assert report.status is ManifestStatus.VALID
    assert report.is_trusted
    assert report.generator == "tidegate-tests 1.0"
    assert report.signer == "Sample signer, Tidegate tests"
    assert report.actions == ("c2pa.created", "c2pa.cropped")
    assert report.agents == ("Sample model",)
    assert report.source_types == ("trainedAlgorithmicMedia",)
    assert report.problems == ()


def test_without_a_trust_list_a_signer_is_valid_and_not_trusted(signed: Path) -> None:
    report = read_manifest(signed, "mp4", FOUND, LIMITS)
    assert (report.status, report.is_trusted, report.problems) == (ManifestStatus.VALID, False, ())


def test_a_signer_outside_the_trust_list_is_not_trusted(plain: Path, tmp_path: Path, pool: DecodePool) -> None:
    report = report_on(pool, sign(plain, tmp_path / "other.mp4", signer="Somebody else"))
    assert (report.status, report.is_trusted) == (ManifestStatus.VALID, False)
    assert report.problems == ("signingCredential.untrusted",)


def test_a_trust_list_that_is_no_list_leaves_nobody_trusted_and_the_clip_whole(signed: Path) -> None:
    with DecodePool(LIMITS, BUDGET, trust_anchors="no certificate") as pool:
        assert not report_on(pool, signed).is_trusted


def test_what_a_file_was_made_from_is_counted_and_its_source_type_kept(
    signed: Path, plain: Path, tmp_path: Path, pool: DecodePool
) -> None:
    path = sign(plain, tmp_path / "made.mp4", Claim(made_from=(signed,)))
    report = report_on(pool, path)
    assert report.ingredient_count == 1
    assert report.source_types == ()
    assert report.ingredient_source_types == ("trainedAlgorithmicMedia",)


def changed(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_changed_media_changed_claims_and_a_changed_signature_are_invalid(
    signed: Path, tmp_path: Path, pool: DecodePool
) -> None:
    data = signed.read_bytes()
    cases = {
        "assertion.bmffHash.mismatch": data.rindex(b"mdat") + 900,
        "assertion.hashedURI.mismatch": data.index(b"Sample model"),
        "claimSignature.mismatch": data.index(b"tidegate-tests"),
    }
    for problem, at in cases.items():
        path = tmp_path / f"{problem}.mp4"
        path.write_bytes(changed(data, at))
        report = report_on(pool, path)
        assert (report.status, problem in report.problems) == (ManifestStatus.INVALID, True), report


def test_a_manifest_moved_to_another_clip_is_invalid(
    signed: Path, clip: Callable[..., Truth], tmp_path: Path, pool: DecodePool
) -> None:
    path = tmp_path / "moved.mp4"
    path.write_bytes(with_boxes(clip(seed=5, **SMALL).path.read_bytes(), manifest_box(store_of(signed.read_bytes()))))
    assert "assertion.bmffHash.mismatch" in report_on(pool, path).problems


def test_a_malformed_claim_is_invalid_and_says_so(signed: Path, tmp_path: Path, pool: DecodePool) -> None:
    data = bytearray(signed.read_bytes())
    at = data.index(b"c2cl")
    data[at + 40 : at + 60] = b"\x9f" * 20
    path = tmp_path / "malformed.mp4"
    path.write_bytes(data)
    report = report_on(pool, path)
    assert (report.status, report.problems) == (ManifestStatus.INVALID, ("manifest.malformed",))
    assert report.detail


# --- the network --------------------------------------------------------------------------------


@pytest.fixture
def callers() -> Iterator[tuple[int, list[bytes]]]:
    """A port on this machine, and what was asked of it."""
    asked: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                asked.append(connection.recv(1000))
                connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    thread = threading.Thread(target=serve)
    thread.start()
    yield server.getsockname()[1], asked
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(10)


def test_a_manifest_kept_elsewhere_is_never_fetched(
    callers: tuple[int, list[bytes]], clip: Callable[..., Truth], tmp_path: Path, pool: DecodePool
) -> None:
    port, asked = callers
    still = clip(".jpg", **SMALL).path
    url = f"http://127.0.0.1:{port}/manifest.c2pa"
    only_there = sign(still, tmp_path / "there.jpg", Claim(remote_url=url, is_embedded=False))
    both = sign(still, tmp_path / "both.jpg", Claim(remote_url=url))
    assert pool.decode(only_there).marks.manifest is None
    assert read_manifest(only_there, "jpeg", FOUND, LIMITS).status is ManifestStatus.INVALID
    assert report_on(pool, both).status is ManifestStatus.VALID
    assert asked == []
    with only_there.open("rb") as file, pytest.raises(c2pa.C2paError):
        c2pa.Reader("image/jpeg", file)  # by its own defaults the library does ask
    assert [request.split()[1] for request in asked] == [b"/manifest.c2pa"]


def test_revocation_is_never_asked_about(
    callers: tuple[int, list[bytes]], plain: Path, tmp_path: Path, pool: DecodePool
) -> None:
    port, asked = callers
    path = sign(plain, tmp_path / "ocsp.mp4", ocsp_url=f"http://127.0.0.1:{port}/ocsp")
    assert report_on(pool, path).status is ManifestStatus.VALID
    assert asked == []
    context = c2pa.Context(c2pa.Settings.from_dict({"verify": {"ocsp_fetch": True}}))
    with path.open("rb") as file, c2pa.Reader("video/mp4", file, context=context):
        assert asked  # told to, the library does ask


# --- what goes wrong costs the manifest, never the clip -----------------------------------------


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a package named c2pa in front of the real one; its Reader does what the given lines say."""

    def install(lines: str) -> None:
        folder = tmp_path / "stand-in" / "c2pa"
        folder.mkdir(parents=True)
        head = "import os, signal, time\nclass C2paError(Exception): pass\n"
        settings = (
            "class Settings:\n    from_dict = staticmethod(dict)\nclass Context:\n    def __init__(self, s): pass\n"
        )
        reader = f"class Reader:\n    def __init__(self, *a, **k):\n{textwrap.indent(lines, ' ' * 8)}\n"
        (folder / "__init__.py").write_text(head + settings + reader)
        monkeypatch.syspath_prepend(folder.parent)

    return install


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV"),
        ("os.abort()", "SIGABRT"),
        ("os._exit(3)", "status 3"),
        ("raise MemoryError", "memory"),
        ("bytearray(8 * 1024**3)", "memory"),
        ("raise KeyError('x')", "KeyError"),
        ("def deeper(n): return deeper(n + 1)\ndeeper(0)", "RecursionError"),
        ("while True: pass", "CPU-s"),
        ("time.sleep(60)", "1 s"),
    ],
)
def test_whatever_the_library_does_costs_the_manifest_and_not_the_clip(
    lines: str, says: str, library: Callable[[str], None], signed: Path, plain: Path
) -> None:
    library(lines)
    limits = replace(LIMITS, cpu_limit_s=1.0, wall_limit_s=1.0 if "sleep" in lines else 30.0)
    with DecodePool(limits, BUDGET) as pool:
        clip = pool.decode(signed)
        assert clip.frames
        report = clip.marks.manifest
        assert report is not None
        assert (report.status, report.place) == (ManifestStatus.UNREADABLE, "uuid box")
        assert says in report.detail
        assert pool.decode(plain).frames


def test_without_the_library_the_report_says_so_and_the_clip_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, signed: Path
) -> None:
    folder = tmp_path / "stand-in"
    folder.mkdir()
    (folder / "c2pa.py").write_text("raise ImportError('not here')")
    monkeypatch.syspath_prepend(folder)
    with DecodePool(LIMITS, BUDGET) as pool:
        assert report_on(pool, signed).status is ManifestStatus.UNAVAILABLE


def test_a_file_without_a_manifest_never_loads_the_library(library: Callable[[str], None], plain: Path) -> None:
    library("raise SystemExit")
    with DecodePool(LIMITS, BUDGET) as pool:
        assert pool.decode(plain).marks.manifest is None


def test_a_clip_with_a_manifest_counts_once_and_a_replaced_decoder_reads_the_next(signed: Path) -> None:
    with DecodePool(replace(LIMITS, recycle_after=2), BUDGET) as pool:
        for left in (2, 1, 2, 1):
            assert report_on(pool, signed).status is ManifestStatus.VALID
            assert len(pool.pids) == left


def test_a_manifest_leaves_the_decoder_as_confined_as_before(signed: Path, pool: DecodePool) -> None:
    report_on(pool, signed)
    _, pid = pool.pids
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    assert status["Threads"].strip() == "1"
    open_files = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    report_on(pool, signed)
    assert sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir()) == open_files


@pytest.mark.slow
def test_hundreds_of_mutated_manifests_end_in_a_report_and_the_clip_is_kept(
    signed: Path, plain: Path, tmp_path: Path, pool: DecodePool
) -> None:
    rng = np.random.default_rng(7)
    film, store = plain.read_bytes(), store_of(signed.read_bytes())
    path = tmp_path / "mutated.mp4"
    pool.decode(plain)
    nursery = pool.pids[0]
    seen = set()
    for number in range(300):
        copy = bytearray(store)
        for _ in range(int(rng.integers(1, 6))):
            at, length = int(rng.integers(0, len(copy))), int(rng.integers(1, 9))
            match number % 4:
                case 0:
                    copy[at : at + length] = rng.bytes(length)
                case 1:
                    del copy[at : at + length * 20]
                case 2:
                    copy[at:at] = copy[at : at + length * 50]
                case _:
                    copy[at] = (0, 0xFF, 0x7F, 0x9F, 0xBF, 0x5F)[length % 6]
        path.write_bytes(with_boxes(film, manifest_box(bytes(copy))))
        clip = pool.decode(path)
        assert clip.frames
        assert clip.marks.manifest is not None
        seen.add(clip.marks.manifest.status)
    assert ManifestStatus.INVALID in seen
    assert ManifestStatus.VALID not in seen
    assert pool.pids[0] == nursery


# --- what the library says -----------------------------------------------------------------------

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)
_KEYS = ("assertions", "ingredients", "signature_info", "claim_generator_info", "claim_generator", "label", "data")


@given(active=st.dictionaries(st.sampled_from(_KEYS), _JSON), results=_JSON, state=_JSON)
def test_any_answer_of_the_library_becomes_a_report(active: object, results: object, state: object) -> None:
    store = {
        "active_manifest": "a",
        "manifests": {"a": active, "b": active},
        "validation_results": results,
        "validation_state": state,
    }
    assert isinstance(report_of(store, FOUND), ManifestReport)
    assert isinstance(report_of(results, FOUND), ManifestReport)


def test_a_store_of_many_actions_gives_a_bounded_report() -> None:
    actions = [{"action": f"c2pa.{number}", "softwareAgent": "x" * 5000} for number in range(100_000)]
    active = {"assertions": [{"label": "c2pa.actions", "data": {"actions": actions}}], "ingredients": [{}] * 100_000}
    failures = [{"code": f"code{number}"} for number in range(100_000)]
    store = {
        "active_manifest": "a",
        "manifests": {"a": active} | {str(number): active for number in range(1000)},
        "validation_results": {"activeManifest": {"failure": failures}},
    }
    report = report_of(store, FOUND)
    assert report.ingredient_count == 100_000
    assert len(json.dumps([report.actions, report.problems, report.agents])) < 50_000
