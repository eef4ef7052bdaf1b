"""Addresses as keys to count by; whose request it is stands in ``chassis.clients``."""

import ipaddress
from typing import Final

IPV6_NETWORK_BITS: Final = 64
"""One household or office usually has a whole /64 to choose addresses from."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def network_of(address: str) -> str:
    """The key of an address: IPv4 itself, IPv6 its /64, anything else as it is."""
    parsed = parsed_address(address)
    if parsed is None:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(ipaddress.ip_network((int(parsed), IPV6_NETWORK_BITS), strict=False))


def parsed_address(text: str) -> Address | None:
    """None for what is no address. IPv4 in IPv6's clothes is the IPv4 address: a
    socket that listens on both writes it so.
    """
    try:
        parsed = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    mapped = getattr(parsed, "ipv4_mapped", None)
    return parsed if mapped is None else mapped
