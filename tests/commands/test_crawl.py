"""Records in the file after every kind of end of the command."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import pytest

from tests.data.crawler.shop import Shop, holding, serving, status
from tests.waiting import until

pytest.importorskip("aiohttp")
pytestmark = pytest.mark.slow

FIRST = "/v1/product/1/comments/?page=1"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with serving() as found:
        found.comments = {n: list(range(n * 100, n * 100 + 7)) for n in range(1, 6)}
        found.categories = {"phone": list(found.comments)}
        yield found


@pytest.fixture
def raw(tmp_path) -> Path:
    return tmp_path / "raw.jsonl"


def line(shop: Shop, raw: Path, *more: str, target="category:phone") -> list[str]:
    args = ["crawl", "digikala", target, "--set", f"base={shop.base}"]
    return [*args, "--delay", "0.001", "--append", str(raw), *more]


def ids(raw: Path) -> Counter[str]:
    """Return the ids in a file of whole lines, with their numbers."""
    data = raw.read_bytes()
    assert data.endswith(b"\n")
    return Counter(json.loads(text)["id"] for text in data.splitlines())


def whole(shop: Shop) -> Counter[str]:
    return Counter(f"digikala-{number}" for number in chain(*shop.comments.values()))


def count(raw: Path) -> int:
    return raw.read_bytes().count(b"\n") if raw.exists() else 0


@contextmanager
def running(*args: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "alcli", *args]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_second_crawl_appends_only_new_records(alcli, shop, raw):
    done = alcli(*line(shop, raw, "--concurrency", "2"), check=True)

    assert done.stdout == b""
    assert done.stderr.decode() == (
        "alcli crawl: 70 read, 35 written; left out: 35 seen before; 34 pages\n"
    )
    assert ids(raw) == whole(shop)
    before = raw.read_bytes()
    shop.comments[3].insert(0, 399)
    done = alcli(*line(shop, raw, "-q"), check=True)

    assert done.stderr == b""
    assert raw.read_bytes().startswith(before)
    assert ids(raw) == whole(shop)


def test_a_crawl_killed_ten_times_loses_nothing(alcli, shop, raw, capsys):
    shop.comments = {n: list(range(n * 100, n * 100 + 7)) for n in range(1, 31)}
    shop.categories = {"phone": list(shop.comments)}
    chance = random.Random(0)
    for kill in range(10):
        wanted = count(raw) + chance.randint(1, 6)
        held = holding(shop, lambda _, wanted=wanted: count(raw) > wanted + 8)
        with held, running(*line(shop, raw)) as process:
            until(lambda wanted=wanted: count(raw) >= wanted, process.poll)
            time.sleep(chance.random() * 0.02)
            process.kill()
            assert process.wait() == -signal.SIGKILL
        if kill == 5:
            raw.write_bytes(raw.read_bytes() + '{"id":"digikala-7","text":"نظ'.encode())
    torn = ids_torn(raw)
    done = alcli(*line(shop, raw), check=True)
    with capsys.disabled():
        print("\nkilled 10 times")  # noqa: T201

    assert max(torn.values()) == 1
    assert 10 <= len(torn) < len(whole(shop))
    assert b"written" in done.stderr
    assert ids(raw) == whole(shop)


def ids_torn(raw: Path) -> Counter[str]:
    lines = raw.read_bytes().split(b"\n")[:-1]
    return Counter(json.loads(text)["id"] for text in lines)


def test_a_torn_line_is_cut_off(alcli, shop, raw):
    raw.write_bytes(b'{"id":"mine","text":"t"}\n{"id":"digikala-100"')
    done = alcli(*line(shop, raw), check=True)

    assert b"cut off a torn last line of 20 bytes" in done.stderr
    assert ids(raw) == whole(shop) + Counter(["mine"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_whole_lines_and_no_message(number, shop, raw):
    with holding(shop, is_third), running(*line(shop, raw)) as process:
        until(lambda: count(raw) > 0, process.poll)
        process.send_signal(number)
        assert process.wait() == -number
        assert process.stderr
        assert process.stderr.read() == b""

    assert max(ids(raw).values()) == 1


def is_third(path: str) -> bool:
    return "/product/3/" in path


def test_max_includes_known_records(alcli, shop, raw):
    for number, requested in ((10, True), (10, False), (13, True)):
        shop.paths.clear()
        alcli(*line(shop, raw, "--max", str(number)), check=True)
        assert len(ids(raw)) == count(raw) == number
        assert bool(shop.paths) == requested


def test_fetched_records_are_kept_if_pages_fail(alcli, shop, raw, tmp_path):
    shop.faults[FIRST] = [status(500)] * 9
    report = tmp_path / "report.json"
    more = ["--retries", "1", "--report", str(report)]
    done = alcli(*line(shop, raw, *more))

    assert done.returncode == 5
    lines = done.stderr.decode().splitlines()
    assert lines[-1] == (
        f"alcli crawl: page failed: {shop.base}{FIRST}: 500 Internal Server Error; "
        "fetched records are kept, run the command again"
    )
    assert len(lines) == 2
    assert len(ids(raw)) == 28
    counts = json.loads(report.read_text())
    assert (counts["status"], counts["written"]) == (5, 28)
    shop.faults.clear()
    alcli(*line(shop, raw), check=True)
    assert ids(raw) == whole(shop)


def test_two_crawls_of_one_file_take_turns(shop, raw):
    with running(*line(shop, raw)) as one, running(*line(shop, raw)) as two:
        assert one.wait() == two.wait() == 0

    assert ids(raw) == whole(shop)


def test_sources_may_share_a_file(alcli, shop, raw):
    alcli(*line(shop, raw, target="1"), check=True)
    for number in (1, 2, 3):
        rows = [{"id": n, "body": f"t{n}", "score": [n]} for n in (100, number)]
        answer = {"data": {"reviews": rows, "pages": 3}}
        path = f"/reviews?page={number}"
        shop.other[path] = "application/json", json.dumps(answer).encode()
    sets = ["items=data.reviews", "text=body", "last=data.pages", "fields=rate=score.0"]
    args = [word for pair in sets for word in ("--set", pair)]
    url = f"{shop.base}/reviews?page={{page}}"
    tail = ["--delay", "0.001", "--append", str(raw)]
    alcli("crawl", "json-api", url, *args, *tail, check=True)

    names = ["127.0.0.1-100", "127.0.0.1-1", "127.0.0.1-2", "127.0.0.1-3"]
    assert list(ids(raw))[7:] == names
    assert b'{"id":"127.0.0.1-3","text":"t3","rate":3}\n' in raw.read_bytes()


def test_a_last_record_without_newline_is_known(alcli, shop, raw):
    raw.write_bytes(b'{"id":"digikala-100","text":"t"}')
    alcli(*line(shop, raw), check=True)

    assert raw.read_bytes().startswith(b'{"id":"digikala-100","text":"t"}\n{"id":')
    assert ids(raw) == whole(shop)


def test_a_file_of_other_content_stays_as_it_is(alcli, shop, raw):
    raw.write_bytes(b'{"id":"a"}\n{"text":"no id"}')
    done = alcli(*line(shop, raw))

    assert done.returncode == 3
    assert b"raw.jsonl:2: " in done.stderr
    assert raw.read_bytes() == b'{"id":"a"}\n{"text":"no id"}'
    assert shop.paths == []


def test_one_bad_item_blocks_no_source(alcli, shop, raw, tmp_path):
    pages = [[{"id": 1, "text": "a"}], [{"id": 2}, {"id": 3, "text": "c"}], []]
    for number, items in enumerate(pages, 1):
        body = json.dumps(items).encode()
        shop.other[f"/r?page={number}"] = "application/json", body
    report = tmp_path / "report.json"
    more = ["--append", str(raw), "--delay", "0", "--report", str(report)]
    url = f"{shop.base}/r?page={{page}}"
    done = alcli("crawl", "json-api", url, *more, check=True)

    assert list(ids(raw)) == ["127.0.0.1-1", "127.0.0.1-3"]
    assert 'item without a string at "text" (text)' in done.stderr.decode()
    counts = json.loads(report.read_text())
    assert counts["dropped"]["unreadable item"] == 1
    assert counts["read"] == counts["written"] + sum(counts["dropped"].values())


@pytest.mark.parametrize(
    ("url", "more", "returned"),
    [
        ("{base}/none?api_key=S3CRET&x=1", [], 5),
        ("{base}/none?token=S3CRET", ["--delay", "-1"], 2),
        ("{base}/none?token=S3CRET", ["--set", "no=1"], 2),
        ("http://me:S3CRET@127.0.0.1/", [], 2),
        ("http://me:S3/CRET@127.0.0.1/", [], 2),
        ("ftp://127.0.0.1/?key=S3CRET", [], 2),
        ("{base}/v1?token=S3CRET", ["--debug"], 5),
    ],
)
def test_secrets_of_urls_are_never_printed(
    alcli, shop, raw, tmp_path, url, more, returned
):
    report = tmp_path / "report.json"
    target = url.format(base=shop.base)
    options = ["--append", str(raw), "--retries", "0", "--report", str(report), *more]
    for source in ("feed", "digikala"):
        done = alcli("crawl", source, target, *options)
        if source == "feed":
            assert done.returncode == returned
        assert b"S3" not in done.stderr
        assert "S3" not in report.read_text()
        assert "***" in report.read_text()


def test_controls_from_servers_and_names_are_escaped(alcli, shop, raw, tmp_path):
    steering = "\x1b[2J\u202e\x9b"
    place = f"http://other.test/{steering}".encode().decode("latin-1")
    shop.faults["/f"] = [status(302, Location=place)]
    shop.other["/g"] = "text/xml", b"<a xmlns='urn:\xe2\x80\xae\xc2\x9b'/>"
    targets = [f"{shop.base}/f", f"{shop.base}/g", f"{shop.base}/h{steering}"]
    options = ["--delay", "0", "--retries", "0", "--append"]
    for target in targets:
        done = alcli("crawl", "feed", target, *options, tmp_path / f"x{steering}")
        assert done.returncode == 5
        lines = done.stderr.decode().removesuffix("\n")
        assert not {*"\x1b\u202e\x9b"} & {*lines}
        assert "page failed" in lines
    shop.other["/i%1B%5B2J"] = "text/xml", b"<rss><item/><item><b></item></rss>"
    done = alcli("crawl", "feed", f"{shop.base}/i\x1b[2J", *options, raw, check=True)
    assert b"i\\x1b[2J: item that is not XML" in done.stderr


@pytest.mark.parametrize("value", ["nan", "inf", "1e20", "-1"])
@pytest.mark.parametrize(
    "option", ["--delay", "--timeout", "--retries", "--concurrency", "--max"]
)
def test_numbers_out_of_range_are_usage_errors(alcli, raw, option, value):
    options = ["--append", str(raw), option, value]
    done = alcli("crawl", "feed", "http://127.0.0.1:9/", *options)

    assert done.returncode == 2
    assert option in done.stderr.decode()
    assert not raw.exists()
