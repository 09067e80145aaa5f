"""HTTP server of the page, by uvicorn."""

from __future__ import annotations

import logging
import socket

import uvicorn
from starlette.types import ASGIApp

from alcli.annotation.queue.session import LabellingSession
from alcli.annotation.web.connections import AT_ONCE, Connection, is_unexpected
from alcli.core.errors import SurroundingsError

GRACE = 2  # seconds for unfinished requests at the end


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 is any free one.

    Raises:
        SurroundingsError: the port is in use, or the address is not of this machine.
    """
    sock: socket.socket | None = None
    try:
        # the protocol is named, or asyncio would not turn off Nagle's delay: 40 ms
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
        )[0]
        sock = socket.socket(family, kind, protocol)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(128)
    except (OSError, UnicodeError) as error:  # UnicodeError: no host name
        if sock:
            sock.close()
        why = getattr(error, "strerror", "no such host")
        problem = f"cannot listen at {host}, port {port}: {why}"
        raise SurroundingsError(
            f"{problem}; try another --port (0: any), or --host"
        ) from error
    return sock


def serve(app: ASGIApp, listening: socket.socket, session: LabellingSession) -> None:
    """Serve an application in a thread until the session is over."""
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            loop="asyncio",
            http=Connection,
            backlog=AT_ONCE,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="error",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=GRACE,
        )
    )

    def stop() -> None:
        server.should_exit = True

    asyncio_log = logging.getLogger("asyncio")
    asyncio_log.addFilter(is_unexpected)
    try:
        session.run(lambda: server.run([listening]), stop, seconds=2 * GRACE)
    finally:
        asyncio_log.removeFilter(is_unexpected)
