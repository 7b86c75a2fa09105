import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import BankFileError
from tidegate.signals.matching.lists import (
    FrameHash,
    entries_from_vpdq,
    format_vpdq,
    parse_pdq_lines,
    parse_vpdq,
)

HASH = "0123456789abcdef" * 4

frame_hash = st.builds(
    FrameHash,
    frame=st.integers(0, 10**6),
    quality=st.integers(0, 100),
    code=st.binary(min_size=32, max_size=32),
    time_s=st.integers(0, 10**7).map(lambda milliseconds: milliseconds / 1000),
)


@given(st.lists(frame_hash, max_size=6))
def test_a_vpdq_list_reads_back_as_it_was_written(wanted: list[FrameHash]) -> None:
    assert list(parse_vpdq(format_vpdq(wanted))) == wanted


@given(st.text(max_size=120))
def test_any_text_is_read_or_refused_with_a_position(text: str) -> None:
    for parse in (lambda: parse_vpdq(text, where="v"), lambda: parse_pdq_lines(text, bank="b", where="v")):
        try:
            parse()
        except BankFileError as error:
            assert [part.isdigit() for part in error.where.split(":")] == [False, True, True]


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("1,2,3", 1),
        (f"x,100,{HASH},0.0", 1),
        (f"1,101,{HASH},0.0", 3),
        (f"1,100,{HASH[1:]},0.0", 7),
        (f"1,100,{HASH},-1", 72),
    ],
)
def test_a_wrong_vpdq_line_is_named_by_line_and_column(line: str, column: int) -> None:
    with pytest.raises(BankFileError) as caught:
        parse_vpdq(f"0,100,{HASH},0.000\n{line}\n", where="v")
    assert caught.value.where == f"v:2:{column}"


def test_plain_pdq_lines_become_entries_named_after_their_hash() -> None:
    entries = parse_pdq_lines(f"{HASH}\r\n\n  {HASH.upper()}\n{'f' * 64}", bank="shared", reason="exchange")
    assert [(entry.hash, entry.entry, entry.bank) for entry in entries] == [
        (HASH, HASH, "shared"),
        ("f" * 64, "f" * 64, "shared"),
    ]


def test_a_line_that_is_no_hash_is_named_by_line_and_column() -> None:
    with pytest.raises(BankFileError) as caught:
        parse_pdq_lines(f"{HASH}\n  {HASH}0", bank="b", where="list.txt")
    assert caught.value.where == "list.txt:2:3"


def test_frames_of_low_quality_stay_out_of_a_bank() -> None:
    hashes = [
        FrameHash(frame=i, quality=quality, code=bytes([i]) * 32, time_s=i / 30)
        for i, quality in enumerate((100, 49, 50))
    ]
    assert [entry.hash for entry in entries_from_vpdq(hashes, bank="b", entry="e")] == ["00" * 32, "02" * 32]
