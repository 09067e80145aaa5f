"""Web application of the page: its files, and an API of JSON objects over POST."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from alcli.annotation.queue import QueueSettings
from alcli.annotation.queue.direction import right_to_left
from alcli.annotation.queue.guidelines import render_html
from alcli.annotation.queue.session import LabellingEnded, LabellingSession
from alcli.annotation.queue.task_queue import InvalidAnswer, NotHandedOut

FILES = {"/": "html", "/page.css": "css", "/page.js": "javascript"}
LONGEST_NAME = 40  # characters
_STATUSES: dict[Any, int] = {
    msgspec.MsgspecError: 400,
    ClientDisconnect: 400,
    InvalidAnswer: 400,
    NotHandedOut: 409,
    LabellingEnded: 503,
}


class PageRequest(msgspec.Struct, gc=False):
    """Request body of the page; each address reads some of the fields."""

    annotator: str = ""
    ticket: str = ""
    label: str | None = None
    reason: str | None = None


def application(session: LabellingSession) -> Starlette:
    """Return the application; it expects `SecurityMiddleware` in front of it."""
    queue, settings = session.queue, session.queue.settings

    def page_settings(_: PageRequest) -> dict[str, Any]:
        return {
            "classes": settings.classes,
            "annotator": settings.annotator,
            "guidelines": render_html(settings.guidelines),
        }

    def next_item(request: PageRequest) -> dict[str, Any]:
        return state(annotator_name(request, settings))

    def undo(request: PageRequest) -> dict[str, Any]:
        name = annotator_name(request, settings)
        return {"nothing": queue.undo(name) is None} | state(name)

    def answer(request: PageRequest) -> dict[str, Any]:
        name = annotator_name(request, settings)
        session.answer(name, request.ticket, request.label, request.reason)
        return state(name)

    def finish(request: PageRequest) -> dict[str, Any]:
        if settings.annotator is None:
            raise HTTPException(403, "others may be labelling")
        session.end()
        return {}

    def state(name: str) -> dict[str, Any]:
        item, progress = queue.next(name), queue.progress()
        return {
            "item": item and item._asdict() | {"rtl": right_to_left(item.text)},
            "done": progress.done,
            "total": progress.total,
            "mine": progress.by_annotator.get(name, 0),
            "open": progress.open,
        }

    calls = {"settings": page_settings, "next": next_item, "undo": undo}
    calls |= {"answer": answer, "finish": finish}
    return Starlette(
        routes=[
            *(_file(path, kind) for path, kind in FILES.items()),
            *(_api(f"/api/{name}", call) for name, call in calls.items()),
        ],
        exception_handlers={kind: _error for kind in (HTTPException, *_STATUSES)},
    )


def annotator_name(request: PageRequest, settings: QueueSettings) -> str:
    """Return the annotator's name for the ledger.

    Raises:
        HTTPException: the nickname is empty, too long, or has control characters.
    """
    if settings.annotator is not None:
        return settings.annotator
    name = unicodedata.normalize("NFC", " ".join(request.annotator.split()))
    printable = all(letter.isprintable() or letter == "\u200c" for letter in name)
    if not name or len(name) > LONGEST_NAME or not printable:
        raise HTTPException(400, f"a nickname has 1 to {LONGEST_NAME} letters")
    return name


def _file(path: str, kind: str) -> Route:
    name = path.removeprefix("/") or "page.html"
    data = files(__package__).joinpath(name).read_bytes()

    async def endpoint(_: Request) -> Response:
        return Response(data, media_type=f"text/{kind}")

    return Route(path, endpoint)


def _api(path: str, call: Callable[[PageRequest], dict[str, Any]]) -> Route:
    decoder = msgspec.json.Decoder(PageRequest)

    async def endpoint(request: Request) -> Response:
        return JSONResponse(call(decoder.decode(await request.body())))

    return Route(path, endpoint, methods=["POST"])


def _error(_: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        return JSONResponse({"error": error.detail}, error.status_code, error.headers)
    status = next(s for kind, s in _STATUSES.items() if isinstance(error, kind))
    return JSONResponse({"error": str(error)}, status)
