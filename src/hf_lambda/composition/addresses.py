"""Decides which hosts a project may make us talk to: public ones, by the address that is then connected to.

A name can resolve to a public address when it is checked and to a private one when it is used, so names are
resolved once, every address is checked, and the connection is made to a checked address.
"""

import ipaddress
import socket
from collections.abc import Callable

DEFAULT_PORTS = {"http": 80, "https": 443}
"""By scheme; there are no others that we fetch from."""
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

Lookup = Callable[[str, int], list[str]]
"""From a host name and a port to its addresses; raises OSError where there are none."""


class AddressRefusedError(Exception):
    """A host has an address that a project has no business with."""


def look_up(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system resolves it, IPv4 first."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = dict.fromkeys(str(entry[4][0]) for entry in found)
    return sorted(addresses, key=lambda address: ":" in address)


def vetted_addresses(host: str, port: int, *, allow_private: bool, lookup: Lookup = look_up) -> list[str]:
    """The addresses to connect to for `host`.

    With `allow_private`, private and loopback addresses are fine too; link-local ones, where clouds keep their
    credentials, never are.

    Raises:
        AddressRefusedError: one of them is not allowed.
        OSError: the host has none.
    """
    addresses = lookup(host, port)
    for address in addresses:
        if not _is_allowed(address, allow_private=allow_private):
            raise AddressRefusedError(f"{host} is at {address}, which is not a public address")
    if not addresses:
        raise OSError(f"{host} has no address")
    return addresses


def _is_allowed(address: str, *, allow_private: bool) -> bool:
    try:
        ip = _embedded(ipaddress.ip_address(address.split("%")[0]))
    except ValueError:
        return False
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified:
        return False
    # "Is global" alone would let some reserved ranges through in older Pythons.
    return allow_private or (ip.is_global and not ip.is_private and not ip.is_reserved)


def _embedded(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The IPv4 address that an IPv6 address stands for, where it does."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else ip)
