"""People at a page in the browser, on this machine or beside it."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterable, Iterator
from contextlib import suppress
from ipaddress import ip_address
from logging import WARNING
from urllib.parse import quote

from alcli.annotation.queue import Answer, LabellingSettings, Task
from alcli.annotation.queue.task_queue import LEASE, TaskQueue
from alcli.core.errors import SurroundingsError, UsageError
from alcli.core.report import log

SECRET = "ALCLI_WEB_SECRET"
SHORTEST = 16  # letters of a secret


def web(
    tasks: Iterable[Task],
    *,
    settings: LabellingSettings,
    host: str = "127.0.0.1",
    port: int = 0,
    lease: float = LEASE,
    pause: float = 5.0,
) -> Iterator[tuple[Task, Answer]]:
    """Yield the answers of people on the page, until every task is answered.

    lease: seconds for which an item is kept for who left. pause: seconds after the last
    answer, in which it can be undone.

    Raises:
        MissingExtra: starlette or uvicorn is not installed.
        SurroundingsError: the port is in use.
        UsageError: the secret in the environment is too short, or there is none, or
            no port, and -q would hide the link.
    """
    from alcli.annotation.queue.vote_channel import LabellingEnded, VoteChannel
    from alcli.annotation.web.app import application
    from alcli.annotation.web.security import SecurityMiddleware
    from alcli.annotation.web.server import listen, serving

    secret, queue, channel = (
        _secret(),
        TaskQueue(tasks, settings, lease=lease),
        VoteChannel(),
    )
    if not (log.isEnabledFor(WARNING) or (port and os.environ.get(SECRET))):
        raise UsageError(f"-q hides the link; leave it out, or fix {SECRET} and --port")
    app = application(queue, settings, channel.keep, channel.end)
    if queue.done:
        return
    with listen(host, port) as listening:
        names = _names(listening, host)
        with serving(SecurityMiddleware(app, secret, names), listening) as alive:
            _announce_link(listening, names[0], secret)

            def watch() -> None:
                if not alive():
                    raise SurroundingsError("the server of the page has stopped")

            try:
                yield from channel.votes(queue, watch=watch, pause=pause)
            except LabellingEnded:
                return
            finally:
                channel.close()


def _secret() -> str:
    secret = os.environ.get(SECRET) or secrets.token_urlsafe(24)
    if len(secret) < SHORTEST or not (secret.isascii() and secret.isprintable()):
        raise UsageError(f"{SECRET} needs {SHORTEST} or more ASCII letters")
    return secret


def _names(listening: socket.socket, host: str) -> list[str]:
    """Return by which names others reach us; the first one is for the link."""
    address = ip_address(listening.getsockname()[0])
    if address.is_loopback:
        return [host or "localhost"]
    return [_outward(listening) if address.is_unspecified else host, socket.getfqdn()]


def _outward(listening: socket.socket) -> str:
    """Return our address on the network, or our name where there is no network."""
    example = "192.0.2.1" if listening.family == socket.AF_INET else "2001:db8::1"
    with suppress(OSError), socket.socket(listening.family, socket.SOCK_DGRAM) as probe:
        probe.connect((example, 9))  # finds a way there, and sends nothing
        return str(probe.getsockname()[0])
    return socket.gethostname()


def _announce_link(listening: socket.socket, host: str, secret: str) -> None:
    address, port = listening.getsockname()[:2]
    if not ip_address(address).is_loopback:
        log.warning("what is sent can be read on the network; ssh -L is safer")
    named = f"[{host}]" if ":" in host else host
    shown = f"${SECRET}" if os.environ.get(SECRET) else quote(secret, safe="")
    # a warning: notebooks show nothing less
    log.warning("open http://%s:%d/#%s", named, port, shown)
