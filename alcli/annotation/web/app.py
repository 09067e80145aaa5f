"""Web application of the page: settings, next item, answer, undo.

Every request but those for the page's own files is a POST with a JSON object, in which
`annotator` is who asks; what comes back is a JSON object too.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import msgspec

from alcli.annotation.queue import Asking
from alcli.annotation.queue.direction import right_to_left
from alcli.annotation.queue.guidelines import html
from alcli.annotation.queue.task_queue import Desk, NotHandedOut
from alcli.annotation.queue.vote_channel import Ended, Vote
from alcli.core.errors import MissingExtra

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

type Keep = Callable[[Vote], Awaitable[None]]

FILES = {"/": "html", "/page.css": "css", "/page.js": "javascript"}
LONGEST_NAME = 40  # letters


class Ask(msgspec.Struct, gc=False):
    """Request body of the page; the address decides which fields count."""

    annotator: str = ""
    ticket: str = ""
    label: str | None = None
    reason: str | None = None


class Refused(Exception):
    """A request that asks for what cannot be; the status and why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


def application(
    desk: Desk, asking: Asking, keep: Keep, close: Callable[[], None]
) -> Starlette:
    """Return the application; Guard is to stand in front of it.

    keep: waits until an answer is on disk. close: ends the labelling.

    Raises:
        MissingExtra: starlette is not installed.
    """
    try:
        from starlette.applications import Starlette
        from starlette.requests import ClientDisconnect
        from starlette.responses import Response
        from starlette.routing import Route
    except ImportError as error:
        raise MissingExtra("starlette", "web") from error

    def api(function: Callable[[Ask], Awaitable[dict[str, Any]]]) -> Any:
        decoder = msgspec.json.Decoder(Ask)

        async def endpoint(request: Request) -> Response:
            status = 200
            try:
                answer = await function(decoder.decode(await request.body()))
            except Refused as error:
                status, answer = error.status, {"error": error.reason}
            except msgspec.MsgspecError as error:
                status, answer = 400, {"error": str(error)}
            except ClientDisconnect:
                status, answer = 400, {"error": "the request was cut off"}
            body = msgspec.json.encode(answer)
            return Response(body, status, media_type="application/json")

        return Route(f"/api/{function.__name__}", endpoint, methods=["POST"])

    def file(path: str, kind: str) -> Any:
        name = path.removeprefix("/") or "page.html"
        data = files(__package__).joinpath(name).read_bytes()

        async def endpoint(_: Request) -> Response:
            return Response(data, media_type=f"text/{kind}")

        return Route(path, endpoint)

    async def settings(_: Ask) -> dict[str, Any]:
        return {
            "classes": asking.classes,
            "annotator": asking.annotator,
            "guidelines": html(asking.guidelines),
        }

    async def next(ask: Ask) -> dict[str, Any]:
        return state(name_of(ask, asking))

    async def undo(ask: Ask) -> dict[str, Any]:
        name = name_of(ask, asking)
        return {"nothing": desk.undo(name) is None} | state(name)

    async def answer(ask: Ask) -> dict[str, Any]:
        name = name_of(ask, asking)
        try:
            vote = desk.answer(name, ask.ticket, ask.label, ask.reason)
        except NotHandedOut as error:
            raise Refused(409, "this item is not handed out to you") from error
        except ValueError as error:
            raise Refused(400, str(error)) from error
        try:
            await keep(vote)
        except Ended as error:
            raise Refused(503, "alcli has ended; this answer is lost") from error
        return state(name)

    async def finish(ask: Ask) -> dict[str, Any]:
        name_of(ask, asking)
        if asking.annotator is None:
            raise Refused(403, "others may be labelling")
        close()
        return {}

    def state(name: str) -> dict[str, Any]:
        item, progress = desk.next(name), desk.progress()
        shown = item and item._asdict() | {"rtl": right_to_left(item.text)}
        return {
            "item": shown,
            "done": progress.done,
            "total": progress.total,
            "mine": progress.by.get(name, 0),
            "open": progress.open,
        }

    return Starlette(
        routes=[
            *(file(path, kind) for path, kind in FILES.items()),
            *(api(function) for function in (settings, next, undo, answer, finish)),
        ]
    )


def name_of(ask: Ask, asking: Asking) -> str:
    """Return the annotator's name, as the ledger will have it.

    Raises:
        Refused: it is no name.
    """
    if asking.annotator is not None:
        return asking.annotator
    name = unicodedata.normalize("NFC", " ".join(ask.annotator.split()))
    printable = all(letter.isprintable() or letter == "\u200c" for letter in name)
    if not name or len(name) > LONGEST_NAME or not printable:
        raise Refused(400, f"a nickname has 1 to {LONGEST_NAME} letters")
    return name
