"""Loopback server that mimics the shop's JSON API, with faults on demand."""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

type Fault = Callable[[BaseHTTPRequestHandler], None]

SIZE = 3  # items on a page


class Shop:
    """Contents, faults and request log of the server.

    comments: product -> numbers of its comments, newest first. categories: name ->
    products. other: path -> content type and body. faults: path -> faults, one per
    request; once used up, responses are correct. before: callback with each path.
    """

    def __init__(self) -> None:
        self.comments: dict[int, list[int]] = {}
        self.categories: dict[str, list[int]] = {}
        self.other: dict[str, tuple[str, bytes]] = {}
        self.faults: defaultdict[str, list[Fault]] = defaultdict(list)
        self.before: Callable[[str], object] = lambda path: None
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.base = ""

    def pages(self) -> list[str]:
        """Return the requested paths, without robots.txt."""
        return [path for path in self.paths if path != "/robots.txt"]

    def answer(self, path: str) -> tuple[int, str, bytes]:
        if path in self.other:
            return 200, *self.other[path]
        address = urlsplit(path)
        number = int(parse_qs(address.query).get("page", ["1"])[0])
        if found := re.fullmatch(r"/v1/product/(\d+)/comments/", address.path):
            items = self.comments.get(int(found[1]))
            name, make = "comments", comment
        elif found := re.fullmatch(r"/v1/categories/([^/]+)/search/", address.path):
            items = self.categories.get(found[1])
            name, make = "products", product
        else:
            items = None
        if items is None:
            return 404, "text/html", b"<html>Not found</html>"
        pages = -(-len(items) // SIZE)
        shown = items[(number - 1) * SIZE : number * SIZE]
        pager = {"current_page": number, "total_pages": pages}
        data = {name: [make(item) for item in shown], "pager": pager}
        return (
            200,
            "application/json",
            json.dumps({"status": 200, "data": data}).encode(),
        )


def comment(number: int) -> dict[str, object]:
    return {
        "id": number,
        "title": f"عنوان {number}",
        "body": f"نظر شمارهٔ {number}",
        "rate": number % 5 + 1,
        "created_at": "۱۴ دی ۱۴۰۱",
        "recommendation_status": "recommended",
        "reactions": {"likes": number % 7, "dislikes": 1},
        "is_buyer": True,
        "user_name": "نام کاربر",
        "is_anonymous": False,
        "purchased_item": {"seller": {"title": "فروشگاه"}},
    }


def product(number: int) -> dict[str, object]:
    return {"id": number, "title_fa": f"کالای {number}"}


@contextmanager
def holding(shop: Shop, when: Callable[[str], bool]) -> Iterator[None]:
    """Block the responses to some paths until the end of the context."""
    over = threading.Event()
    shop.before = lambda path: over.wait() if when(path) else None
    try:
        yield
    finally:
        shop.before = lambda path: None
        over.set()


@contextmanager
def serving(shop: Shop | None = None) -> Iterator[Shop]:
    """Yield a shop whose server is running."""
    shop = shop or Shop()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(shop))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    shop.base = f"http://127.0.0.1:{server.server_port}"
    try:
        yield shop
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(shop: Shop) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer takes 40 ms

        def do_GET(self) -> None:
            shop.before(self.path)
            shop.paths.append(self.path)
            shop.headers.append(dict(self.headers))
            if shop.faults[self.path]:
                shop.faults[self.path].pop(0)(self)
                return
            status, kind, body = shop.answer(self.path)
            send(self, status, body, {"Content-Type": kind})

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def send(
    handler: BaseHTTPRequestHandler,
    status: int,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> None:
    handler.send_response(status)
    for name, value in ({"Content-Length": str(len(body))} | (headers or {})).items():
        handler.send_header(name, value)
    try:
        handler.end_headers()
        handler.wfile.write(body)
    except OSError:  # the client was killed
        handler.close_connection = True


def status(number: int, **headers: str) -> Fault:
    """Return a fault that sends a status; `Retry_After="1"` is a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: send(handler, number, b"no", named)


def html(handler: BaseHTTPRequestHandler) -> None:
    send(handler, 200, b"<html>Are you human?</html>", {"Content-Type": "text/html"})


def cut(handler: BaseHTTPRequestHandler) -> None:
    """Send less than Content-Length."""
    send(handler, 200, b'{"status": 200, "da', {"Content-Length": "1000"})
    handler.close_connection = True


def reset(handler: BaseHTTPRequestHandler) -> None:
    """Drop the connection."""
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.connection.close()
    handler.close_connection = True


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Send a byte every 0.1 seconds."""
    send(handler, 200, b"{", {"Content-Length": "100"})
    with suppress(OSError):  # until the client disconnects
        while True:
            threading.Event().wait(0.1)
            handler.wfile.write(b" ")
    handler.close_connection = True


def slow(handler: BaseHTTPRequestHandler) -> None:
    """Send nothing until the client disconnects."""
    with suppress(OSError):
        handler.connection.recv(1)
    handler.close_connection = True


def large(handler: BaseHTTPRequestHandler) -> None:
    """Send a Content-Length of a gigabyte."""
    send(handler, 200, b"[", {"Content-Length": str(1 << 30)})
    handler.close_connection = True
