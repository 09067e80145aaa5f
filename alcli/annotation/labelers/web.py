"""People at a page in the browser, on this machine or in its network."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import ip_address
from logging import WARNING
from urllib.parse import quote

from alcli.annotation.labelers import Save, Task, labeler
from alcli.annotation.queue import QueueSettings
from alcli.annotation.queue.session import LabellingSession
from alcli.annotation.queue.task_queue import LEASE, TaskQueue
from alcli.core.errors import MissingExtra, UsageError
from alcli.core.log import log

try:
    from alcli.annotation.web.app import application
    from alcli.annotation.web.security import SecurityMiddleware
    from alcli.annotation.web.server import listen, serve
except ModuleNotFoundError as error:
    raise MissingExtra(str(error.name).partition(".")[0], "web") from error

SECRET = "ALCLI_WEB_SECRET"
SHORTEST = 16  # characters of a secret


@labeler("host", "port", people=True)
def web(
    tasks: Iterable[Task],
    save: Save,
    *,
    settings: QueueSettings,
    host: str = "127.0.0.1",
    port: int = 0,
    lease: float = LEASE,
    pause: float = 5.0,
) -> None:
    """Serve a page to annotators until every task is answered.

    lease: seconds after which an item without an answer goes to another annotator.
    pause: seconds after the last answer in which it can be undone.

    Raises:
        MissingExtra: starlette or uvicorn is not installed.
        SurroundingsError: the port is in use.
        UsageError: the secret in the environment is too short, or -q hides a link that
            is new in each run.
    """
    secret, queue = _secret(), TaskQueue(tasks, settings, lease=lease)
    if not (log.isEnabledFor(WARNING) or (port and os.environ.get(SECRET))):
        raise UsageError(f"-q hides the link; omit it, or set {SECRET} and --port")
    if queue.done:
        return
    session = LabellingSession(queue, save, pause=pause)
    with listen(host, port) as listening:
        names = _host_names(listening, host)
        app = SecurityMiddleware(application(session), secret, names)
        _log_link(listening, names[0], secret)
        serve(app, listening, session)


def _secret() -> str:
    secret = os.environ.get(SECRET) or secrets.token_urlsafe(24)
    if len(secret) < SHORTEST or not (secret.isascii() and secret.isprintable()):
        raise UsageError(f"{SECRET} needs {SHORTEST} or more ASCII characters")
    return secret


def _host_names(listening: socket.socket, host: str) -> list[str]:
    """Return the names of this host in requests; the first one is for the link."""
    address = ip_address(listening.getsockname()[0])
    if address.is_loopback:
        return [host or "localhost"]
    outward = _outward_address(listening) if address.is_unspecified else host
    return [outward, socket.getfqdn()]


def _outward_address(listening: socket.socket) -> str:
    """Return this machine's address in the network, or its name without a network."""
    example = "192.0.2.1" if listening.family == socket.AF_INET else "2001:db8::1"
    with suppress(OSError), socket.socket(listening.family, socket.SOCK_DGRAM) as probe:
        probe.connect((example, 9))  # finds a route, and sends nothing
        return str(probe.getsockname()[0])
    return socket.gethostname()


def _log_link(listening: socket.socket, host: str, secret: str) -> None:
    address, port = listening.getsockname()[:2]
    if not ip_address(address).is_loopback:
        log.warning("requests are not encrypted on the network; ssh -L is safer")
    named = f"[{host}]" if ":" in host else host
    shown = f"${SECRET}" if os.environ.get(SECRET) else quote(secret, safe="")
    # a warning: notebooks show nothing less
    log.warning("open http://%s:%d/#%s", named, port, shown)
