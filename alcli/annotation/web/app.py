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

from alcli.annotation.queue import LabellingSettings
from alcli.annotation.queue.direction import right_to_left
from alcli.annotation.queue.guidelines import render_html
from alcli.annotation.queue.task_queue import NotHandedOut, TaskQueue
from alcli.annotation.queue.vote_channel import LabellingEnded, Vote
from alcli.core.errors import MissingExtra

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

type Keep = Callable[[Vote], Awaitable[None]]

FILES = {"/": "html", "/page.css": "css", "/page.js": "javascript"}
LONGEST_NAME = 40  # letters


class PageRequest(msgspec.Struct, gc=False):
    """Request body of the page; the address decides which fields count."""

    annotator: str = ""
    ticket: str = ""
    label: str | None = None
    reason: str | None = None


class ApiError(Exception):
    """A request that asks for what cannot be; the status and why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


def application(
    queue: TaskQueue,
    labelling: LabellingSettings,
    keep: Keep,
    close: Callable[[], None],
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

    def api(function: Callable[[PageRequest], Awaitable[dict[str, Any]]]) -> Any:
        decoder = msgspec.json.Decoder(PageRequest)

        async def endpoint(request: Request) -> Response:
            status = 200
            try:
                answer = await function(decoder.decode(await request.body()))
            except ApiError as error:
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

    async def settings(_: PageRequest) -> dict[str, Any]:
        return {
            "classes": labelling.classes,
            "annotator": labelling.annotator,
            "guidelines": render_html(labelling.guidelines),
        }

    async def next(request: PageRequest) -> dict[str, Any]:
        return state(annotator_name(request, labelling))

    async def undo(request: PageRequest) -> dict[str, Any]:
        name = annotator_name(request, labelling)
        return {"nothing": queue.undo(name) is None} | state(name)

    async def answer(request: PageRequest) -> dict[str, Any]:
        name = annotator_name(request, labelling)
        try:
            vote = queue.answer(name, request.ticket, request.label, request.reason)
        except NotHandedOut as error:
            raise ApiError(409, "this item is not handed out to you") from error
        except ValueError as error:
            raise ApiError(400, str(error)) from error
        try:
            await keep(vote)
        except LabellingEnded as error:
            raise ApiError(503, "alcli has ended; this answer is lost") from error
        return state(name)

    async def finish(request: PageRequest) -> dict[str, Any]:
        annotator_name(request, labelling)
        if labelling.annotator is None:
            raise ApiError(403, "others may be labelling")
        close()
        return {}

    def state(name: str) -> dict[str, Any]:
        item, progress = queue.next(name), queue.progress()
        shown = item and item._asdict() | {"rtl": right_to_left(item.text)}
        return {
            "item": shown,
            "done": progress.done,
            "total": progress.total,
            "mine": progress.by_annotator.get(name, 0),
            "open": progress.open,
        }

    return Starlette(
        routes=[
            *(file(path, kind) for path, kind in FILES.items()),
            *(api(function) for function in (settings, next, undo, answer, finish)),
        ]
    )


def annotator_name(request: PageRequest, labelling: LabellingSettings) -> str:
    """Return the annotator's name, as the ledger will have it.

    Raises:
        Refused: it is no name.
    """
    if labelling.annotator is not None:
        return labelling.annotator
    name = unicodedata.normalize("NFC", " ".join(request.annotator.split()))
    printable = all(letter.isprintable() or letter == "\u200c" for letter in name)
    if not name or len(name) > LONGEST_NAME or not printable:
        raise ApiError(400, f"a nickname has 1 to {LONGEST_NAME} letters")
    return name
