"""Protection against SSRF: connections to public addresses only.

A host name may resolve to this machine or to its private network, so addresses are
checked after resolution, and the connection is made to the checked address. A host is
exempt only if the user named it by a private address, or as localhost.
"""

from __future__ import annotations

import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from aiohttp import ThreadedResolver
from aiohttp.abc import ResolveResult

from alcli.data.crawler import FetchFailure

_EMBEDS_IPV4 = [  # the last 32 bits are an IPv4 address, which is checked
    IPv6Network("::/96"),  # IPv4-compatible (RFC 4291, 2.5.5.1), and ::1
    IPv6Network("::ffff:0:0/96"),  # IPv4-mapped (2.5.5.2)
    IPv6Network("::ffff:0:0:0/96"),  # IPv4-translated (RFC 2765, 2.1)
    IPv6Network("64:ff9b::/96"),  # NAT64 (RFC 6052, 2.1)
]
_LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")  # RFC 8215


def is_public(address: str) -> bool:
    """Return True if an IP address is globally reachable.

    An IPv6 address that embeds an IPv4 address is public if the latter is.

    >>> [is_public(a) for a in ("8.8.8.8", "10.0.0.1", "::1", "64:ff9b::127.0.0.1")]
    [True, False, False, False]
    """
    found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        if found in _LOCAL_NAT64 or found.is_site_local:
            return False
        found = _embedded_ipv4(found) or found
    return found.is_global and not found.is_multicast


def _embedded_ipv4(address: IPv6Address) -> IPv4Address | None:
    if any(address in network for network in _EMBEDS_IPV4):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour


def is_private_name(host: str) -> bool:
    """Return True for localhost and for private IP addresses; nothing is resolved.

    >>> [is_private_name(h) for h in ("localhost", "10.0.0.1", "::1", "example.com")]
    [True, True, True, False]
    """
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return not is_public(host)
    except ValueError:
        return False


class PublicResolver(ThreadedResolver):
    """Resolver of host names that drops private addresses.

    exempt: hosts that may have private addresses.
    """

    def __init__(self, exempt: Collection[str]) -> None:
        super().__init__()
        self._exempt = exempt

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the public addresses of a host; called by aiohttp.

        Raises:
            FetchFailure: the host has private addresses only.
        """
        found = await super().resolve(host, port, family)
        if host in self._exempt:
            return found
        public = [address for address in found if is_public(address["host"])]
        if found and not public:
            raise FetchFailure(
                f"host resolves to the private address {found[0]['host']}; not followed"
            )
        return public
