import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.signals.onscreen.payloads import (
    MAX_ADDED_CHARS,
    MAX_PAYLOAD_BYTES,
    PayloadKind,
    cleaned,
    examine,
    kind_of,
)

VCARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Some Body\nTEL:+491511234567\nEND:VCARD"
EMVCO = "00020101021129370016A000000677010111011300668912345675802TH5911MERCHANT AB6304ABCD"


def text_of(payload: str) -> str:
    return examine(payload, payload.encode("utf-8", "surrogatepass")).text


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        ("https://example.com", PayloadKind.LINK),
        ("example.com/menu", PayloadKind.LINK),
        ("fb://profile/33138223345", PayloadKind.APP_LINK),
        ("javascript:alert(1)", PayloadKind.SCRIPT),
        ("JAVA\nSCRIPT:alert(1)", PayloadKind.SCRIPT),
        ("\x01javascript:alert(1)", PayloadKind.SCRIPT),
        ("data:text/html,hello", PayloadKind.SCRIPT),
        ("file:///etc/passwd", PayloadKind.SCRIPT),
        ("intent://a#Intent;end", PayloadKind.SCRIPT),
        ("tel:+491511234567", PayloadKind.PHONE),
        ("SMSTO:+491511234567:hello", PayloadKind.MESSAGE),
        ("mailto:a@example.com", PayloadKind.EMAIL),
        ("MATMSG:TO:a@example.com;SUB:x;;", PayloadKind.EMAIL),
        ("geo:52.5,13.4", PayloadKind.PLACE),
        ("WIFI:T:WPA;S:net;P:secret;;", PayloadKind.WIFI),
        (VCARD, PayloadKind.CONTACT),
        ("MECARD:N:Body,Some;TEL:1234567;;", PayloadKind.CONTACT),
        ("BEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT", PayloadKind.EVENT),
        ("bitcoin:bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", PayloadKind.PAYMENT),
        ("bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", PayloadKind.PAYMENT),
        ("0x" + "ab" * 20, PayloadKind.PAYMENT),
        ("upi://pay?pa=x@y&pn=Shop", PayloadKind.PAYMENT),
        (EMVCO, PayloadKind.PAYMENT),
        ("BCD\n002\n1\nSCT\nABCDEFGH\nSome Body\nDE00", PayloadKind.PAYMENT),
        ("SPC\n0200\n1\nCH00", PayloadKind.PAYMENT),
        ("otpauth://totp/a?secret=ABC", PayloadKind.SECRET),
        ("hello world", PayloadKind.TEXT),
        ("12:30 tomorrow", PayloadKind.TEXT),
        ("Note: call me", PayloadKind.TEXT),
        ("urn:isbn:0451450523", PayloadKind.TEXT),
        ("", PayloadKind.TEXT),
    ],
)
def test_a_payload_is_told_by_what_scanning_it_would_do(payload: str, kind: PayloadKind) -> None:
    assert kind_of(payload) is kind


def test_the_payload_stands_first_and_what_is_hidden_in_it_below() -> None:
    link = "https://t.example/?url=https%3A%2F%2Fevil.example%2Fa"
    assert text_of(link) == f"{link}\nhttps://evil.example/a"


def test_the_name_of_a_merchant_is_told() -> None:
    assert text_of(EMVCO).split("\n")[1:] == ["MERCHANT AB"]


def test_a_product_number_is_not_taken_for_an_address_or_a_link() -> None:
    found = examine("4006381333931", b"4006381333931", is_product=True)
    assert (found.kind, found.text) == (PayloadKind.PRODUCT, "4006381333931")


def test_a_payload_cannot_add_lines_of_its_own() -> None:
    assert "\n" not in text_of("hello\nhttps://bank.example\r\nsafe\u2028and\u2029sound\x85\x0b")
    assert text_of(VCARD).split("\n") == [cleaned(VCARD)]


def test_marks_of_direction_are_taken_out_and_told() -> None:
    found = examine("a\u202egpj.exe", "a\u202egpj.exe".encode())
    assert found.text == "agpj.exe"
    assert "holds hidden marks of direction" in found.marks


def test_lone_surrogates_and_controls_do_not_come_through() -> None:
    shown = text_of("a\ud800b\x00c\x1b[31md")
    assert shown.encode("utf-8")
    assert shown.isprintable()


def test_bytes_that_are_no_text_are_shown_as_hexadecimal() -> None:
    found = examine("\x00\x01\xff\xfe", b"\x00\x01\xff\xfe")
    assert (found.kind, found.text) == (PayloadKind.BINARY, "binary 0001fffe")


def test_bytes_in_utf_8_are_text_whatever_the_decoder_calls_them() -> None:
    assert examine("", "plain é".encode()).text == "plain é"


def test_text_in_an_older_encoding_is_shown_as_the_decoder_reads_it() -> None:
    assert examine("日本語", "日本語".encode("shift_jis")).text == "日本語"


@pytest.mark.parametrize(
    "payload", ["x" * 5000, "é" * 2500, "https://a.example/" + "x" * 6000, "\ud800" * 3000, "日" * 100_000]
)
def test_a_long_payload_is_cut_and_says_so(payload: str) -> None:
    found = examine(payload, payload.encode("utf-8", "surrogatepass"))
    assert found.is_cut
    assert len(found.text.split("\n")[0].encode()) <= MAX_PAYLOAD_BYTES


def test_a_full_qr_code_is_not_cut() -> None:
    payload = "https://a.example/" + "x" * 2900
    assert not examine(payload, payload.encode()).is_cut


def test_long_binary_is_cut_and_says_so() -> None:
    found = examine("", b"\xff" * 3000)
    assert found.is_cut
    assert len(found.text) <= MAX_PAYLOAD_BYTES


@given(st.text(max_size=500) | st.binary(max_size=500))
def test_no_payload_breaks_anything(payload: str | bytes) -> None:
    data = payload if isinstance(payload, bytes) else payload.encode("utf-8", "surrogatepass")
    text = payload if isinstance(payload, str) else payload.decode("latin-1")
    found = examine(text, data)
    first, *added = found.text.split("\n")
    assert len(first.encode("utf-8")) <= MAX_PAYLOAD_BYTES
    assert sum(map(len, added)) <= MAX_ADDED_CHARS
    assert all(line == cleaned(line) for line in [first, *added])
    assert not any("\u202a" <= one <= "\u202e" or one < " " for one in first)


@given(st.text(max_size=200))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert cleaned(cleaned(text)) == cleaned(text)
