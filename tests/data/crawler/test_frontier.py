"""What is asked for, in which order, and what counts as new; without a network."""

from __future__ import annotations

import json
from collections import deque
from functools import partial
from itertools import chain

import pytest

from alcli.core.errors import SurroundingsError
from alcli.core.ids import IdSet
from alcli.data.crawler import Failure
from alcli.data.crawler.frontier import IN_A_ROW, PASSES, Walk
from alcli.data.sources import Answer, Gone, Next, Page, Unreadable

HOST = "http://a.test/"


class Web:
    """Pages in memory. lists: name -> items, which may move between two questions."""

    def __init__(self, size: int = 2, **lists: list[object]) -> None:
        self.lists, self.size = lists, size
        self.failures: dict[str, list[Failure]] = {}
        self.asked: list[str] = []
        self.attempts: list[int] = []
        self.waiting: deque[int] = deque()
        self.before = lambda name: None

    def ask(self, number: int, url: str, attempt: int) -> None:
        self.asked.append(url.removeprefix(HOST))
        self.attempts.append(attempt)
        self.waiting.append(number)
        self.urls = getattr(self, "urls", {}) | {number: url}

    def answer(self) -> tuple[int, Answer | Failure]:
        number = self.waiting.popleft()
        name = self.urls[number].removeprefix(HOST)
        self.before(name)
        if self.failures.get(name):
            return number, self.failures[name].pop(0)
        which, page = name.split("/")
        items = self.lists[which]
        start = (int(page) - 1) * self.size
        more = start + self.size < len(items)
        content = {"items": items[start : start + self.size], "more": more}
        return number, Answer(self.urls[number], json.dumps(content).encode())


def page(name: str, number: int = 1) -> Page:
    kind = Next if number > 1 else Page
    return kind(f"{HOST}{name}/{number}", partial(read, name, number))


def read(name, number, answer):
    """Read numbers as records, strings as lists."""
    content = answer.json()
    for item in content["items"]:
        known = isinstance(item, int)
        yield {"id": str(item), "text": ""} if known else page(item)
    if content["more"]:
        yield page(name, number + 1)


def crawl(web, *names, seen=(), limit=None, window=1, retries=0):
    walk = Walk(map(page, names), IdSet(seen), limit=limit, retries=retries)
    found = [r["id"] for batch in walk.through(web, window) for r in batch]
    return found, walk


def test_one_page_is_asked_for_once():
    web = Web(a=[1, 2])

    assert crawl(web, "a")[0] == ["1", "2"]
    assert web.asked == ["a/1"]


def test_a_list_of_several_pages_is_walked_until_nothing_is_new():
    web = Web(a=[1, 2, 3])

    assert crawl(web, "a")[0] == ["1", "2", "3"]
    assert web.asked == ["a/1", "a/2"] * 2


def test_where_all_is_known_one_walk_is_enough():
    web = Web(a=[1, 2, 3])

    assert crawl(web, "a", seen="123")[0] == []
    assert web.asked == ["a/1", "a/2"]


def test_what_a_page_names_comes_before_the_next_page():
    web = Web(top=["x", "y", "z"], x=[1], y=[2], z=[3])

    assert crawl(web, "top")[0] == ["1", "2", "3"]
    assert web.asked == ["top/1", "x/1", "y/1", "top/2", "z/1", "top/1", "top/2"]


@pytest.mark.parametrize("window", [1, 2, 5])
def test_every_record_once_whatever_the_window(window):
    lists = {name: list(range(i * 10, i * 10 + 7)) for i, name in enumerate("wxyz", 1)}
    web = Web(top=list("wxyzw"), **lists)
    found, _ = crawl(web, "top", "x", window=window)

    assert sorted(map(int, found)) == sorted(chain(*lists.values()))


def test_no_more_than_the_window_is_under_way():
    web = Web(top=list("wxyz"), w=[1], x=[2], y=[3], z=[4])
    most = 0

    def before(_):
        nonlocal most
        most = max(most, len(web.waiting) + 1)

    web.before = before
    crawl(web, "top", window=3)

    assert most == 3


def test_items_that_move_up_are_not_lost():
    """Item 2 is deleted when page 1 was read: 3 moves to page 1, 5 to page 2."""
    web = Web(a=[1, 2, 3, 4, 5, 6])
    web.before = lambda name: (
        web.lists["a"].remove(2) if name == "a/2" and 2 in web.lists["a"] else None
    )
    found, _ = crawl(web, "a")

    assert sorted(found) == ["1", "2", "3", "4", "5", "6"]


def test_items_that_move_down_are_not_repeated():
    web = Web(a=[1, 2, 3, 4])
    new = iter([7, 8, 9])
    web.before = lambda name: (
        web.lists["a"].insert(0, next(new, 7)) if name == "a/2" else None
    )
    found, _ = crawl(web, "a")

    assert {"1", "2", "3", "4"} <= set(found)
    assert len(found) == len(set(found))


def test_lists_that_move_up_are_not_lost():
    web = Web(top=["w", "x", "y", "z"], w=[1], x=[2], y=[3], z=[4])
    web.before = lambda name: (
        web.lists["top"].remove("x")
        if name == "top/2" and len(web.asked) == 4
        else None
    )

    assert sorted(crawl(web, "top")[0]) == ["1", "2", "3", "4"]
    assert web.asked.count("w/1") == 1


def test_a_list_that_never_rests_is_left_in_the_end(caplog):
    web = Web(a=[0, 1, 2])
    web.before = lambda _: web.lists["a"].insert(0, len(web.asked) + 10)
    crawl(web, "a")

    assert web.asked.count("a/1") == PASSES
    assert "still moving" in caplog.text


def test_pages_in_a_circle_end():
    def around(answer):
        yield Next(f"{HOST}a/1", around)

    walk = Walk([Page(f"{HOST}a/1", around)], IdSet())
    web = Web(a=[1])
    assert list(walk.through(web)) == []
    assert len(web.asked) == 2


def test_repeated_ids_on_one_page():
    assert crawl(Web(size=5, a=[1, 1, 2, 1]), "a")[0] == ["1", "2"]


def test_a_limit_counts_what_is_known():
    web = Web(a=[1, 2, 3, 4, 5, 6])
    found, walk = crawl(web, "a", seen=["1", "9"], limit=4)

    assert found == ["2", "3"]
    assert web.asked == ["a/1", "a/2"]
    assert walk.room <= 0


def test_a_limit_that_is_reached_asks_for_nothing():
    web = Web(a=[1])

    assert crawl(web, "a", seen="123", limit=3)[0] == []
    assert web.asked == []


def test_interrupted_anywhere_it_ends_with_the_same_records():
    """The ids are all that is left of an earlier run."""
    lists = {name: list(range(i * 10, i * 10 + 5)) for i, name in enumerate("xyz", 1)}
    web = Web(top=list("xyz"), **lists)
    whole, _ = crawl(web, "top")
    for stop in range(len(whole)):
        begun = Walk([page("top")], IdSet())
        kept: list[str] = []
        for batch in begun.through(Web(top=list("xyz"), **lists)):
            kept += [record["id"] for record in batch]
            if len(kept) >= stop:
                break
        kept = kept[:stop]
        rest, _ = crawl(Web(top=list("xyz"), **lists), "top", seen=kept)
        assert sorted(kept + rest) == sorted(whole)


def test_another_host_is_not_asked():
    def away(answer):
        yield Page("http://127.0.0.1/", away)
        yield Page("file:///etc/passwd", away)
        yield Next("http://a.test:8080/", away)

    web = Web(a=[1])
    walk = Walk([Page(f"{HOST}a/1", away)], IdSet())
    list(walk.through(web))

    assert set(web.asked) == {"a/1"}
    with pytest.raises(SurroundingsError, match=r"^3 pages failed, .*another host"):
        walk.settle()


def test_an_address_without_end_is_not_asked_for():
    def on(answer):
        yield Next(f"{HOST}{'a' * 2000}", on)

    web = Web(a=[1])
    walk = Walk([Page(f"{HOST}a/1", on)], IdSet())
    list(walk.through(web))

    assert set(web.asked) == {"a/1"}
    with pytest.raises(SurroundingsError, match="address that is too long"):
        walk.settle()


def test_a_page_that_fails_is_said_in_the_end_and_the_rest_is_there():
    web = Web(a=[1], b=[2])
    web.failures["a/1"] = [Failure("500")]
    found, walk = crawl(web, "a", "b")

    assert found == ["2"]
    with pytest.raises(SurroundingsError, match=r"^page failed: .*a/1: 500; what"):
        walk.settle()


def test_a_list_goes_on_behind_a_page_that_fails():
    web = Web(a=[1, 2, 3, 4, 5, 6])
    web.failures["a/2"] = [Failure("500"), Failure("500")]
    start = page("a")

    def read_with_after(number, answer):
        for thing in read("a", number, answer):
            yield made(number + 1) if isinstance(thing, Next) else thing

    def made(number):
        after = (lambda: made(number + 1)) if number < 3 else (lambda: None)
        return Next(f"{HOST}a/{number}", partial(read_with_after, number), after)

    start = Page(start.url, partial(read_with_after, 1))
    walk = Walk([start], IdSet(), retries=0)
    found = [r["id"] for batch in walk.through(web) for r in batch]

    assert found == ["1", "2", "5", "6"]
    assert list(walk.failed) == [f"{HOST}a/2"]


def test_a_page_that_comes_in_the_second_walk_has_not_failed():
    web = Web(top=["x", "y", "z"], x=[1], y=[2], z=[3])
    web.failures["top/2"] = [Failure("500")]
    found, walk = crawl(web, "top")
    walk.settle()

    assert found == ["1", "2", "3"]


def test_a_page_that_is_gone_has_not_failed_unless_the_user_named_it():
    web = Web(top=["x", "y"], x=[1], y=[2])
    web.failures["x/1"] = [Failure("404", "gone")]
    found, walk = crawl(web, "top")
    walk.settle()

    assert (found, walk.gone) == (["2"], 1)
    web.failures["x/1"] = [Failure("404", "gone")]
    with pytest.raises(SurroundingsError, match="404"):
        crawl(web, "x")[1].settle()


def test_who_wants_to_be_left_alone_is_left_alone():
    web = Web(a=[1], b=[2])
    web.failures["a/1"] = [Failure("come back tomorrow", "later")]

    with pytest.raises(SurroundingsError, match="come back tomorrow; what was fetched"):
        crawl(web, "a", "b")
    assert web.asked == ["a/1"]


def test_many_failures_in_a_row_end_it():
    names = [f"p{i}" for i in range(IN_A_ROW + 5)]
    web = Web(**{name: [1] for name in names})
    web.failures = {f"{name}/1": [Failure("500")] for name in names}

    with pytest.raises(SurroundingsError, match="pages in a row failed"):
        crawl(web, *names)
    assert len(web.asked) == IN_A_ROW


def test_an_unreadable_page_is_asked_for_again():
    tries = []

    def fussy(answer):
        tries.append(answer)
        if len(tries) < 3:
            raise Unreadable("HTML in place of JSON")
        yield {"id": "1", "text": ""}

    web = Web(a=[1])
    walk = Walk([Page(f"{HOST}a/1", fussy)], IdSet(), retries=2)

    assert [len(batch) for batch in walk.through(web)] == [1]
    assert web.attempts == [0, 1, 2]
    walk.settle()


def test_a_page_that_stays_unreadable_fails():
    def hopeless(answer):
        raise Unreadable("HTML in place of JSON")

    walk = Walk([Page(f"{HOST}a/1", hopeless)], IdSet(), retries=2)
    web = Web(a=[1])
    list(walk.through(web))

    assert len(web.asked) == 3
    with pytest.raises(SurroundingsError, match="a/1: HTML in place of JSON"):
        walk.settle()


def test_a_page_that_says_it_is_gone_is_not_asked_for_again():
    def gone(answer):
        raise Gone("status 404")

    walk = Walk([Page(f"{HOST}a/1", gone)], IdSet(), retries=2)
    web = Web(a=[1])
    list(walk.through(web))

    assert len(web.asked) == 1
