"""Downloads by the real client from a misbehaving server on loopback."""

from __future__ import annotations

import asyncio
import gzip
import socket
import sys
import threading
import time
from importlib.metadata import version
from itertools import chain, pairwise

import pytest

import alcli
from alcli.core.errors import MissingExtra, SurroundingsError, UsageError
from alcli.data.crawler import CrawlPolicy
from alcli.data.crawler.downloader import Downloader
from alcli.data.crawler.fetcher import Fetcher
from alcli.data.sources import Page, PageResponse
from tests.data.crawler import shop as faults
from tests.data.crawler.shop import serving, status

pytest.importorskip("aiohttp")


@pytest.fixture
def shop():
    with serving() as found:
        yield found


def crawl(shop, *targets, delay=0.01, **more):
    """Return the numbers of the comments, and the final error message or None."""
    ids, error = [], None
    more = {"base": shop.base} | more
    try:
        for record in alcli.crawl("digikala", *targets, delay=delay, **more):
            ids.append(int(record["id"].removeprefix("digikala-")))
    except SurroundingsError as problem:
        error = str(problem)
    return ids, error


FAST = CrawlPolicy(delay=0.01)
FIRST = "/v1/product/1/comments/?page=1"


@pytest.mark.slow
def test_all_comments_of_a_category_are_fetched(shop):
    shop.comments = {n: list(range(n * 100, n * 100 + 8)) for n in (1, 2, 3, 4)}
    shop.categories = {"phone": [1, 2, 3, 4]}
    ids, error = crawl(shop, "category:phone", concurrency=3)

    assert error is None
    assert sorted(ids) == sorted(chain(*shop.comments.values()))
    assert shop.paths.count("/robots.txt") == 1


@pytest.mark.slow
def test_request_headers_identify_the_crawler(shop):
    shop.comments = {1: [1, 2, 3, 4]}
    shop.faults["/robots.txt"] = [status(404, Set_Cookie="a=b")]
    crawl(shop, "1", contact="me@example.com")
    sent = shop.headers[-1]
    names = {name.lower() for name in sent}

    assert sent["User-Agent"] == f"alcli/{version('alcli')} (+me@example.com)"
    assert sent["From"] == "me@example.com"
    assert sent["Accept"].startswith("application/json")
    assert not names & {"cookie", "referer", "authorization"}


@pytest.mark.slow
def test_transient_errors_are_retried(shop):
    """Test every transient error once, each on another product, in one crawl."""
    troubles = [
        status(429, Retry_After="1"),
        status(500),
        status(503),
        faults.cut,
        faults.reset,
        faults.slow,
        faults.drip,
        faults.html,
        status(200),  # "no" is not JSON
    ]
    for number, trouble in enumerate(troubles, 1):
        shop.comments[number] = [number]
        shop.faults[FIRST.replace("/1/", f"/{number}/")] = [trouble]
    moments = []
    shop.before = lambda path: moments.append((path, time.monotonic()))
    ids, error = crawl(shop, *map(str, shop.comments), timeout=1.0)
    first, second = (moment for path, moment in moments if path == FIRST)

    assert error is None
    assert ids == list(shop.comments)
    assert second - first > 1  # as Retry-After says
    assert len(shop.pages()) >= 2 * len(troubles)


@pytest.mark.slow
def test_backoff_is_exponential(shop):
    shop.comments = {1: [1]}
    shop.faults[FIRST] = [status(500)] * 3
    moments = []
    shop.before = lambda path: moments.append(time.monotonic())
    crawl(shop, "1", delay=0.05)
    _, *waits = (b - a for a, b in pairwise(moments))  # the first: after robots.txt

    assert len(waits) == 3
    assert waits[0] > 0.1
    assert waits[1] > 0.2
    assert waits[2] > 0.4


@pytest.mark.slow
def test_permanent_errors_are_raised_at_the_end(shop):
    shop.comments = {1: [1], 2: [2, 3, 4, 5], 3: [6]}
    shop.faults[FIRST] = [status(500)] * 9
    ids, error = crawl(shop, "1", "2", "3", retries=2)

    assert ids == [2, 3, 4, 5, 6]
    assert error.startswith(f"page failed: {shop.base}{FIRST}: 500 Internal Server")
    assert shop.paths.count(FIRST) == 3


@pytest.mark.slow
def test_html_instead_of_json_is_reported_with_its_url(shop):
    shop.comments = {1: [1]}
    shop.faults[FIRST] = [faults.html] * 9
    _, error = crawl(shop, "1", retries=1)

    assert f"{shop.base}{FIRST}: HTML instead of JSON" in error
    assert shop.paths.count(FIRST) == 2


@pytest.mark.slow
def test_status_404_is_not_retried(shop):
    assert "404 Not Found" in crawl(shop, "1")[1]
    assert shop.paths.count(FIRST) == 1


@pytest.mark.slow
def test_a_long_retry_after_ends_the_crawl(shop):
    shop.comments = {1: [1], 2: [2]}
    shop.faults[FIRST] = [status(429, Retry_After="86400")]
    ids, error = crawl(shop, "1", "2")

    assert ids == []
    assert "requests a wait of 86,400 seconds" in error
    assert shop.pages() == [FIRST]


@pytest.mark.slow
def test_robots_txt_is_obeyed(shop):
    shop.comments = {1: [1]}
    rules = b"User-agent: *\nAllow: /\n\nUser-agent: alcli\nDisallow: /v1"
    shop.other["/robots.txt"] = "text/plain", rules
    _, error = crawl(shop, "1")

    assert shop.paths == ["/robots.txt"]
    assert f"{FIRST}: disallowed by robots.txt" in error


@pytest.mark.slow
@pytest.mark.parametrize(
    "encode",
    [
        pytest.param(lambda text: text.encode("utf-8-sig"), id="mark"),
        pytest.param(lambda text: f"\ufeff{text}".encode("utf-8-sig"), id="two marks"),
        pytest.param(lambda text: text.encode("utf-16"), id="UTF-16"),
        pytest.param(lambda text: text.encode("utf-16-le"), id="UTF-16 without mark"),
        pytest.param(lambda text: text.encode("utf-16-be"), id="UTF-16, big-endian"),
        pytest.param(lambda text: text.replace("a", "\0a\0").encode(), id="zeros"),
        pytest.param(lambda text: b"\0" + text.encode(), id="a zero first"),
        pytest.param(lambda text: b"# \xff\n" + text.encode(), id="a bad byte"),
    ],
)
def test_robots_txt_is_obeyed_in_any_encoding(shop, encode):
    shop.comments = {1: [1]}
    shop.other["/robots.txt"] = "text/plain", encode("User-agent: *\nDisallow: /\n")

    assert "disallowed by robots.txt" in crawl(shop, "1")[1]
    assert shop.pages() == []


@pytest.mark.slow
def test_robots_txt_may_disallow_a_path(shop):
    shop.comments = {1: [1], 2: [2]}
    shop.other["/robots.txt"] = "text/plain", b"User-agent: *\nDisallow: /v1/product/2/"
    ids, _ = crawl(shop, "1", "2")

    assert ids == [1]
    assert shop.pages() == [FIRST]


@pytest.mark.slow
def test_an_unreachable_robots_txt_disallows_every_page(shop):
    shop.comments = {1: [1]}
    shop.faults["/robots.txt"] = [status(500)] * 9
    _, error = crawl(shop, "1", retries=1)

    assert shop.paths == ["/robots.txt"] * 2
    assert "robots.txt is unreachable: 500" in error


@pytest.mark.slow
def test_pages_are_not_retried_if_robots_txt_is_unreachable(shop):
    shop.faults["/robots.txt"] = [status(500)] * 9
    with Fetcher([shop.base], CrawlPolicy(delay=0.01, retries=1)) as fetcher:
        fetcher.request(1, f"{shop.base}{FIRST}", 0)
        _, failure = fetcher.receive()

    assert failure.kind == "failed"


@pytest.mark.slow
def test_crawl_delay_is_obeyed(shop):
    shop.comments = {1: [1], 2: [2], 3: [3]}
    shop.other["/robots.txt"] = "text/plain", b"User-agent: *\nCrawl-delay: 0.5"
    moments = []
    shop.before = lambda path: moments.append(time.monotonic())
    crawl(shop, "1", "2", "3", concurrency=3)

    # moments[0] is the request for robots.txt; the first page follows its response
    assert moments[3] - moments[0] > 2 * 0.49


@pytest.mark.slow
def test_a_long_crawl_delay_is_cut_with_a_warning(shop, monkeypatch, caplog):
    monkeypatch.setattr("alcli.data.crawler.downloader.MAX_WAIT", 0.5)
    shop.comments = {1: [1], 2: [2]}
    rules = b"User-agent: *\nCrawl-delay: 1000000"
    shop.other["/robots.txt"] = "text/plain", rules
    moments = []
    shop.before = lambda path: moments.append(time.monotonic())

    assert crawl(shop, "1", "2")[0] == [1, 2]
    assert moments[2] - moments[0] > 0.49
    assert "127.0.0.1: robots.txt requests 1,000,000 seconds" in caplog.text


@pytest.mark.slow
@pytest.mark.parametrize("wait", ["601", "9" * 400, "9" * 5000])
def test_a_long_retry_after_is_not_waited_for(shop, wait):
    shop.comments = {1: [1]}
    shop.faults[FIRST] = [status(429, Retry_After=wait)]
    _, error = crawl(shop, "1")

    assert "requests a wait of" in error
    assert "inf" not in error


@pytest.mark.slow
def test_a_wait_of_minutes_is_logged(shop, monkeypatch, caplog):
    monkeypatch.setattr("alcli.data.crawler.downloader._LONG_WAIT", 0.5)
    caplog.set_level("INFO")
    shop.comments = {1: [1]}
    shop.faults[FIRST] = [status(503, Retry_After="1")]

    assert crawl(shop, "1") == ([1], None)
    assert "503 Service Unavailable; waits 1 seconds, as the server" in caplog.text


@pytest.mark.slow
def test_a_token_goes_to_pages_alone(shop, monkeypatch):
    monkeypatch.setenv("SHOP_TOKEN", " S3CRET\n")
    shop.comments = {1: [1, 2, 3, 4]}
    ids, error = crawl(shop, "1", token_variable="SHOP_TOKEN")
    tokens = [sent.get("Authorization") for sent in shop.headers]

    assert (ids, error) == ([1, 2, 3, 4], None)
    assert tokens[0] is None  # of robots.txt
    assert set(tokens[1:]) == {"Bearer S3CRET"}


@pytest.mark.slow
def test_a_token_is_sent_over_https_only(shop, monkeypatch):
    monkeypatch.setenv("SHOP_TOKEN", "S3CRET")
    base = shop.base.replace("127.0.0.1", "shop.test")
    _, error = crawl(shop, "1", base=base, token_variable="SHOP_TOKEN")

    assert "a token is sent over https only; not requested" in error
    assert "S3CRET" not in error
    assert shop.paths == []


def test_a_token_goes_to_one_host(monkeypatch):
    monkeypatch.setenv("SHOP_TOKEN", "S3CRET")
    targets = ["https://a.test/", "https://b.test/"]
    with pytest.raises(
        UsageError, match="token-variable: expected targets on one host"
    ):
        alcli.crawl("feed", *targets, token_variable="SHOP_TOKEN")


@pytest.mark.parametrize("value", ["", " ", "S3\nCRET", "S3CRETپ", None])
def test_invalid_tokens_are_rejected_and_not_printed(monkeypatch, value):
    if value is not None:
        monkeypatch.setenv("SHOP_TOKEN", value)
    with pytest.raises(UsageError, match="--token-variable: ") as raised:
        CrawlPolicy(token_variable="SHOP_TOKEN")

    assert "S3" not in str(raised.value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e20, -1])
@pytest.mark.parametrize("name", ["delay", "timeout", "retries", "concurrency"])
def test_settings_out_of_range_are_rejected(name, value):
    with pytest.raises(UsageError, match=f"{name}=.*: expected"):
        CrawlPolicy(**{name: value})


@pytest.mark.slow
def test_the_minimum_delay_is_kept(shop):
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
            shop.faults[path] = [status(302, Location=place)]
        ids, error = crawl(shop, "1", "2", "3", "4")

        assert ids == []
        assert other.paths == []
        assert error.startswith("4 pages failed")
        assert f"redirects to another host, {other.base}{FIRST};" in error


@pytest.mark.slow
def test_redirects_on_the_site_are_followed(shop):
    shop.comments = {1: [1], 2: [2]}
    place = "/v1/product/1/comments/?page=01&x=پ"
    shop.faults[FIRST] = [status(301, Location=place.encode().decode("latin-1"))]
    second = FIRST.replace("/1/", "/2/")
    shop.faults[second] = [status(302, Location=second)] * 99
    ids, error = crawl(shop, "1", "2")

    assert ids == [1]
    assert f"{FIRST.replace('=1', '=01')}&x=%D9%BE" in shop.paths
    assert f"{second}: too many redirects" in error


@pytest.mark.slow
def test_redirects_are_named_without_their_secrets(shop):
    place = f"http://me:{'S' * 300}@other.test/?token=S"
    shop.faults[FIRST] = [status(302, Location=place)]
    _, error = crawl(shop, "1")

    assert "another host, http://***@other.test/?token=***; not" in error


@pytest.mark.slow
def test_invalid_characters_of_a_redirect_are_replaced(shop):
    shop.faults[FIRST] = [status(302, Location="http://other.test/\xff")]
    _, error = crawl(shop, "1")

    assert "another host, http://other.test/\ufffd; not followed" in error


@pytest.mark.slow
def test_robots_txt_redirected_to_another_host_counts_as_missing(shop):
    shop.comments = {1: [1]}
    with serving() as other:
        shop.faults["/robots.txt"] = [status(302, Location=f"{other.base}/robots.txt")]
        assert crawl(shop, "1") == ([1], None)
        assert other.paths == []


def resolve_to(monkeypatch, *addresses):
    """Resolve names to addresses, one per lookup; return the list of lookups."""
    lookups = []

    def getaddrinfo(name, port, *_, **__):
        lookups.append(name)
        address = addresses[min(len(lookups), len(addresses)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return lookups


@pytest.mark.slow
def test_host_names_with_private_addresses_are_rejected(shop, monkeypatch):
    shop.comments = {1: [1]}
    resolve_to(monkeypatch, "127.0.0.1")
    _, error = crawl(shop, "1", base=shop.base.replace("127.0.0.1", "shop.test"))

    assert shop.paths == []
    assert "private address 127.0.0.1; not followed" in error


@pytest.mark.slow
def test_the_address_of_a_connection_is_the_resolved_one(shop, monkeypatch):
    shop.comments = {1: [1]}
    lookups = resolve_to(monkeypatch, "127.0.0.1", "127.0.0.2")
    base = shop.base.replace("127.0.0.1", "shop.localhost")

    assert crawl(shop, "1", base=base) == ([1], None)
    assert lookups == ["shop.localhost"]


@pytest.mark.slow
def test_abbreviated_addresses_are_rejected(shop):
    """127.1 is not a valid IP address, but the system resolves it."""
    shop.comments = {1: [1]}
    _, error = crawl(shop, "1", base=shop.base.replace("127.0.0.1", "127.1"))

    assert shop.paths == []
    assert "invalid URL: 127.1" in error


@pytest.mark.slow
def test_private_addresses_other_than_targets_are_rejected(shop):
    with Fetcher(["http://10.0.0.1/"], FAST) as fetcher:
        fetcher.request(7, f"{shop.base}{FIRST}", 0)
        number, failure = fetcher.receive()

    assert number == 7
    assert "127.0.0.1 is a private address" in str(failure)
    assert shop.paths == []


@pytest.mark.slow
def test_localhost_is_allowed_as_a_target(shop):
    shop.comments = {1: [1]}
    base = shop.base.replace("127.0.0.1", "localhost")

    assert crawl(shop, "1", base=base) == ([1], None)


@pytest.mark.slow
def test_the_charset_of_a_response_is_used(shop):
    text = "<rss><channel><item><title>ارزان</title></item></channel></rss>"
    shop.other["/f"] = "text/xml; charset=windows-1256", text.encode("cp1256")
    (record,) = alcli.crawl("feed", f"{shop.base}/f", delay=0.01)

    assert record["title"] == "ارزان"


@pytest.mark.slow
def test_paths_may_contain_an_at_sign(shop):
    text = b"<rss><channel><item><guid>u:1</guid></item></channel></rss>"
    shop.other["/@someone.rss"] = "text/xml", text

    (record,) = alcli.crawl("feed", f"{shop.base}/@someone.rss", delay=0.01)
    assert record["id"] == "u:1"


@pytest.mark.slow
def test_feed_links_to_other_hosts_are_rejected(shop):
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
def test_oversized_responses_are_rejected(shop, monkeypatch):
    shop.comments = {1: [1], 2: [2]}
    bomb = gzip.compress(b" " * (64 << 20))
    headers = {"Content-Encoding": "gzip"}
    shop.faults[FIRST] = [
        lambda handler: faults.send(handler, 200, bomb, headers),
    ]
    shop.faults[FIRST.replace("/1/", "/2/")] = [faults.large]
    ids, error = crawl(shop, "1", "2")

    assert ids == []
    assert error.startswith("2 pages failed")
    assert "response too long" in error


@pytest.mark.slow
def test_a_refused_connection_is_reported():
    with serving() as shop:
        pass
    _, error = crawl(shop, "1", retries=1)

    assert "robots.txt is unreachable: connection refused" in error


@pytest.mark.slow
def test_items_that_move_between_pages_are_fetched(shop):
    """Delete a comment after page 1, so that 103 is on no later page."""
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
def test_requests_time_out(shop):
    shop.comments = {1: [1]}
    shop.faults[FIRST] = [faults.slow]
    _, error = crawl(shop, "1", timeout=0.5, retries=0)

    assert "timed out" in error


@pytest.mark.slow
def test_a_source_may_be_a_function(shop):
    shop.comments = {1: [1]}

    def mine(target, *, word):
        def read(response: PageResponse):
            yield {"id": word, "text": str(len(response.body))}

        yield Page(target, read)

    with serving() as other:
        urls = [f"{shop.base}{FIRST}", f"{other.base}/a", f"{other.base}/b"]
        other.other = {"/b": ("text/plain", b"b")}
        # rejected, although the redirect leads to another target
        other.faults["/a"] = [status(302, Location=urls[0])]
        records = alcli.crawl(mine, *urls, delay=0.01, word=5)
        assert next(records)["id"] == 5
        with pytest.raises(
            SurroundingsError, match=f"redirects to another host, {shop.base}"
        ):
            list(records)
        assert other.pages() == ["/a", "/b"]
        assert len(shop.pages()) == 1


@pytest.mark.slow
def test_crawls_run_beside_another_event_loop(shop):
    shop.comments = {1: [1, 2, 3, 4]}

    async def notebook():
        return crawl(shop, "1")

    assert asyncio.run(notebook()) == ([1, 2, 3, 4], None)


@pytest.mark.slow
def test_closing_the_iterator_ends_its_thread_and_connections(shop):
    shop.comments = {1: list(range(30)), 2: [100]}
    over = threading.Event()
    shop.before = lambda path: over.wait() if "/2/" in path else None
    speed = {"delay": 0.01, "concurrency": 2}
    records = alcli.crawl("digikala", "1", "2", base=shop.base, **speed)
    next(records)
    (thread,) = (t for t in threading.enumerate() if t.name == "alcli fetcher")
    records.close()
    over.set()

    assert not thread.is_alive()


@pytest.mark.slow
def test_bugs_are_raised_in_the_caller(shop, monkeypatch):
    monkeypatch.setattr(Downloader, "page", lambda *_: {}["missing"])
    with pytest.raises(KeyError, match="missing"):
        crawl(shop, "1")


@pytest.mark.parametrize("package", ["aiohttp", "protego"])
def test_a_missing_extra_is_reported(monkeypatch, package):
    for module in ("crawl", "fetcher", "downloader", "ssrf"):
        monkeypatch.delitem(sys.modules, f"alcli.data.crawler.{module}", raising=False)
    monkeypatch.delitem(vars(alcli), "crawl", raising=False)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=r"pip install 'alcli\[crawl\]'"):
        alcli.crawl("digikala", "1")


@pytest.mark.parametrize("contact", ["a\nHost: b", "ایمیل", "a\x00"])
def test_contacts_that_would_inject_headers_are_rejected(contact):
    with pytest.raises(UsageError, match="--contact"):
        alcli.crawl("digikala", "1", contact=contact)
