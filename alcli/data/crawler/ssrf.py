"""Which addresses may be connected to: those of the public internet.

A name may lead anywhere, also to this machine or the network around it; so addresses
are looked at after they were resolved. Only a host that the user has named by such an
address, or as localhost, is exempt.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

_IPV4_AT_THE_END = [  # in the last 32 bits, so that it leads to where that leads
    IPv6Network("::/96"),  # IPv4-compatible (RFC 4291, 2.5.5.1); ::1 is in it, too
    IPv6Network("::ffff:0:0/96"),  # IPv4-mapped (2.5.5.2)
    IPv6Network("::ffff:0:0:0/96"),  # IPv4-translated (RFC 2765, 2.1)
    IPv6Network("64:ff9b::/96"),  # NAT64 (RFC 6052, 2.1)
]
_LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")  # RFC 8215


def is_public(address: str) -> bool:
    """Say whether an IP address is of the public internet.

    An IPv6 address that carries one of IPv4 is as public as that.

    >>> [is_public(a) for a in ("8.8.8.8", "10.0.0.1", "::1", "64:ff9b::127.0.0.1")]
    [True, False, False, False]
    """
    found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        if found in _LOCAL_NAT64 or found.is_site_local:
            return False
        found = _carried(found) or found
    return found.is_global and not found.is_multicast


def _carried(address: IPv6Address) -> IPv4Address | None:
    if any(address in network for network in _IPV4_AT_THE_END):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour


def is_private_name(host: str) -> bool:
    """Say whether a host, as it is written, is plainly no public one.

    >>> [is_private_name(h) for h in ("localhost", "10.0.0.1", "::1", "example.com")]
    [True, True, True, False]
    """
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return not is_public(host)
    except ValueError:
        return False


class PublicOnly:
    """A resolver for Twisted that leaves out addresses which are not public.

    exempt: hosts that may have any address. refused: what was left out, by host.
    """

    exempt: frozenset[str] = frozenset()
    refused: dict[str, str] = {}  # noqa: RUF012 - Scrapy makes the one instance itself

    def __init__(self, reactor: Any) -> None:
        self._reactor, self._resolver = reactor, reactor.nameResolver

    @classmethod
    def from_crawler(cls, crawler: object, reactor: Any) -> PublicOnly:
        """Do what Scrapy asks of a resolver."""
        return cls(reactor)

    def install_on_reactor(self) -> None:
        """Take the place of the resolver that the reactor has."""
        self._reactor.installNameResolver(self)

    def resolveHostName(self, receiver: Any, name: str, *args: Any, **more: Any) -> Any:
        """Resolve a name, or an address that is written out."""
        if name.lower() not in self.exempt:
            receiver = _Sieve(receiver, name.lower(), self.refused)
        return self._resolver.resolveHostName(receiver, name, *args, **more)


class _Sieve:
    """Hands on what is resolved, if it is public."""

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
