"""Limit of open connections, below the limit of open files."""

from __future__ import annotations

import logging
import resource
from asyncio import BaseTransport

from uvicorn.protocols.http.h11_impl import H11Protocol

AT_ONCE = 32  # length of the queue of new connections
_MOST, _FEWEST = 1000, 16
_OTHERS = 4 * AT_ONCE  # other files, and connections that open or close


class Connection(H11Protocol):
    """HTTP connection; above the limit the one that is silent longest is closed.

    Browsers repeat a request over a new connection, so no annotator notices.
    """

    def connection_made(self, transport: BaseTransport) -> None:
        """Close another connection if there are too many."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self.heard = self.loop.time()
        if len(self.connections) > connection_limit():
            silent = min(self.connections, key=lambda one: getattr(one, "heard", 0.0))
            self.connections.discard(silent)
            silent.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Store the time of the last data."""
        self.heard = self.loop.time()
        super().data_received(data)


def connection_limit() -> int:
    """Return the maximal number of connections."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return _MOST
    return max(_FEWEST, min(_MOST, files - _OTHERS))


def is_unexpected(record: logging.LogRecord) -> bool:
    """Check whether a log record of asyncio is more than a network or system fault."""
    return not (record.exc_info and isinstance(record.exc_info[1], OSError))
