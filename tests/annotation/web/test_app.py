"""API of the page."""

import json

import pytest

from alcli.annotation.queue import QueueSettings, Task
from alcli.annotation.queue.session import LabellingSession
from alcli.annotation.queue.task_queue import TaskQueue
from alcli.annotation.web.app import application
from tests.annotation.web.asgi import call

SETTINGS = QueueSettings(classes=("no", "yes"), guidelines="# So\n\n<script>x</script>")
EVIL = "<script>alert(1)</script>"


class Page:
    """Application in front of a session, with a ledger in memory."""

    def __init__(self, settings=SETTINGS, texts=("a", "b", "c"), known=()):
        line = [json.dumps({"id": str(i), "text": t}) for i, t in enumerate(texts)]
        tasks = [Task(str(i), x.encode(), frozenset(known)) for i, x in enumerate(line)]
        self.votes = []
        self.queue = TaskQueue(tasks, settings)
        self.session = LabellingSession(self.queue, self.save, pause=0)
        self.app = application(self.session)

    def save(self, votes):
        self.votes += votes

    def post(self, what, annotator="ann", status=200, **more):
        body = json.dumps({"annotator": annotator} | more).encode()
        found = call(self.app, f"/api/{what}", body)
        assert found.status == status, found.body
        return found.json()

    def answer(self, state, annotator="ann", **more):
        ticket = state["item"]["ticket"]
        return self.post("answer", annotator, ticket=ticket, **more)


def test_settings_have_classes_annotator_and_guidelines():
    assert Page().post("settings") == {
        "classes": ["no", "yes"],
        "annotator": None,
        "guidelines": "<h1>So</h1>\n<p>&lt;script&gt;x&lt;/script&gt;</p>\n",
    }


def test_an_answer_is_saved_and_returns_the_next_item():
    page = Page()
    state = page.post("next")
    assert list(state) == ["item", "done", "total", "mine", "open"]
    assert state["item"]["text"] == "a"
    state = page.answer(state, label="yes")
    assert (state["item"]["text"], state["done"], state["mine"]) == ("b", 1, 1)
    state = page.answer(state, reason="unsure")
    state = page.answer(state, reason="skipped")
    assert state == {"item": None, "done": 3, "total": 3, "mine": 3, "open": 0}
    said = [(answer.annotator, answer.label, answer.reason) for _, answer in page.votes]
    assert said == [
        ("ann", "yes", None),
        ("ann", None, "unsure"),
        ("ann", None, "skipped"),
    ]


def test_ids_and_predictions_do_not_reach_the_page():
    page = Page()
    item = page.post("next")["item"]
    assert set(item) == {"ticket", "text", "guess", "sure", "again", "rtl"}
    assert item["guess"] is None


def test_a_text_is_sent_unchanged_with_its_direction():
    page = Page(texts=(EVIL, "گوشی Samsung"))
    state = page.post("next")
    assert (state["item"]["text"], state["item"]["rtl"]) == (EVIL, False)
    state = page.answer(state, label="no")
    assert state["item"]["rtl"] is True


def test_annotators_get_different_items():
    page = Page()
    texts = {page.post("next", name)["item"]["text"] for name in ("ann", "bob", "cid")}
    assert texts == {"a", "b", "c"}
    waiting = page.post("next", "dan")
    assert (waiting["item"], waiting["open"]) == (None, 3)


def test_a_vote_for_an_item_not_handed_out_is_refused():
    page = Page()
    ticket = page.post("next")["item"]["ticket"]
    for name, given in [("bob", ticket), ("ann", "made-up"), ("ann", "")]:
        found = page.post("answer", name, 409, ticket=given, label="yes")
        assert "not handed out to you" in found["error"]
    assert page.votes == []


@pytest.mark.parametrize(
    "wrong",
    [{"label": "maybe"}, {}, {"reason": "tired"}, {"label": 1}, {"label": ["yes"]}],
)
def test_an_invalid_answer_is_refused(wrong):
    page = Page()
    ticket = page.post("next")["item"]["ticket"]
    page.post("answer", status=400, ticket=ticket, **wrong)
    assert page.votes == []
    assert page.post("next")["item"]["ticket"] == ticket


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b'{"annotator": 1}', b"\xff"])
def test_an_invalid_body_is_refused(body):
    assert call(Page().app, "/api/next", body).status == 400


def test_an_incomplete_request_is_refused():
    page = Page()
    assert call(page.app, "/api/next", b'{"annot', cut=True).status == 400
    assert page.queue.progress().by_annotator == {}


def test_undo_returns_the_previous_item():
    page = Page()
    assert page.post("undo")["nothing"] is True
    page.answer(page.post("next"), label="yes")
    state = page.post("undo")
    assert state["nothing"] is False
    assert (state["item"]["text"], state["item"]["again"]) == ("a", True)
    state = page.answer(state, label="no")
    assert state["item"]["text"] == "b"
    assert [(t.id, a.label) for t, a in page.votes] == [("0", "yes"), ("0", "no")]


@pytest.mark.parametrize(
    "name", ["", " ", "x" * 41, "a\x00b", "\u202eevil", "a\u2066b"]
)
def test_an_invalid_nickname_is_refused(name):
    page = Page()
    assert "nickname" in page.post("next", name, 400)["error"]
    page.post("answer", name, 400, ticket="x", label="yes")
    page.post("undo", name, 400)


@pytest.mark.parametrize(
    ("given", "kept"),
    [(" sara  2 ", "sara 2"), ("سارا", "سارا"), ("e\u0301", "é"), ("می\u200cنا",) * 2],
)
def test_nicknames_are_normalised(given, kept):
    page = Page()
    page.answer(page.post("next", given), kept, label="yes")
    assert page.votes[0][1].annotator == kept


def test_a_single_annotator_needs_no_nickname_and_may_finish():
    page = Page(QueueSettings(classes=("no", "yes"), annotator="ann"))
    assert page.post("settings", "")["annotator"] == "ann"
    page.answer(page.post("next", ""), "whoever", label="yes")
    assert page.votes[0][1].annotator == "ann"
    assert page.post("finish", "") == {}
    assert page.session.over
    assert page.session.failure is None


def test_one_of_many_annotators_cannot_finish():
    page = Page()
    page.post("finish", status=403)
    assert not page.session.over


def test_an_answer_that_cannot_be_saved_is_refused_and_ends_the_session():
    page = Page()
    full = OSError("disk full")

    def fail(_):
        raise full

    page.session = LabellingSession(page.queue, fail, pause=0)
    page.app = application(page.session)
    state = page.post("next")
    ticket = state["item"]["ticket"]
    found = page.post("answer", status=503, ticket=ticket, label="yes")
    assert "this answer is lost" in found["error"]
    assert page.session.failure is full


def test_an_answer_after_the_end_is_refused():
    page = Page()
    ticket = page.post("next")["item"]["ticket"]
    page.session.end()
    found = page.post("answer", status=503, ticket=ticket, label="yes")
    assert "alcli has ended" in found["error"]
    assert page.votes == []


@pytest.mark.parametrize(
    ("path", "kind"), [("/", "html"), ("/page.css", "css"), ("/page.js", "javascript")]
)
def test_the_page_has_three_files_without_outside_addresses(path, kind):
    found = call(Page().app, path)
    assert found.status == 200
    assert found.headers["content-type"] == f"text/{kind}; charset=utf-8"
    text = found.body.decode()
    assert "http://" not in text  # nothing from outside
    assert "https://" not in text
    if kind == "html":
        assert "style=" not in text
        assert "<script src" in text
        assert text.count("<script") == 1


@pytest.mark.parametrize("path", ["/../guard.py", "/page.html", "/guard.py", "/api/x"])
def test_other_paths_are_not_found(path):
    assert call(Page().app, path).status == 404


def test_the_api_refuses_get():
    assert call(Page().app, "/api/next").status == 405
