"""Any JSON API, described by paths."""

import json

import pytest

from alcli.core.errors import UsageError
from alcli.core.ids import fingerprint
from alcli.data.sources import (
    NextPage,
    PageResponse,
    UnreadableItem,
    UnreadablePage,
)
from alcli.data.sources.json_api import json_api

URL = "http://api.test/r?page={page}"


def walk(target, answers, **params):
    """Return the records and the URLs of a listing."""
    (page,) = json_api(target, **params)
    records, urls = [], []
    while page:
        urls.append(page.url)
        found = list(
            page.read(PageResponse(page.url, json.dumps(answers[page.url]).encode()))
        )
        records += [thing for thing in found if isinstance(thing, dict)]
        page = next((thing for thing in found if isinstance(thing, NextPage)), None)
    return records, urls


def numbered(*pages, first=1, step=1):
    numbers = range(first, first + step * (len(pages) + 1), step)
    return {
        f"http://api.test/r?page={number}": page
        for number, page in zip(numbers, [*pages, pages[-1]], strict=True)
    }


def item(number):
    return {"id": number, "text": f"t{number}"}


def test_defaults():
    records, urls = walk(URL, numbered([item(1), item(2)], [item(3)], []))

    assert [r["id"] for r in records] == ["api.test-1", "api.test-2", "api.test-3"]
    assert [r["text"] for r in records] == ["t1", "t2", "t3"]
    assert len(urls) == 3


def test_paths_into_the_response():
    answer = {
        "data": {"rows": [{"k": {"n": 7}, "b": ["x", "good"], "s": {"v": 4}, "w": 1}]},
        "meta": {"pages": 1},
    }
    records, urls = walk(
        URL,
        numbered(answer),
        items="data.rows",
        id="k.n",
        text="b.1",
        last="meta.pages",
        fields="rate=s.v,s.v,gone",
        prefix="mine:",
    )

    assert records == [{"id": "mine:7", "text": "good", "rate": 4, "v": 4}]
    assert len(urls) == 1


def test_a_repeated_page_ends_the_listing():
    _, urls = walk(URL, numbered([item(1)], [item(2)], [item(2)]))

    assert len(urls) == 3


def test_a_repeated_page_does_not_end_a_listing_of_known_length():
    rows = ([item(1)], [item(1)], [item(2)])
    pages = numbered(*({"items": row, "last": 3} for row in rows))
    records, urls = walk(URL, pages, items="items", last="last")

    assert len(urls) == 3
    assert records[-1]["id"] == "api.test-2"


def test_page_numbers_may_be_item_offsets():
    pages = numbered([item(1), item(2)], [item(3)], [], first=0, step=2)
    _, urls = walk(URL, pages, first=0, step=2)

    assert [url.rpartition("=")[2] for url in urls] == ["0", "2", "4"]


def test_links_to_the_next_page_are_followed():
    start = "http://api.test/v1/r"
    pages = {
        start: {"items": [item(1)], "links": [{"href": "r?after=1"}]},
        "http://api.test/v1/r?after=1": {"items": [item(2)], "links": [{"href": None}]},
    }
    records, urls = walk(start, pages, items="items", next="links.0.href")

    assert urls == list(pages)
    assert len(records) == 2


def test_a_url_without_page_number_is_one_page():
    assert len(walk("http://api.test/r", {"http://api.test/r": [item(1)]})[1]) == 1


def test_a_text_hash_replaces_missing_ids():
    records, _ = walk("http://api.test/r", {"http://api.test/r": [item(1)]}, id="")

    assert records[0]["id"] == f"api.test-{fingerprint('t1')}"


def test_only_the_given_fields_are_kept():
    rows = [item(1) | {"user": "somebody"}]
    records, _ = walk("http://api.test/r", {"http://api.test/r": rows})

    assert set(records[0]) == {"id", "text"}


@pytest.mark.parametrize(
    ("answer", "params", "says"),
    [
        ({}, {}, r'no list at "" \(items\)'),
        ([], {"items": "data"}, r'no list at "data" \(items\)'),
        ([item(1)], {"last": "pages"}, r'no number at "pages" \(last\)'),
    ],
)
def test_unexpected_json_is_unreadable(answer, params, says):
    with pytest.raises(UnreadablePage, match=says):
        walk(URL, numbered(answer), **params)


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        ({"id": 1}, 'item without a string at "text" (text)'),
        ({"id": 1, "text": 5}, 'item without a string at "text" (text)'),
        ("text", 'item without a string at "text" (text)'),
        ({"text": "a"}, 'item without a string or number at "id" (id)'),
        ({"id": True, "text": "a"}, 'item without a string or number at "id" (id)'),
        ({"id": "", "text": "a"}, 'item without a string or number at "id" (id)'),
    ],
)
def test_a_bad_item_costs_itself_alone(bad, problem):
    (page,) = json_api(URL)
    body = json.dumps([item(8), bad, item(9)]).encode()
    first, other, last, following = page.read(PageResponse(page.url, body))

    assert (first["id"], last["id"]) == ("api.test-8", "api.test-9")
    assert other == UnreadableItem(problem)
    assert isinstance(following, NextPage)


def test_a_page_of_bad_items_does_not_end_a_listing():
    rows = ([item(1)], [{"id": 2}], [{"id": 3}], [{"id": 3}], [item(4)])
    records, urls = walk(URL, numbered(*rows))

    assert [record["text"] for record in records] == ["t1"]
    assert len(urls) == 4  # the last two are equal


@pytest.mark.parametrize(
    ("target", "params"),
    [
        (URL, {"next": "next"}),
        ("http://api.test/r", {"last": "pages"}),
        (URL, {"step": 0}),
        (URL, {"first": -1}),
        (URL, {"text": ""}),
        (URL, {"fields": "id=other"}),
        (URL, {"fields": "a.text"}),
    ],
)
def test_contradictory_parameters_are_rejected(target, params):
    with pytest.raises(UsageError):
        list(json_api(target, **params))
