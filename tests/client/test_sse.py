"""The stream's messages are the same however the bytes are cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.client.sse import MOST_CHARACTERS, EventParser, Message
from tidegate.errors import UnexpectedAnswerError

LINE = st.one_of(
    st.just(""),
    st.builds(
        "{}:{}{}".format,
        st.sampled_from(["data", "event", "id", "retry", "", "data ", "x"]),
        st.sampled_from(["", " ", "  "]),
        st.text(st.characters(exclude_characters="\r\n"), max_size=6),
    ),
    st.sampled_from(["data", "id", "event", "retry: 1500", "retry: ²", ": still here", "id: a\0b"]),
)


def _in_one_go(text: str) -> list[tuple[str, str, str]]:
    """The rules of the standard, read off a whole text."""
    found, kind, last_id = list[tuple[str, str, str]](), "", ""
    data: list[str] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:-1]:
        name, value = [*line.split(":", 1), ""][:2]
        value = value[1:] if value[:1] == " " else value
        if line == "":
            if data:
                found.append((kind or "message", "\n".join(data), last_id))
            kind, data = "", []
        elif name == "data":
            data.append(value)
        elif name == "event":
            kind = value
        elif name == "id" and "\0" not in value:
            last_id = value
    return found


@given(st.lists(st.tuples(LINE, st.sampled_from(["\n", "\r", "\r\n"]))), st.booleans(), st.lists(st.integers(0, 400)))
def test_messages_do_not_depend_on_where_the_bytes_were_cut(
    lines: list[tuple[str, str]], has_mark: bool, cuts: list[int]
) -> None:
    text = "".join(line + end for line, end in lines)
    content = (b"\xef\xbb\xbf" if has_mark else b"") + text.encode("utf-8", "replace")
    at = [0, *sorted(min(cut, len(content)) for cut in cuts), len(content)]
    parser = EventParser()
    messages = [one for start, end in pairwise(at) for one in parser.push(content[start:end])]
    whole = content.decode().removeprefix("\ufeff")
    assert [(one.kind, one.data, one.last_id) for one in messages] == _in_one_go(whole)


def test_the_parts_of_a_message_are_kept() -> None:
    parser = EventParser("3")
    assert parser.push(b"event: upload.decided\ndata: a\ndata:b\nretry: 1500\n") == []
    assert parser.push(b"\nid: 4\ndata\n\n") == [
        Message(kind="upload.decided", data="a\nb", last_id="3"),
        Message(kind="message", data="", last_id="4"),
    ]
    assert parser.retry_s == 1.5


@pytest.mark.parametrize("lead", [b"data: ", b""])
def test_a_message_without_end_is_refused(lead: bytes) -> None:
    parser, piece = EventParser(), lead + b"x" * 1000 + (b"\n" if lead else b"")
    with pytest.raises(UnexpectedAnswerError):
        for _ in range(MOST_CHARACTERS // 1000 + 2):
            parser.push(piece)
