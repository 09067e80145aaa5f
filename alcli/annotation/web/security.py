"""Security of the page: origin, secret and size of requests.

The secret is in no address that is sent (it is the fragment of the link) and in no
cookie, so that no other site, and no other server on this machine, can make use of it:
the page sends it as a header. A request for a strange host is refused, for it may come
from a page whose name was bound to our address.
"""

from __future__ import annotations

import hmac
import socket
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type App = Callable[[Message, Receive, Send], Awaitable[None]]

BODY = 1 << 16  # bytes; an answer takes a few hundred
_SWALLOWED = 1 << 25  # read and thrown away, so that a client hears why
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


def own_host_names() -> set[str]:
    """Return the host names of this machine, without asking the DNS.

    Its own name, with and without a domain, and that of mDNS (RFC 6762): what is under
    .local is of the network at hand, and nobody can bind it from outside.
    """
    name = socket.gethostname()
    short = name.partition(".")[0]
    return {name, short, f"{short}.local"} if short else set()


class FailedSecrets:
    """Counts wrong secrets by address: some are forgiven, then a few a minute."""

    def __init__(self, *, some: int = 10, seconds: float = 6.0, kept: int = 1000):
        self._some, self._seconds, self._kept = some, seconds, kept
        self._until: OrderedDict[str, float] = OrderedDict()

    def is_blocked(self, address: str) -> bool:
        """Note a wrong secret, and say whether there were too many."""
        now = time.monotonic()
        until = max(now, self._until.pop(address, now)) + self._seconds
        self._until[address] = min(until, now + self._some * self._seconds)
        if len(self._until) > self._kept:
            self._until.popitem(last=False)
        return until > now + self._some * self._seconds


@dataclass
class RequestRefused(Exception):
    """Why a request is not answered."""

    status: int
    reason: str


class SecurityMiddleware:
    """An ASGI application in front of another one.

    hosts: names by which we may be called, beside addresses and the machine's own.
    """

    def __init__(self, app: App, secret: str, hosts: Iterable[str] = ()) -> None:
        self._app, self._expected = app, f"Bearer {secret}".encode()
        self._hosts = {
            name.lower() for name in {"localhost", *own_host_names(), *hosts}
        }
        self._failed = FailedSecrets()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer or refuse a request."""

        async def send_safe(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS]
            await send(message)

        if scope["type"] != "http":  # there is nothing else here
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        try:
            await self._check_size(scope, headers, receive)
            self._check_origin(headers)
            if scope["path"].startswith("/api/"):
                self._check_secret(scope, headers)
        except RequestRefused as refused:
            await _refuse(refused, send_safe)
        else:
            await self._app(scope, receive, send_safe)

    async def _check_size(
        self, scope: Message, headers: dict[bytes, str], receive: Receive
    ) -> None:
        length = headers.get(b"content-length", "")
        if b"transfer-encoding" in headers or (
            scope["method"] == "POST" and not length.isdecimal()
        ):
            raise RequestRefused(411, "say how long the body is")
        if length and int(length) > BODY:
            left = int(length) if int(length) <= _SWALLOWED else 0
            while left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if not message.get("more_body"):
                    break
            raise RequestRefused(413, f"the body is longer than {BODY} bytes")

    def _check_origin(self, headers: dict[bytes, str]) -> None:
        host = headers.get(b"host", "")
        if not self._is_ours(host):
            raise RequestRefused(421, "this is not the host that was asked for")
        origin = headers.get(b"origin")  # browsers send it with every POST
        if origin is not None and origin.partition("://")[2] != host:
            raise RequestRefused(403, "another site asks")

    def _is_ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        try:
            ip_address(name)
        except ValueError:
            return name.removesuffix(".") in self._hosts
        return True

    def _check_secret(self, scope: Message, headers: dict[bytes, str]) -> None:
        given = headers.get(b"authorization", "")
        if hmac.compare_digest(given.encode(), self._expected):
            return
        address = (scope.get("client") or ("",))[0]
        if self._failed.is_blocked(address):
            raise RequestRefused(429, "too many wrong secrets; wait a minute")
        raise RequestRefused(
            401, "the secret is wrong; open the link that alcli printed"
        )


async def _refuse(refused: RequestRefused, send: Send) -> None:
    from msgspec import json

    headers = [(b"content-type", b"application/json")]
    if refused.status == 429:
        headers.append((b"retry-after", b"60"))
    if refused.status in (411, 413):
        headers.append((b"connection", b"close"))
    body = json.encode({"error": refused.reason})
    headers.append((b"content-length", str(len(body)).encode()))
    start = {"type": "http.response.start", "status": refused.status}
    await send(start | {"headers": headers})
    await send({"type": "http.response.body", "body": body})
