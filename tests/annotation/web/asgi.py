"""Calls an ASGI application as a server would."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any


@dataclass
class Response:
    status: int
    headers: dict[str, str]
    body: bytes
    unread: int  # parts of the request's body

    def json(self) -> Any:
        return json.loads(self.body)


def call(
    app: Any,
    path: str,
    body: bytes | None = None,
    *,
    method: str | None = None,
    headers: dict[str, str] | None = None,
    client: str = "127.0.0.1",
    parts: int = 1,
    cut: bool = False,
) -> Response:
    """Send a request, its body in so many parts; a body makes it a POST.

    cut: the connection ends after the last part, before the request does.
    """
    given = {"host": "127.0.0.1:5000"}
    if body is not None:
        given["content-length"] = str(len(body))
    given = {k: v for k, v in (given | (headers or {})).items() if v}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method or ("GET" if body is None else "POST"),
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "headers": [(k.encode(), v.encode("latin-1")) for k, v in given.items()],
        "client": (client, 40000),
        "server": ("127.0.0.1", 5000),
    }
    data, size = body or b"", max(1, -(-len(body or b"") // parts))
    chunks = [data[at : at + size] for at in range(0, len(data), size)] or [b""]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not chunks:
            return {"type": "http.disconnect"}
        chunk = chunks.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(chunks) or cut}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    found = {k.decode(): v.decode() for k, v in sent[0]["headers"]}
    data = b"".join(message["body"] for message in sent[1:])
    return Response(sent[0]["status"], found, data, len(chunks))
