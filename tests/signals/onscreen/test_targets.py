from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.signals.onscreen.targets import Mark, read_link


def marks_of(text: str) -> tuple[Mark, ...]:
    link = read_link(text)
    assert link is not None
    return link.marks


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("https://example.com/a?b=c#d", "https://example.com/a?b=c#d"),
        ("HTTPS://Example.COM/A", "https://example.com/A"),
        ("example.com/a", "https://example.com/a"),
        ("www.example.tel", "https://www.example.tel"),
        ("https:\\\\evil.example\\a", "https://evil.example/a"),
        ("https:/evil.example", "https://evil.example"),
        ("ht\ntps://evil.exa\tmple/", "https://evil.example/"),
        ("https://%65vil.example/", "https://evil.example/"),
        ("https://evil。example/", "https://evil.example/"),
        ("https://ｅｖｉｌ.example/", "https://evil.example/"),
        ("https://bank.example@evil.example/", "https://evil.example/"),
        ("https://bank.example%40evil.example/", None),
        ("https://a:b@c@evil.example/", "https://evil.example/"),
        ("https://evil.example:8443/", "https://evil.example:8443/"),
        ("https://evil.example:443/", "https://evil.example/"),
    ],
)
def test_a_link_is_read_as_a_browser_reads_it(written: str, plain: str | None) -> None:
    link = read_link(written)
    assert link is not None
    assert plain is None or link.plain() == plain


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("0177.0.0.01", "127.0.0.1"),
        ("1.2.3.4", "1.2.3.4"),
        ("1.2.772", "1.2.3.4"),
        ("１.2.3.4", "1.2.3.4"),
        ("[::1]", "[::1]"),
    ],
)
def test_an_address_is_known_in_every_spelling(host: str, address: str) -> None:
    link = read_link(f"http://{host}/a")
    assert link is not None
    assert link.host == address
    assert Mark.ADDRESS in link.marks
    assert (Mark.DISGUISED in link.marks) == (host != address)


@pytest.mark.parametrize("host", ["256.1.1.1", "1.2.3.4.5", "0x1ffffffff", "1.2.3.4a", "example.com", "[::1", "09.1"])
def test_what_is_no_address_is_not_called_one(host: str) -> None:
    link = read_link(f"http://{host}/")
    assert link is None or Mark.ADDRESS not in link.marks


def test_private_hosts_are_told_from_public_ones() -> None:
    for host in ("localhost", "192.168.0.1", "10.0.0.1", "printer.local", "[fe80::1]", "169.254.1.1"):
        assert Mark.PRIVATE in marks_of(f"http://{host}/"), host
    for host in ("1.1.1.1", "example.com", "[2606:4700::1111]"):
        assert Mark.PRIVATE not in marks_of(f"http://{host}/"), host


def test_an_internationalised_host_is_known_both_ways() -> None:
    encoded, own = read_link("https://xn--pple-43d.com/"), read_link("https://\u0430pple.com/")
    assert encoded is not None
    assert own is not None
    assert encoded.host == own.host == "xn--pple-43d.com"
    assert encoded.shown_host == own.shown_host == "\u0430pple.com"
    assert Mark.PUNYCODE in encoded.marks
    assert Mark.PUNYCODE in own.marks


def test_punycode_that_cannot_be_read_stays_as_it_is() -> None:
    for host in ("xn--.com", "xn--999999999999999999999.com", "xn--a-\u00e9.com", "xn--" + "z" * 200 + ".com"):
        link = read_link(f"https://{host}/")
        assert link is None or link.shown_host


def test_short_links_names_before_hosts_and_ports_are_marked() -> None:
    assert Mark.SHORT in marks_of("https://bit.ly/abc")
    assert Mark.SHORT in marks_of("https://shop.page.link/abc")
    assert Mark.SHORT not in marks_of("https://notbit.ly.example/abc")
    assert Mark.USER_INFO in marks_of("https://bank.example@evil.example")
    assert Mark.USER_INFO not in marks_of("https://evil.example/@name")
    assert Mark.PORT in marks_of("https://evil.example:8081/")
    assert marks_of("https://example.com/a?b=c") == ()


@pytest.mark.parametrize("scheme", ["javascript", "data", "file", "intent", "vbscript", "content", "JavaScript"])
def test_schemes_that_run_something_are_marked(scheme: str) -> None:
    assert Mark.RUNS_CODE in marks_of(f"{scheme}:whatever")


@pytest.mark.parametrize(
    "text",
    ["", " ", "hello", "hello world", "a.b.c", "file.txt", "Price: 5", "https://", "https:///", "//", "@"],
)
def test_what_is_no_link_is_none(text: str) -> None:
    assert read_link(text) is None or not read_link(text).host  # type: ignore[union-attr]


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    for start in ("", "https://", "http:", "tg:", "//"):
        found = read_link(start + text)
        assert found is None or "\n" not in found.host


labels = st.from_regex(r"[a-z][a-z0-9]{1,10}", fullmatch=True)


@given(labels, labels, st.lists(st.sampled_from("?&=/#abc123%20"), max_size=20).map("".join))
def test_a_plain_link_comes_back_unchanged_and_unmarked(name: str, domain: str, tail: str) -> None:
    written = f"https://{name}.{domain}.com/{tail}"
    link = read_link(written)
    assert link is not None
    assert link.plain() == written
    assert link.marks == ()


@given(st.integers(0, 2**32 - 1), st.sampled_from(["d", "x", "o", "dots"]))
def test_every_number_is_the_same_address(value: int, base: str) -> None:
    dotted = ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))
    written = {"d": str(value), "x": hex(value), "o": f"0{value:o}", "dots": dotted}[base]
    link = read_link(f"http://{written}/")
    assert link is not None
    assert link.host == dotted


@given(labels, labels)
def test_a_percent_encoded_host_is_the_same_host(name: str, domain: str) -> None:
    encoded = "".join(f"%{ord(letter):02x}" for letter in name) + "." + quote(domain) + ".com"
    link = read_link(f"https://{encoded}/")
    assert link is not None
    assert link.host == f"{name}.{domain}.com"
    assert Mark.DISGUISED in link.marks
