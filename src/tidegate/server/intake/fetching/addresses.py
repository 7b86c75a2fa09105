"""Which addresses may be connected to: public ones, and private ones that a rule names. Pure; standard library only.

The table follows the special-purpose address registries of IANA for IPv4 and IPv6 (RFC 6890 and its updates). An
IPv6 address that carries an IPv4 address is judged by what it carries, because that is where packets would go.
"""

import ipaddress
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NEVER: tuple[tuple[Network, str], ...] = tuple(
    (ipaddress.ip_network(text), why)
    for text, why in (
        ("169.254.169.254/32", "a cloud's metadata service"),
        ("169.254.170.2/32", "a cloud's metadata service"),
        ("169.254.170.23/32", "a cloud's metadata service"),
        ("100.100.100.200/32", "a cloud's metadata service"),
        ("168.63.129.16/32", "a cloud's metadata service"),
        ("192.0.0.192/32", "a cloud's metadata service"),
        ("fd00:ec2::254/128", "a cloud's metadata service"),
        ("fd00:ec2::23/128", "a cloud's metadata service"),
        ("fd20:ce::254/128", "a cloud's metadata service"),
        ("0.0.0.0/8", "no host's address"),
        ("224.0.0.0/4", "a multicast address"),
        ("255.255.255.255/32", "the broadcast address"),
        ("::/128", "no host's address"),
        ("ff00::/8", "a multicast address"),
    )
)
"""Refused whatever the rules allow: nothing there ever holds a video, and some of it hands out secrets."""

_SPECIAL: tuple[tuple[Network, str], ...] = tuple(
    (ipaddress.ip_network(text), why)
    for text, why in (
        ("10.0.0.0/8", "a private network"),
        ("100.64.0.0/10", "a carrier's shared network"),
        ("127.0.0.0/8", "this machine"),
        ("169.254.0.0/16", "a link-local network"),
        ("172.16.0.0/12", "a private network"),
        ("192.0.0.0/24", "reserved for protocols"),
        ("192.0.2.0/24", "reserved for documentation"),
        ("192.31.196.0/24", "reserved for protocols"),
        ("192.52.193.0/24", "reserved for protocols"),
        ("192.88.99.0/24", "a relay between address families"),
        ("192.168.0.0/16", "a private network"),
        ("192.175.48.0/24", "reserved for protocols"),
        ("198.18.0.0/15", "reserved for measurements"),
        ("198.51.100.0/24", "reserved for documentation"),
        ("203.0.113.0/24", "reserved for documentation"),
        ("240.0.0.0/4", "reserved"),
        ("::1/128", "this machine"),
        ("64:ff9b:1::/48", "a translation into a local network"),
        ("2001::/23", "a tunnel or reserved for protocols"),
        ("2001:db8::/32", "reserved for documentation"),
        ("2002::/16", "a tunnel through another network"),
        ("2620:4f:8000::/48", "reserved for protocols"),
        ("3fff::/20", "reserved for documentation"),
        ("fc00::/7", "a private network"),
        ("fe80::/10", "a link-local network"),
        ("fec0::/10", "a site-local network"),
    )
)
_PUBLIC_V6 = IPv6Network("2000::/3")
_TRANSLATED_V6 = IPv6Network("64:ff9b::/96")
"""NAT64 (RFC 6052): on a network without IPv4, public names resolve into it, so it is judged by what it carries."""
_SIX_TO_FOUR = IPv6Network("2002::/16")
_TEREDO = IPv6Network("2001::/32")
_MAPPED_V6 = (IPv6Network("::ffff:0:0/96"), IPv6Network("::ffff:0:0:0/96"), IPv6Network("::/96"))
_TUNNEL_IDENTIFIERS = (0x00005EFE, 0x02005EFE)
"""Upper half of an interface identifier that carries an IPv4 address in its lower half (ISATAP, RFC 5214)."""


def carried(address: Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses that an IPv6 address carries: mapped, translated, compatible, 6to4, Teredo, NAT64, ISATAP."""
    if isinstance(address, IPv4Address) or address.is_loopback:
        return ()
    number, low = int(address), int(address) & 0xFFFFFFFF
    if address in _TRANSLATED_V6 or any(address in network for network in _MAPPED_V6):
        return (IPv4Address(low),)
    if address in _SIX_TO_FOUR:
        return (IPv4Address(number >> 80 & 0xFFFFFFFF),)
    if address in _TEREDO:
        return IPv4Address(number >> 64 & 0xFFFFFFFF), IPv4Address(low ^ 0xFFFFFFFF)
    if number >> 32 & 0xFFFFFFFF in _TUNNEL_IDENTIFIERS:
        return (IPv4Address(low),)
    return ()


def why_refused(address: Address, allowed: Sequence[Network]) -> str:
    """Why no connection may go to an address, in words that fit after "leads to"; empty if it may.

    `allowed` are networks that are let in though they are not public. They are compared with the address itself and,
    for an IPv4 address mapped into IPv6, with the IPv4 address. Cost: microseconds.
    """
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return "a link-local network"
        address = address.ipv4_mapped or address
    never = _first(address, _NEVER) or next((why for one in carried(address) if (why := _first(one, _NEVER))), "")
    if never:
        return never
    if any(address.version == network.version and address in network for network in allowed):
        return ""
    return _first(address, _SPECIAL) or _why_not_public(address)


def _first(address: Address, table: tuple[tuple[Network, str], ...]) -> str:
    return next((why for network, why in table if address.version == network.version and address in network), "")


def _why_not_public(address: Address) -> str:
    """What no row of the table names: IPv6 outside the public block, what it carries, and what Python knows."""
    if isinstance(address, IPv6Address):
        if address not in _PUBLIC_V6 and address not in _TRANSLATED_V6:
            return "no public network"
        for inner in carried(address):
            if why := _first(inner, _SPECIAL) or _why_not_public(inner):
                return why
    return "" if address.is_global else "no public network"
