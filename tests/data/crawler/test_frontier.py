"""Order of requests, and detection of new records; without a network."""

from __future__ import annotations

import json
from collections import deque
from functools import partial
from itertools import chain

import pytest

from alcli.core.errors import SurroundingsError
from alcli.core.ids import IdSet
from alcli.data.crawler import FetchFailure
from alcli.data.crawler.frontier import MAX_CONSECUTIVE_FAILURES, Frontier
from alcli.data.crawler.listing import MAX_PASSES, MAX_REPETITIVE_PAGES
from alcli.data.sources import (
    NextPage,
    Page,
    PageNotFound,
    PageResponse,
    UnreadableItem,
    UnreadablePage,
)

HOST = "http://a.test/"


class Web:
    """Listings in memory, with a fetcher.

    lists: name -> items, which may change between two requests.
    """

    def __init__(self, size: int = 2, **lists: list[object]) -> None:
        self.lists, self.size = lists, size
        self.failures: dict[str, list[FetchFailure]] = {}
        self.requested: list[str] = []
        self.attempts: list[int] = []
        self.waiting: deque[int] = deque()
        self.before = lambda name: None

    def request(self, number: int, url: str, attempt: int) -> None:
        self.requested.append(url.removeprefix(HOST))
        self.attempts.append(attempt)
        self.waiting.append(number)
        self.urls = getattr(self, "urls", {}) | {number: url}

    def receive(self) -> tuple[int, PageResponse | FetchFailure]:
        number = self.waiting.popleft()
        name = self.urls[number].removeprefix(HOST)
        self.before(name)
        if self.failures.get(name):
            return number, self.failures[name].pop(0)
        which, page = name.partition("?")[0].split("/")
        items = self.lists[which]
        start = (int(page) - 1) * self.size
        more = start + self.size < len(items)
        content = {"items": items[start : start + self.size], "more": more}
        return number, PageResponse(self.urls[number], json.dumps(content).encode())


def page(name: str, number: int = 1) -> Page:
    kind = NextPage if number > 1 else Page
    return kind(f"{HOST}{name}/{number}", partial(read, name, number))


def read(name, number, response):
    """Yield a record per number, a listing per string."""
    content = response.json()
    for item in content["items"]:
        known = isinstance(item, int)
        yield {"id": str(item), "text": ""} if known else page(item)
    if content["more"]:
        yield page(name, number + 1)


def crawl(web, *names, seen=(), limit=None, window=1, retries=0):
    frontier = Frontier(map(page, names), IdSet(seen), limit=limit, retries=retries)
    found = [r["id"] for batch in frontier.crawl(web, window) for r in batch]
    return found, frontier


def test_a_single_page_is_requested_once():
    web = Web(a=[1, 2])

    assert crawl(web, "a")[0] == ["1", "2"]
    assert web.requested == ["a/1"]


def test_a_listing_of_several_pages_is_read_until_nothing_is_new():
    web = Web(a=[1, 2, 3])

    assert crawl(web, "a")[0] == ["1", "2", "3"]
    assert web.requested == ["a/1", "a/2"] * 2


def test_one_pass_suffices_if_every_record_is_known():
    web = Web(a=[1, 2, 3])

    assert crawl(web, "a", seen="123")[0] == []
    assert web.requested == ["a/1", "a/2"]


def test_listings_on_a_page_are_read_before_the_next_page():
    web = Web(top=["x", "y", "z"], x=[1], y=[2], z=[3])

    assert crawl(web, "top")[0] == ["1", "2", "3"]
    assert web.requested == ["top/1", "x/1", "y/1", "top/2", "z/1", "top/1", "top/2"]


@pytest.mark.parametrize("window", [1, 2, 5])
def test_every_record_is_yielded_once_for_any_window(window):
    lists = {name: list(range(i * 10, i * 10 + 7)) for i, name in enumerate("wxyz", 1)}
    web = Web(top=list("wxyzw"), **lists)
    found, _ = crawl(web, "top", "x", window=window)

    assert sorted(map(int, found)) == sorted(chain(*lists.values()))


def test_the_window_limits_requests_in_flight():
    web = Web(top=list("wxyz"), w=[1], x=[2], y=[3], z=[4])
    most = 0

    def before(_):
        nonlocal most
        most = max(most, len(web.waiting) + 1)

    web.before = before
    crawl(web, "top", window=3)

    assert most == 3


def test_items_that_move_up_are_not_lost():
    """Delete item 2 after page 1: 3 moves to page 1, 5 to page 2."""
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


def test_listings_that_move_up_are_not_lost():
    web = Web(top=["w", "x", "y", "z"], w=[1], x=[2], y=[3], z=[4])
    web.before = lambda name: (
        web.lists["top"].remove("x")
        if name == "top/2" and len(web.requested) == 4
        else None
    )

    assert sorted(crawl(web, "top")[0]) == ["1", "2", "3", "4"]
    assert web.requested.count("w/1") == 1


def test_a_listing_that_keeps_changing_is_abandoned_with_a_warning(caplog):
    web = Web(a=[0, 1, 2])
    web.before = lambda _: web.lists["a"].insert(0, len(web.requested) + 10)
    crawl(web, "a")

    assert web.requested.count("a/1") == MAX_PASSES
    assert "still new items" in caplog.text


def endless(items, query=""):
    """Return the first page of a listing without end."""

    def at(number):
        def read(response):
            yield from ({"id": str(i), "text": ""} for i in items(number))
            yield at(number + 1)

        kind = NextPage if number > 1 else Page
        return kind(f"{HOST}a/{number}{query}", read)

    return at(1)


@pytest.mark.parametrize(
    "items",
    [
        pytest.param(lambda number: [], id="empty"),
        pytest.param(lambda number: [1, 2], id="the same"),
        pytest.param(lambda number: [number % 7, number % 5], id="shuffled"),
    ],
)
def test_endless_pages_without_new_items_end(items, caplog):
    frontier = Frontier([endless(items)], IdSet())
    found = [r["id"] for batch in frontier.crawl(Web(a=[1])) for r in batch]

    assert len(found) == len({str(i) for n in range(99) for i in items(n)})
    assert frontier.pages <= 2 * (MAX_REPETITIVE_PAGES + 7)
    assert "a/1: nothing new on 20 pages in a row; later pages" in caplog.text
    frontier.raise_failures()


def test_known_records_do_not_end_a_listing():
    web = Web(a=list(range(100)))
    found, _ = crawl(web, "a", seen=map(str, range(95)))

    assert found == ["95", "96", "97", "98", "99"]


def test_a_cycle_of_pages_ends():
    def around(response):
        yield NextPage(f"{HOST}a/1", around)

    frontier = Frontier([Page(f"{HOST}a/1", around)], IdSet())
    web = Web(a=[1])
    assert list(frontier.crawl(web)) == []
    assert len(web.requested) == 2


def test_repeated_ids_on_a_page_are_yielded_once():
    assert crawl(Web(size=5, a=[1, 1, 2, 1]), "a")[0] == ["1", "2"]


def test_the_limit_includes_known_records():
    web = Web(a=[1, 2, 3, 4, 5, 6])
    found, frontier = crawl(web, "a", seen=["1", "9"], limit=4)

    assert found == ["2", "3"]
    assert web.requested == ["a/1", "a/2"]
    assert frontier.remaining <= 0


def test_nothing_is_requested_once_the_limit_is_reached():
    web = Web(a=[1])

    assert crawl(web, "a", seen="123", limit=3)[0] == []
    assert web.requested == []


def test_an_interrupted_crawl_resumes_with_the_same_records():
    """Only the ids remain from an earlier run."""
    lists = {name: list(range(i * 10, i * 10 + 5)) for i, name in enumerate("xyz", 1)}
    web = Web(top=list("xyz"), **lists)
    whole, _ = crawl(web, "top")
    for stop in range(len(whole)):
        begun = Frontier([page("top")], IdSet())
        kept: list[str] = []
        for batch in begun.crawl(Web(top=list("xyz"), **lists)):
            kept += [record["id"] for record in batch]
            if len(kept) >= stop:
                break
        kept = kept[:stop]
        rest, _ = crawl(Web(top=list("xyz"), **lists), "top", seen=kept)
        assert sorted(kept + rest) == sorted(whole)


def test_links_to_other_hosts_are_not_followed():
    def away(response):
        yield Page("http://127.0.0.1/", away)
        yield Page("file:///etc/passwd", away)
        yield NextPage("http://a.test:8080/", away)

    web = Web(a=[1])
    frontier = Frontier([Page(f"{HOST}a/1", away)], IdSet())
    list(frontier.crawl(web))

    assert set(web.requested) == {"a/1"}
    with pytest.raises(SurroundingsError, match=r"^3 pages failed, .*another host"):
        frontier.raise_failures()


def test_overlong_urls_are_not_requested():
    def on(response):
        yield NextPage(f"{HOST}{'a' * 2000}", on)

    web = Web(a=[1])
    frontier = Frontier([Page(f"{HOST}a/1", on)], IdSet())
    list(frontier.crawl(web))

    assert set(web.requested) == {"a/1"}
    with pytest.raises(SurroundingsError, match="URL too long"):
        frontier.raise_failures()


def test_a_failed_page_is_raised_at_the_end():
    web = Web(a=[1], b=[2])
    web.failures["a/1"] = [FetchFailure("500")]
    found, frontier = crawl(web, "a", "b")

    assert found == ["2"]
    with pytest.raises(SurroundingsError, match=r"^page failed: .*a/1: 500; fetched"):
        frontier.raise_failures()


def test_a_listing_continues_after_a_failed_page():
    web = Web(a=[1, 2, 3, 4, 5, 6])
    web.failures["a/2"] = [FetchFailure("500"), FetchFailure("500")]
    start = page("a")

    def read_with_after(number, response):
        for thing in read("a", number, response):
            yield made(number + 1) if isinstance(thing, NextPage) else thing

    def made(number):
        after = (lambda: made(number + 1)) if number < 3 else (lambda: None)
        return NextPage(f"{HOST}a/{number}", partial(read_with_after, number), after)

    start = Page(start.url, partial(read_with_after, 1))
    frontier = Frontier([start], IdSet(), retries=0)
    found = [r["id"] for batch in frontier.crawl(web) for r in batch]

    assert found == ["1", "2", "5", "6"]
    assert list(frontier.failed) == [f"{HOST}a/2"]


def test_a_page_that_succeeds_in_a_later_pass_has_not_failed():
    web = Web(top=["x", "y", "z"], x=[1], y=[2], z=[3])
    web.failures["top/2"] = [FetchFailure("500")]
    found, frontier = crawl(web, "top")
    frontier.raise_failures()

    assert found == ["1", "2", "3"]


def test_a_missing_page_is_an_error_only_as_a_target():
    web = Web(top=["x", "y"], x=[1], y=[2])
    web.failures["x/1"] = [FetchFailure("404", "not_found")]
    found, frontier = crawl(web, "top")
    frontier.raise_failures()

    assert (found, frontier.not_found) == (["2"], 1)
    web.failures["x/1"] = [FetchFailure("404", "not_found")]
    with pytest.raises(SurroundingsError, match="404"):
        crawl(web, "x")[1].raise_failures()


def test_a_long_retry_after_ends_the_crawl():
    web = Web(a=[1], b=[2])
    web.failures["a/1"] = [FetchFailure("come back tomorrow", "retry_later")]

    with pytest.raises(SurroundingsError, match="come back tomorrow; fetched records"):
        crawl(web, "a", "b")
    assert web.requested == ["a/1"]


def test_many_consecutive_failures_end_the_crawl():
    names = [f"p{i}" for i in range(MAX_CONSECUTIVE_FAILURES + 5)]
    web = Web(**{name: [1] for name in names})
    web.failures = {f"{name}/1": [FetchFailure("500")] for name in names}

    with pytest.raises(SurroundingsError, match="consecutive pages failed"):
        crawl(web, *names)
    assert len(web.requested) == MAX_CONSECUTIVE_FAILURES


def test_an_unreadable_page_is_retried():
    tries = []

    def fussy(response):
        tries.append(response)
        if len(tries) < 3:
            raise UnreadablePage("HTML instead of JSON")
        yield {"id": "1", "text": ""}

    web = Web(a=[1])
    frontier = Frontier([Page(f"{HOST}a/1", fussy)], IdSet(), retries=2)

    assert [len(batch) for batch in frontier.crawl(web)] == [1]
    assert web.attempts == [0, 1, 2]
    frontier.raise_failures()


def test_a_page_that_stays_unreadable_fails():
    def hopeless(response):
        raise UnreadablePage("HTML instead of JSON")

    frontier = Frontier([Page(f"{HOST}a/1", hopeless)], IdSet(), retries=2)
    web = Web(a=[1])
    list(frontier.crawl(web))

    assert len(web.requested) == 3
    with pytest.raises(SurroundingsError, match="a/1: HTML instead of JSON"):
        frontier.raise_failures()


def test_a_page_missing_according_to_its_content_is_not_retried():
    def missing(response):
        raise PageNotFound("status 404")

    frontier = Frontier([Page(f"{HOST}a/1", missing)], IdSet(), retries=2)
    web = Web(a=[1])
    list(frontier.crawl(web))

    assert len(web.requested) == 1


def with_bad_items(name, number, response):
    """Yield a record per positive number."""
    for item in read(name, number, response):
        if isinstance(item, NextPage):
            yield NextPage(item.url, partial(with_bad_items, name, number + 1))
        elif int(item["id"]) < 0:
            yield UnreadableItem(f"no text at ?key=S{item['id']}")
        else:
            yield item


def test_unreadable_items_are_left_out_and_counted(caplog):
    start = Page(f"{HOST}a/1", partial(with_bad_items, "a", 1))
    frontier = Frontier([start], IdSet())
    web = Web(a=[1, -2, -3, -4, 5])
    found = [r["id"] for batch in frontier.crawl(web) for r in batch]
    frontier.raise_failures()

    assert found == ["1", "5"]
    assert web.requested == ["a/1", "a/2", "a/3"] * 2
    assert frontier.unreadable == 3
    assert caplog.messages == [
        f"{HOST}a/1: no text at ?key=***; such items are left out and counted"
    ]


def test_a_source_of_unreadable_items_alone_fails():
    start = Page(f"{HOST}a/1", partial(with_bad_items, "a", 1))
    few, many = Frontier([start], IdSet()), Frontier([start], IdSet())
    assert list(few.crawl(Web(a=[-1, -2, -3]))) == []
    with pytest.raises(SurroundingsError, match=r"no item could be read, the first"):
        few.raise_failures()

    web = Web(a=[-1] * 100)
    with pytest.raises(SurroundingsError, match=r"consecutive pages failed.* no text"):
        list(many.crawl(web))
    assert len(web.requested) == MAX_CONSECUTIVE_FAILURES


def test_messages_have_no_keys(caplog):
    def on(response):
        yield Page(f"{HOST}b/1?token=S1", on)
        yield Page(f"{HOST}{'b' * 10**6}?token=S2", on)
        raise UnreadablePage("see http://me:S3@a.test/")

    empty = endless(lambda number: [], "?sid=S6")
    starts = [Page(f"{HOST}a/1?api_key=S4", on), empty]
    frontier = Frontier(starts, IdSet(), retries=0)
    web = Web(a=[1])
    web.failures[starts[0].url.removeprefix(HOST)] = [FetchFailure("at ?sig=S5")]
    list(frontier.crawl(web))
    with pytest.raises(SurroundingsError) as raised:
        frontier.raise_failures()
    text = f"{raised.value} {frontier.failed.values()} {caplog.text}"

    assert "a/1?api_key=***: at ?sig=***" in text
    assert not any(f"S{number}" in text for number in range(1, 7))
    assert "nothing new" in text
    assert len(text) < 1000
