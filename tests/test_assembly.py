"""What the command puts together from settings: a trust list is read whole, or refused."""

import sys
from pathlib import Path

import pytest

from tidegate.assembly import open_screener, trust_anchors
from tidegate.errors import SettingError
from tidegate.settings import resolve
from tidegate.testing.manifests import credentials


def listed(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "trusted.pem"
    path.write_text(text, encoding="ascii")
    return path


def test_nobody_is_trusted_without_a_list() -> None:
    assert trust_anchors(resolve()) == ""


def test_a_trust_list_is_handed_on_as_it_is(tmp_path: Path) -> None:
    pytest.importorskip("cryptography")
    pem = credentials().root_pem
    assert trust_anchors(resolve([f"provenance.trust_list_path={listed(tmp_path, pem)}"])) == pem


@pytest.mark.parametrize(
    "text",
    [
        "",
        "trust me",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n",
        "\x00",
    ],
)
def test_a_trust_list_that_holds_no_whole_certificate_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingError, match="no certificate") as caught:
        trust_anchors(resolve([f"provenance.trust_list_path={listed(tmp_path, text)}"]))
    assert "trusted.pem" in caught.value.where


def test_one_broken_certificate_spoils_the_list(tmp_path: Path) -> None:
    pytest.importorskip("cryptography")
    pem = credentials().root_pem + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    with pytest.raises(SettingError):
        trust_anchors(resolve([f"provenance.trust_list_path={listed(tmp_path, pem)}"]))


def test_opencv_keeps_to_one_thread_in_what_screens() -> None:
    cv2 = pytest.importorskip("cv2")
    cv2.setNumThreads(2)
    with open_screener(resolve(), only=("onscreen",)):
        assert sys.modules["cv2"].getNumThreads() == 1
