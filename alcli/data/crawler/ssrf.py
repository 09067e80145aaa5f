"""Protection against SSRF: connections to public addresses only.

A host name may resolve to this machine or to its private network, so addresses are
checked after resolution. A host is exempt only if the user named it by a private
address, or as localhost.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

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


class PublicResolver:
    """Twisted name resolver that drops private addresses.

    exempt: hosts that may have private addresses. refused: host -> dropped address.
    Both are class attributes, because Scrapy creates the instance.
    """

    exempt: frozenset[str] = frozenset()
    refused: dict[str, str] = {}  # noqa: RUF012 - see above

    def __init__(self, reactor: Any) -> None:
        self._reactor, self._resolver = reactor, reactor.nameResolver

    @classmethod
    def from_crawler(cls, crawler: object, reactor: Any) -> PublicResolver:
        """Return the resolver; called by Scrapy."""
        return cls(reactor)

    def install_on_reactor(self) -> None:
        """Replace the resolver of the reactor; called by Scrapy."""
        self._reactor.installNameResolver(self)

    def resolveHostName(self, receiver: Any, name: str, *args: Any, **more: Any) -> Any:
        """Resolve a host name or a literal address; called by Twisted."""
        if name.lower() not in self.exempt:
            receiver = _PublicReceiver(receiver, name.lower(), self.refused)
        return self._resolver.resolveHostName(receiver, name, *args, **more)


class _PublicReceiver:
    """Receiver that forwards public addresses and records the others."""

    def __init__(self, receiver: Any, name: str, refused: dict[str, str]) -> None:
        from twisted.internet.interfaces import IResolutionReceiver
        from zope.interface import directlyProvides

        directlyProvides(self, IResolutionReceiver)
        self._name, self._refused, self._receiver = name, refused, receiver
        self.resolutionBegan = receiver.resolutionBegan
        self.resolutionComplete = receiver.resolutionComplete

    def addressResolved(self, address: Any) -> None:
        if is_public(address.host):
            self._receiver.addressResolved(address)
        else:
            self._refused[self._name] = address.host
