"""The real spider against a server on loopback that misbehaves."""

from __future__ import annotations

import gzip
import os
import signal
import time
from importlib.metadata import version
from itertools import chain, pairwise
from pathlib import Path

import pytest

import alcli
from alcli.core.errors import MissingExtra, SurroundingsError, UsageError
from alcli.data.crawler import Manners, fetcher
from alcli.data.sources import Answer, Page
from tests.data.crawler import shop as misdeeds
from tests.data.crawler.shop import serving, status

pytest.importorskip("scrapy")


@pytest.fixture
def shop():
    with serving() as found:
        yield found


def crawl(shop, *targets, delay=0.01, **more):
    """Return the ids that are fetched, and the error that stands in the end."""
    ids, error = [], None
    more = {"base": shop.base} | more
    try:
        for record in alcli.crawl("digikala", *targets, delay=delay, **more):
            ids.append(int(record["id"].removeprefix("digikala-")))
    except SurroundingsError as problem:
        error = str(problem)
    return ids, error


FIRST = "/v1/product/1/comments/?page=1"


@pytest.mark.slow
def test_a_category_comes_whole(shop):
    shop.comments = {n: list(range(n * 100, n * 100 + 8)) for n in (1, 2, 3, 4)}
    shop.categories = {"phone": [1, 2, 3, 4]}
    ids, error = crawl(shop, "category:phone", concurrency=3)

    assert error is None
    assert sorted(ids) == sorted(chain(*shop.comments.values()))
    assert shop.paths.count("/robots.txt") == 1


@pytest.mark.slow
def test_what_is_sent(shop):
    shop.comments = {1: [1, 2, 3, 4]}
    shop.misdeeds["/robots.txt"] = [status(404, Set_Cookie="a=b")]
    crawl(shop, "1", contact="me@example.com")
    sent = shop.headers[-1]
    names = {name.lower() for name in sent}

    assert sent["User-Agent"] == f"alcli/{version('alcli')} (+me@example.com)"
    assert sent["From"] == "me@example.com"
    assert sent["Accept"].startswith("application/json")
    assert not names & {"cookie", "referer", "authorization"}


@pytest.mark.slow
def test_what_passes_is_waited_for(shop):
    """Every kind of trouble once, each on its own product, with one spider."""
    troubles = [
        status(429, Retry_After="1"),
        status(500),
        status(503),
        misdeeds.cut,
        misdeeds.reset,
        misdeeds.slow,
        misdeeds.drip,
        misdeeds.html,
        status(200),  # "no" is not JSON
    ]
    for number, trouble in enumerate(troubles, 1):
        shop.comments[number] = [number]
        shop.misdeeds[FIRST.replace("/1/", f"/{number}/")] = [trouble]
    moments = []
    shop.before = lambda path: moments.append((path, time.monotonic()))
    ids, error = crawl(shop, *map(str, shop.comments), timeout=3.0)
    first, second = (moment for path, moment in moments if path == FIRST)

    assert error is None
    assert ids == list(shop.comments)
    assert second - first > 1  # as Retry-After says
    assert len(shop.pages()) >= 2 * len(troubles)


@pytest.mark.slow
def test_waits_grow(shop):
    shop.comments = {1: [1]}
    shop.misdeeds[FIRST] = [status(500)] * 3
    moments = []
    shop.before = lambda path: moments.append(time.monotonic())
    crawl(shop, "1", delay=0.05)
    _, *waits = (b - a for a, b in pairwise(moments))  # the first: after robots.txt

    assert len(waits) == 3
    assert waits[0] > 0.1
    assert waits[1] > 0.2
    assert waits[2] > 0.4


@pytest.mark.slow
def test_what_does_not_pass_is_said_in_the_end(shop):
    shop.comments = {1: [1], 2: [2, 3, 4, 5], 3: [6]}
    shop.misdeeds[FIRST] = [status(500)] * 9
    ids, error = crawl(shop, "1", "2", "3", retries=2)

    assert ids == [2, 3, 4, 5, 6]
    assert error.startswith(f"page failed: {shop.base}{FIRST}: 500 Internal Server")
    assert shop.paths.count(FIRST) == 3


@pytest.mark.slow
def test_html_in_place_of_json_is_said_with_its_address(shop):
    shop.comments = {1: [1]}
    shop.misdeeds[FIRST] = [misdeeds.html] * 9
    _, error = crawl(shop, "1", retries=1)

    assert f"{shop.base}{FIRST}: HTML in place of JSON" in error
    assert shop.paths.count(FIRST) == 2


@pytest.mark.slow
def test_a_product_that_is_not_there(shop):
    assert "404 Not Found" in crawl(shop, "1")[1]
    assert shop.paths.count(FIRST) == 1


@pytest.mark.slow
def test_who_wants_to_be_left_alone_for_long_is(shop):
    shop.comments = {1: [1], 2: [2]}
    shop.misdeeds[FIRST] = [status(429, Retry_After="86400")]
    ids, error = crawl(shop, "1", "2")

    assert ids == []
    assert "left alone for 86,400 seconds" in error
    assert shop.pages() == [FIRST]


@pytest.mark.slow
def test_robots_txt_is_obeyed(shop):
    shop.comments = {1: [1]}
    rules = b"User-agent: *\nAllow: /\n\nUser-agent: alcli\nDisallow: /v1"
    shop.other["/robots.txt"] = "text/plain", rules
    _, error = crawl(shop, "1")

    assert shop.paths == ["/robots.txt"]
    assert f"{FIRST}: its robots.txt forbids it" in error


@pytest.mark.slow
def test_robots_txt_may_forbid_a_part(shop):
    shop.comments = {1: [1], 2: [2]}
    shop.other["/robots.txt"] = "text/plain", b"User-agent: *\nDisallow: /v1/product/2/"
    ids, _ = crawl(shop, "1", "2")

    assert ids == [1]
    assert shop.pages() == [FIRST]


@pytest.mark.slow
def test_without_robots_txt_nothing_is_fetched_if_it_cannot_be_had(shop):
    shop.comments = {1: [1]}
    shop.misdeeds["/robots.txt"] = [status(500)] * 9
    _, error = crawl(shop, "1", retries=1)

    assert shop.paths == ["/robots.txt"] * 2
    assert "robots.txt cannot be had: 500" in error


@pytest.mark.slow
def test_the_delay_of_robots_txt_is_kept(shop):
    shop.comments = {1: [1], 2: [2], 3: [3]}
    shop.other["/robots.txt"] = "text/plain", b"User-agent: *\nCrawl-delay: 0.5"
    moments = []
    shop.before = lambda path: moments.append(time.monotonic())
    crawl(shop, "1", "2", "3", concurrency=3)

    # the first page is asked for after robots.txt has come, at moments[0]
    assert moments[3] - moments[0] > 2 * 0.49


@pytest.mark.slow
def test_the_delay_is_kept(shop):
    shop.comments = {1: [1], 2: [2], 3: [3]}
    moments = []
    shop.before = lambda path: moments.append(time.monotonic())
    crawl(shop, "1", "2", "3", delay=0.3, concurrency=3)

    assert moments[3] - moments[0] > 2 * 0.29


@pytest.mark.slow
def test_redirects_to_another_host_are_not_followed(shop):
    with serving() as other:
        other.comments = shop.comments = {1: [1], 2: [2], 3: [3]}
        places = [f"{other.base}{FIRST}", "http://[::1]/", "file:///etc", "http://["]
        for number, place in enumerate(places, 1):
            path = FIRST.replace("/1/", f"/{number}/")
            shop.misdeeds[path] = [status(302, Location=place)]
        ids, error = crawl(shop, "1", "2", "3", "4")

        assert ids == []
        assert other.paths == []
        assert error.startswith("4 pages failed")
        assert f"redirects to {other.base}{FIRST}, another host" in error


@pytest.mark.slow
def test_redirects_on_the_site_are_followed(shop):
    shop.comments = {1: [1]}
    shop.comments = {1: [1], 2: [2]}
    shop.misdeeds[FIRST] = [status(301, Location="/v1/product/1/comments/?page=01")]
    second = FIRST.replace("/1/", "/2/")
    shop.misdeeds[second] = [status(302, Location=second)] * 99
    ids, error = crawl(shop, "1", "2")

    assert ids == [1]
    assert FIRST.replace("=1", "=01") in shop.paths
    assert f"{second}: redirects for ever" in error


@pytest.mark.slow
def test_robots_txt_that_leads_elsewhere_is_none(shop):
    shop.comments = {1: [1]}
    with serving() as other:
        shop.misdeeds["/robots.txt"] = [
            status(302, Location=f"{other.base}/robots.txt")
        ]
        assert crawl(shop, "1") == ([1], None)
        assert other.paths == []


@pytest.mark.slow
def test_a_name_that_leads_to_a_private_address_is_not_followed(shop):
    """127.1 is no address as it should be written; the system resolves it."""
    shop.comments = {1: [1]}
    _, error = crawl(shop, "1", base=shop.base.replace("127.0.0.1", "127.1"))

    assert shop.paths == []
    assert "private address 127.0.0.1" in error


@pytest.mark.slow
def test_localhost_may_be_named(shop):
    shop.comments = {1: [1]}
    base = shop.base.replace("127.0.0.1", "localhost")

    assert crawl(shop, "1", base=base) == ([1], None)


@pytest.mark.slow
def test_the_links_of_a_feed_stay_on_the_site(shop):
    feed = b"""<feed xmlns="http://www.w3.org/2005/Atom">
    <link rel="next" href="http://169.254.169.254/latest"/>
    <entry><id>urn:1</id><title>a</title><link href="http://127.0.0.1/x"/></entry></feed>"""
    shop.other["/feed"] = "application/atom+xml", feed
    records = alcli.crawl("feed", f"{shop.base}/feed", delay=0.01)

    assert next(records)["id"] == "urn:1"
    with pytest.raises(SurroundingsError, match=r"169\.254.*another host"):
        list(records)
    assert set(shop.pages()) == {"/feed"}


@pytest.mark.slow
def test_what_is_too_long_is_not_read(shop, monkeypatch):
    shop.comments = {1: [1], 2: [2]}
    bomb = gzip.compress(b" " * (64 << 20))
    headers = {"Content-Encoding": "gzip"}
    shop.misdeeds[FIRST] = [
        lambda handler: misdeeds.send(handler, 200, bomb, headers),
    ]
    shop.misdeeds[FIRST.replace("/1/", "/2/")] = [misdeeds.large]
    ids, error = crawl(shop, "1", "2")

    assert ids == []
    assert error.startswith("2 pages failed")
    assert "too long an answer" in error


@pytest.mark.slow
def test_nobody_there():
    with serving() as shop:
        pass
    _, error = crawl(shop, "1", retries=1)

    assert "robots.txt cannot be had: connection refused" in error


@pytest.mark.slow
def test_items_that_move_while_pages_are_read(shop):
    """A comment goes when page 1 was read, so that 103 is on no page that follows."""
    shop.comments = {1: list(range(100, 130))}
    gone, new = iter([100]), iter([99, 98])

    def move(path):
        if path.endswith("page=2"):
            for number in gone:
                shop.comments[1].remove(number)
        elif path.endswith("page=5"):
            shop.comments[1][:0] = [number for number in [next(new, 0)] if number]

    shop.before = move
    ids, error = crawl(shop, "1")

    assert error is None
    assert len(ids) == len(set(ids))
    assert set(ids) >= set(range(101, 130))


@pytest.mark.slow
def test_who_does_not_answer_is_not_waited_for(shop):
    shop.comments = {1: [1]}
    shop.misdeeds[FIRST] = [misdeeds.slow]
    _, error = crawl(shop, "1", timeout=0.5, retries=0)

    assert "no answer in time" in error


@pytest.mark.slow
def test_functions_are_sources_too(shop):
    shop.comments = {1: [1]}

    def mine(target, *, word):
        def read(answer: Answer):
            yield {"id": word, "text": str(len(answer.body))}

        yield Page(target, read)

    with serving() as other:
        urls = [f"{shop.base}{FIRST}", f"{other.base}/a", f"{other.base}/b"]
        other.other = {"/b": ("text/plain", b"b")}
        other.misdeeds["/a"] = [status(302, Location=urls[0])]  # no way, though named
        records = alcli.crawl(mine, *urls, delay=0.01, word=5)
        assert next(records)["id"] == 5
        with pytest.raises(SurroundingsError, match=f"redirects to {shop.base}"):
            list(records)
        assert other.pages() == ["/a", "/b"]
        assert len(shop.pages()) == 1


@pytest.mark.slow
def test_the_process_ends_with_the_iterator(shop):
    shop.comments = {1: list(range(30))}
    before = children()
    records = alcli.crawl("digikala", "1", base=shop.base, delay=0.01)
    next(records)
    (child,) = children() - before
    records.close()

    assert not Path(f"/proc/{child}").exists()


def children():
    task = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    if not task.exists():
        pytest.skip("/proc does not name children here")
    return set(map(int, task.read_text().split()))


@pytest.mark.slow
def test_a_process_that_is_killed_is_said(shop):
    shop.comments = {1: list(range(30))}
    before = children()
    records = alcli.crawl("digikala", "1", base=shop.base, delay=0.01)
    next(records)
    (child,) = children() - before
    os.kill(child, signal.SIGKILL)

    with pytest.raises(SurroundingsError, match=r"was killed \(signal 9\); what was"):
        list(records)


def test_scrapy_may_be_missing(monkeypatch):
    monkeypatch.setattr(fetcher, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"pip install 'alcli\[crawl\]'"):
        alcli.crawl("digikala", "1")


def test_scrapy_may_be_too_old(monkeypatch):
    monkeypatch.setattr("importlib.metadata.version", lambda name: "2.13.1")
    with pytest.raises(SurroundingsError, match=r"scrapy 2.19 or later is needed"):
        alcli.crawl("digikala", "1")


@pytest.mark.parametrize("contact", ["a\nHost: b", "ایمیل", "a\x00"])
def test_a_contact_is_no_way_into_the_headers(contact):
    with pytest.raises(UsageError, match="--contact"):
        fetcher.check(Manners(contact=contact))
