"""References by their form and their addresses: every spelling of a private place is refused."""

import ipaddress
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import RefusedAddressError, RefusedReferenceError, SettingError
from tidegate.server.intake.fetching import FetchRules, StoreRules, fetch, shown
from tidegate.server.intake.fetching.addresses import why_refused
from tidegate.server.intake.fetching.references import read_web

PRIVATE = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"),
    *("192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
)


class Nowhere:
    def write(self, data: bytes) -> None:
        raise AssertionError("nothing may be fetched")


def no_name(host: str, *, timeout_s: float) -> Sequence[str]:
    raise AssertionError(f"{host} was resolved")


def private_addresses() -> st.SearchStrategy[ipaddress.IPv4Address]:
    return st.sampled_from(PRIVATE).flatmap(lambda text: st.ip_addresses(v=4, network=text))


def spellings(address: ipaddress.IPv4Address) -> list[str]:
    number, octets = int(address), address.packed
    low, high = number & 0xFFFF, number >> 16
    inside = [f"::ffff:{address}", f"::ffff:0:{address}", f"64:ff9b::{address}", f"64:ff9b:1::{address}"]
    inside += [f"2002:{high:x}:{low:x}::1", f"2001:0:{high:x}:{low:x}::", f"2a00:1::200:5efe:{address}"]
    return [
        str(address),
        f"{address}.",
        str(number),
        hex(number),
        f"0{number:o}",
        ".".join(f"0{octet:o}" for octet in octets),
        ".".join(hex(octet) for octet in octets),
        f"{octets[0]}.{number & 0xFFFFFF}",
        "".join(chr(0xFF10 + int(digit)) if digit.isdigit() else "。" for digit in str(address)),
        *(f"[{text}]" for text in inside),
        *(f"[{ipaddress.IPv6Address(text).exploded}]" for text in inside),
    ]


@given(private_addresses())
def test_a_private_address_is_refused_in_every_spelling(address: ipaddress.IPv4Address) -> None:
    for host in spellings(address):
        with pytest.raises((RefusedAddressError, RefusedReferenceError)):
            fetch(f"https://{host}/clip.mp4", Nowhere(), FetchRules(), resolver=no_name)


@pytest.mark.parametrize(
    "text",
    [
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd00:ec2::254",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "3fff::1",
    ],
)
def test_private_addresses_of_ipv6_are_refused(text: str) -> None:
    assert why_refused(ipaddress.ip_address(text), ())


@pytest.mark.parametrize("text", ["8.8.8.8", "2a00:1450::1", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_public_addresses_are_let_through(text: str) -> None:
    assert why_refused(ipaddress.ip_address(text), ()) == ""


def test_metadata_services_stay_refused_when_their_network_is_listed() -> None:
    everything = FetchRules(networks=("0.0.0.0/0", "::/0")).allowed_networks
    assert why_refused(ipaddress.ip_address("10.1.2.3"), everything) == ""
    assert why_refused(ipaddress.ip_address("::1"), everything) == ""
    for text in (
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "64:ff9b::169.254.169.254",
        "fd00:ec2::254",
        "168.63.129.16",
    ):
        assert why_refused(ipaddress.ip_address(text), everything) == "a cloud's metadata service"


@pytest.mark.parametrize(
    "reference",
    [
        *("", "clip.mp4", "//example.com/a", "ftp://example.com/a", "file:///etc/passwd", "gopher://example.com/"),
        *("https://", "https:///a", "https://user@example.com/", "https://example.com@127.0.0.1/", "https://[::1/"),
        *(
            "https://example.com\\@127.0.0.1/",
            "https://exa mple.com/",
            "https://example.com/\r\nHost: a",
            "https://a%2eb/",
        ),
        *("https://example.com:99999/", "https://example.com:8443/", "https://example.com:+80/", "https://a..b/"),
        *("http://example.com/", "https://[fe80::1%25eth0]/", "https://" + "a" * 9000, "s3://bucket/key"),
    ],
)
def test_a_reference_of_a_form_that_is_not_taken_is_refused_before_any_look_up(reference: str) -> None:
    with pytest.raises(RefusedReferenceError) as caught:
        fetch(reference, Nowhere(), FetchRules(), resolver=no_name)
    assert not caught.value.is_transient


def test_an_address_is_brought_into_one_form() -> None:
    here = read_web("HTTPS://Bücher.Example.:443/ä b?sig=%2F".replace(" ", "%20"))
    assert (here.host, here.port, here.target) == ("xn--bcher-kva.example", 443, "/%C3%A4%20b?sig=%2F")
    assert here.shown == "https://xn--bcher-kva.example/%C3%A4%20b"


def test_a_list_of_hosts_lets_in_what_it_names_and_what_lies_below() -> None:
    rules = FetchRules(hosts=("a.example", "*.b.example"))
    assert [
        rules.is_host_allowed(host) for host in ("a.example", "x.b.example", "b.example", "xa.example", "xb.example")
    ] == [*(True, True, False, False, False)]


@given(st.text(max_size=60), st.text(min_size=1, max_size=20, alphabet="abcdef0123456789"))
def test_what_is_shown_never_holds_the_query(path: str, secret: str) -> None:
    assert f"SECRET{secret}" not in shown(f"https://host/{path}?sig=SECRET{secret}")


def test_what_is_shown_never_holds_a_password() -> None:
    assert shown("s3://key:password@bucket/a?b") == "s3://bucket/a"


def test_rules_that_make_no_sense_are_refused() -> None:
    for fields in (
        {"schemes": frozenset({"ftp"})},
        {"networks": ("10.0.0.1/8",)},
        {"ports": frozenset({0})},
        {"hosts": ("a/b",)},
    ):
        with pytest.raises(SettingError):
            FetchRules(**fields)
    for scheme in ("file", "http", "simplecache"):
        with pytest.raises(SettingError):
            StoreRules(scheme=scheme, buckets=("a",))
