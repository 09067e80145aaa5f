"""Serve an application in a thread beside the main one, which hears the signals."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING

from alcli.core.errors import MissingExtra, SurroundingsError

if TYPE_CHECKING:
    from alcli.annotation.web.security import App

GRACE = 2  # seconds for answers on their way, at the end


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 is any that is free.

    Raises:
        SurroundingsError: the port is in use, or the address is not ours.
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
    except (OSError, UnicodeError) as error:  # the latter: what can be no host
        if sock:
            sock.close()
        why = getattr(error, "strerror", "no such host")
        problem = f"cannot listen at {host}, port {port}: {why}"
        raise SurroundingsError(
            f"{problem}; try another --port (0: any), or --host"
        ) from error
    return sock


@contextmanager
def serving(app: App, listening: socket.socket) -> Iterator[Callable[[], bool]]:
    """Serve while the body runs; yield what says whether the server still does.

    Raises:
        MissingExtra: uvicorn is not installed.
    """
    try:
        import uvicorn

        from alcli.annotation.web.connections import AT_ONCE, Connection, is_unexpected
    except ImportError as error:
        raise MissingExtra("uvicorn", "web") from error
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
    thread = Thread(target=server.run, args=([listening],), daemon=True)
    asyncio_log = logging.getLogger("asyncio")
    asyncio_log.addFilter(is_unexpected)
    thread.start()
    try:
        yield thread.is_alive
    finally:
        server.should_exit = True
        thread.join(2 * GRACE)
        asyncio_log.removeFilter(is_unexpected)
