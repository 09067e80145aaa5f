"""Security of the page: host, origin, secret and size of requests.

The secret is in no address that is sent (it is the fragment of the link) and in no
cookie, so no other site, and no other server on this machine, can use it: the page
sends it as a header. A request for an unknown host is refused, because it may come from
a page whose name was rebound to our address (DNS rebinding).
"""

from __future__ import annotations

import hmac
import socket
import time
from collections import OrderedDict
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY = 1 << 16  # bytes; an answer takes a few hundred
_DISCARDED = 1 << 25  # bytes read and dropped, so that the client reads the refusal
_CLOSE = {"connection": "close"}
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
    """Return the host names of this machine, without a DNS query.

    Its own name, with and without a domain, and that of mDNS (RFC 6762): names under
    .local belong to the local network and cannot be rebound from outside.
    """
    name = socket.gethostname()
    short = name.partition(".")[0]
    return {name, short, f"{short}.local"} if short else set()


class FailedSecrets:
    """Number of wrong secrets by address: a burst is allowed, then a few a minute.

    some: size of the burst. seconds: time until one more is allowed. kept: number of
    addresses, the latest ones.
    """

    def __init__(self, *, some: int = 10, seconds: float = 6.0, kept: int = 1000):
        self._some, self._seconds, self._kept = some, seconds, kept
        self._until: OrderedDict[str, float] = OrderedDict()

    def is_blocked(self, address: str) -> bool:
        """Count a wrong secret; return True if there were too many."""
        now = time.monotonic()
        until = max(now, self._until.pop(address, now)) + self._seconds
        self._until[address] = min(until, now + self._some * self._seconds)
        if len(self._until) > self._kept:
            self._until.popitem(last=False)
        return until > now + self._some * self._seconds


class SecurityMiddleware:
    """ASGI application in front of another one; it answers refused requests itself.

    hosts: host names of this server, beside addresses and the machine's own names.
    """

    def __init__(self, app: ASGIApp, secret: str, hosts: Iterable[str] = ()) -> None:
        self._app, self._expected = app, f"Bearer {secret}".encode()
        names = {"localhost", *own_host_names(), *hosts}
        self._hosts = {name.lower() for name in names}
        self._failed = FailedSecrets()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or refuse a request."""

        async def send_safe(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS]
            await send(message)

        if scope["type"] != "http":  # the page uses no websocket
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = Headers(scope=scope)
        app = self._app
        try:
            await _check_size(scope, headers, receive)
            self._check_origin(headers)
            if scope["path"].startswith("/api/"):
                self._check_secret(scope, headers)
        except HTTPException as refusal:
            problem = {"error": refusal.detail}
            app = JSONResponse(problem, refusal.status_code, refusal.headers)
        await app(scope, receive, send_safe)

    def _check_origin(self, headers: Headers) -> None:
        host = headers.get("host", "")
        if not self._is_own(host):
            raise HTTPException(421, "the request is for another host")
        origin = headers.get("origin")  # browsers send it with every POST
        if origin is not None and origin.partition("://")[2] != host:
            raise HTTPException(403, "the request is from another site")

    def _is_own(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        try:
            ip_address(name)
        except ValueError:
            return name.removesuffix(".") in self._hosts
        return True

    def _check_secret(self, scope: Scope, headers: Headers) -> None:
        sent = headers.get("authorization", "")
        if hmac.compare_digest(sent.encode(), self._expected):
            return
        address = (scope.get("client") or ("",))[0]
        if self._failed.is_blocked(address):
            problem = "too many wrong secrets; wait a minute"
            raise HTTPException(429, problem, {"retry-after": "60"})
        raise HTTPException(401, "wrong secret; open the link that alcli printed")


async def _check_size(scope: Scope, headers: Headers, receive: Receive) -> None:
    length = headers.get("content-length", "")
    if "transfer-encoding" in headers or (
        scope["method"] == "POST" and not length.isdecimal()
    ):
        raise HTTPException(411, "the request needs a content-length", _CLOSE)
    if length and int(length) > BODY:
        left = int(length) if int(length) <= _DISCARDED else 0
        while left > 0:
            message = await receive()
            left -= len(message.get("body", b""))
            if not message.get("more_body"):
                break
        raise HTTPException(413, f"the body is longer than {BODY} bytes", _CLOSE)
