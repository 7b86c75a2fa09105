import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import BankFileError, InputNotFoundError
from tidegate.signals.matching.bank import HEADER, Algorithm, Bank, BankEntry, format_bank, parse_bank, read_bank

HASH = "0123456789abcdef" * 4
HEAD = json.dumps(dict(HEADER)) + "\n"
GOOD = {"algorithm": "pdq", "hash": HASH, "bank": "demo", "entry": "poster"}


def bank_bytes(*lines: str | dict[str, object]) -> bytes:
    return (HEAD + "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)).encode()


printable = st.text(max_size=40).filter(str.isprintable)
named = printable.filter(lambda text: bool(text.strip()))
entries = st.builds(
    BankEntry,
    algorithm=st.sampled_from(Algorithm),
    hash=st.binary(min_size=32, max_size=32).map(bytes.hex),
    bank=named,
    entry=named,
    reason=printable,
    added_by=printable,
    quality=st.integers(0, 100),
)


@given(st.lists(entries, unique=True, max_size=8))
def test_a_bank_file_reads_back_as_it_was_written(wanted: list[BankEntry]) -> None:
    data = format_bank(wanted)
    assert list(parse_bank(data)) == wanted
    assert format_bank(parse_bank(data)) == data
    assert list(parse_bank(data.replace(b"\n", b"\r\n"))) == wanted


@given(st.binary(max_size=200))
def test_any_bytes_are_read_whole_or_refused_with_a_position(data: bytes) -> None:
    try:
        parse_bank(data, where="b")
    except BankFileError as error:
        name, line, column = error.where.split(":")
        assert (name, int(line) >= 1, int(column) >= 1) == ("b", True, True)


@given(st.lists(entries, unique=True, min_size=1, max_size=4), st.data())
def test_one_damaged_byte_never_changes_an_entry_into_nonsense(wanted: list[BankEntry], data: st.DataObject) -> None:
    raw = bytearray(format_bank(wanted))
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        read = parse_bank(bytes(raw))
    except BankFileError:
        return
    assert len(read) == len(wanted)
    assert all(len(entry.digest) == 32 for entry in read)


@pytest.mark.parametrize(
    ("line", "at", "what"),
    [
        ("{", "", "not JSON: Expecting property name enclosed in double quotes"),
        ("[]", "[", "the line is no JSON object"),
        ("[" * 3000, "[", "not JSON that can be read"),
        ({**GOOD, "colour": "red"}, '"colour"', "unknown field 'colour'"),
        ({**GOOD, "hash": HASH[:-1]}, '"hash"', "the hash is not 64 lower-case hex digits"),
        ({**GOOD, "hash": HASH.upper()}, '"hash"', "the hash is not 64 lower-case hex digits"),
        ({**GOOD, "hash": 7}, '"hash"', "'hash' is not a text"),
        ({**GOOD, "algorithm": "md5"}, '"algorithm"', "unknown algorithm"),
        ({**GOOD, "bank": " "}, '"bank"', "'bank' is empty"),
        (
            {"entry": "hash", "algorithm": "pdq", "bank": "b", "hash": ""},
            '"hash": ""',
            "the hash is not 64 lower-case hex digits",
        ),
        ({**GOOD, "entry": "x" * 501}, '"entry"', "'entry' is longer than 500 characters"),
        ({**GOOD, "reason": "a\nb"}, '"reason"', "'reason' holds a control character or half a character"),
        ({**GOOD, "reason": "\ud800"}, '"reason"', "'reason' holds a control character or half a character"),
        ({**GOOD, "quality": 101}, '"quality"', "quality 101 is outside 0 to 100"),
        ({**GOOD, "quality": True}, '"quality"', "'quality' is not a whole number"),
        ({"algorithm": "pdq", "hash": HASH, "bank": "b"}, "", "the field 'entry' is missing"),
        ('{"hash": "a", "hash": "b"}', '"hash": "b"', "the field 'hash' stands twice"),
        ("x" * 8192 + "y", "y", "the line is longer than 8192 characters"),
    ],
)
def test_a_wrong_line_is_named_by_line_and_column(line: str | dict[str, object], at: str, what: str) -> None:
    written = line if isinstance(line, str) else json.dumps(line)
    column = (written.index(at) if at else len(written)) + 1
    with pytest.raises(BankFileError) as caught:
        parse_bank(bank_bytes(GOOD, "", line), where="demo.jsonl")
    assert caught.value.what == what
    assert caught.value.where == f"demo.jsonl:4:{column}"
    assert caught.value.next_step


def test_bytes_that_are_not_utf8_are_named_by_line_and_column() -> None:
    with pytest.raises(BankFileError) as caught:
        parse_bank(HEAD.encode() + '{"é'.encode() + b"\xff", where="b")
    assert caught.value.where == "b:2:4"


def test_a_repeated_line_names_the_first_one() -> None:
    with pytest.raises(BankFileError, match="repeats line 2"):
        parse_bank(bank_bytes(GOOD, GOOD))


@pytest.mark.parametrize("data", [b"", b"\n\n", b'{"format": "tidegate-bank", "version": 2}\n', HASH.encode()])
def test_a_file_without_the_header_is_refused(data: bytes) -> None:
    with pytest.raises(BankFileError):
        parse_bank(data)


def test_a_missing_bank_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputNotFoundError, match=r"none\.jsonl"):
        read_bank(tmp_path / "none.jsonl")


def test_one_bad_file_means_nothing_is_taken(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    good.write_bytes(bank_bytes(GOOD))
    bad.write_bytes(bank_bytes(GOOD, "{}"))
    with pytest.raises(BankFileError, match=r"bad\.jsonl:3:"):
        Bank.load([good, bad])
    assert len(Bank.load([good])) == 1


def test_pictures_of_low_quality_are_kept_but_never_matched() -> None:
    sharp, flat = (
        BankEntry(algorithm=Algorithm.PDQ, hash=HASH, bank="b", entry=name, quality=quality)
        for name, quality in (("sharp", 50), ("flat", 49))
    )
    bank = Bank([sharp, flat])
    assert len(bank) == 2
    assert bank.pictures == (sharp,)
    assert bank.picture_codes.tobytes() == bytes.fromhex(HASH)


def test_an_empty_bank_has_no_codes() -> None:
    assert Bank().picture_codes.shape == (0, 32)


def test_a_plain_list_of_hashes_is_a_bank_named_after_its_file(tmp_path: Path) -> None:
    path = tmp_path / "exchange.txt"
    path.write_text(f"{HASH}\n{'f' * 64}\n")
    bank = Bank.load([path])
    assert [(entry.bank, entry.entry, entry.algorithm) for entry in bank.entries] == [
        ("exchange", HASH, Algorithm.PDQ),
        ("exchange", "f" * 64, Algorithm.PDQ),
    ]
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(BankFileError, match=r"exchange\.txt:1:1"):
        Bank.load([path])
