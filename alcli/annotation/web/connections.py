"""As many connections at once as there are files for, and no more."""

from __future__ import annotations

import logging
import resource
from asyncio import BaseTransport

from uvicorn.protocols.http.h11_impl import H11Protocol

AT_ONCE = 32  # taken from the system in one go
_MOST, _FEWEST = 1000, 16
_OTHERS = 4 * AT_ONCE  # files for the rest, and for connections that just come or go


class Connection(H11Protocol):
    """A connection; where there are too many, that which is silent longest is closed.

    A browser asks again over a new one, so that nobody with the page open notices.
    """

    def connection_made(self, transport: BaseTransport) -> None:
        """Make room for it."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self.heard = self.loop.time()
        if len(self.connections) > connection_limit():
            silent = min(self.connections, key=lambda one: getattr(one, "heard", 0.0))
            self.connections.discard(silent)
            silent.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Note when it was."""
        self.heard = self.loop.time()
        super().data_received(data)


def connection_limit() -> int:
    """Return the limit of connections."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return _MOST
    return max(_FEWEST, min(_MOST, files - _OTHERS))


def is_unexpected(record: logging.LogRecord) -> bool:
    """Check whether a log record of asyncio is more than a network or system fault."""
    return not (record.exc_info and isinstance(record.exc_info[1], OSError))
