"""Messages between web processes and precheck desks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import DeskProtocolError, PrecheckUnavailableError
from tidegate.records import Context, Upload
from tidegate.server.ids import new_id
from tidegate.server.precheck import wire
from tidegate.server.precheck.wire import Asked
from tidegate.server.texts.wire import HEAD


def _payload(frame: bytes) -> bytes:
    assert HEAD.unpack(frame[: HEAD.size]) == (len(frame) - HEAD.size,)
    return frame[HEAD.size :]


@given(st.text(max_size=200), st.lists(st.text(max_size=20), max_size=5), st.booleans())
def test_a_request_reads_as_it_was_written(caption: str, hashtags: list[str], has_file: bool) -> None:
    name = new_id("pc") if has_file else ""
    upload = Upload(id="pc_1", caption=caption, hashtags=tuple(hashtags))
    asked = Asked(upload=upload, context=Context(follower_count=3), file_name=name)
    assert wire.read_request(_payload(wire.request_frame(asked))) == asked


@given(st.binary(max_size=200))
def test_anything_else_is_refused(payload: bytes) -> None:
    with pytest.raises(DeskProtocolError):
        wire.read_request(payload)


@pytest.mark.parametrize("name", ["../up", "/etc/passwd", "pc_" + "A" * 26, "pc_1", "pc_" + "a" * 26 + "\n", 5])
def test_a_file_that_we_did_not_name_is_refused(name: object) -> None:
    import json

    payload = json.dumps({"v": 1, "upload": {"id": "pc_1"}, "context": {}, "file_name": name}).encode()
    with pytest.raises(DeskProtocolError, match="another file"):
        wire.read_request(payload)


def test_an_answer_is_a_result_or_an_error() -> None:
    assert wire.read_answer(_payload(wire.answer_frame({"verdict": "allowed"})))["result"] == {"verdict": "allowed"}
    error = wire.read_answer(_payload(wire.error_frame(PrecheckUnavailableError("no"))))["error"]
    assert error["code"] == "TG-H312"
    with pytest.raises(DeskProtocolError):
        wire.read_answer(b'{"v": 1}')
    with pytest.raises(DeskProtocolError):
        wire.read_answer(b'{"v": 2, "result": {}}')
