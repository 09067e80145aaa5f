"""Parsing of the shop's responses, without personal data."""

import json

import pytest

from alcli.core.errors import UsageError
from alcli.data.sources import (
    NextPage,
    Page,
    PageNotFound,
    PageResponse,
    UnreadableItem,
    UnreadablePage,
)
from alcli.data.sources.digikala import digikala
from tests.data.crawler.shop import comment

BASE = "http://shop.test"


def first(target):
    (page,) = digikala(target, base=BASE)
    return page


def read(page, data, status=200):
    body = {"status": status, "data": data}
    return list(page.read(PageResponse(page.url, json.dumps(body).encode())))


def pager(last, **more):
    return {"pager": {"current_page": 1, "total_pages": last}, **more}


@pytest.mark.parametrize(
    "target",
    [
        "123",
        "dkp-123",
        "https://www.digikala.com/product/dkp-123/%DA%A9/",
        "https://www.digikala.com/product/dkp-123",
        "http://digikala.com/product/dkp-123/?variant_id=5",
    ],
)
def test_product_targets_become_its_first_page(target):
    assert first(target).url == f"{BASE}/v1/product/123/comments/?page=1"


@pytest.mark.parametrize(
    "target",
    [
        "category:mobile-phone",
        "https://www.digikala.com/search/category-mobile-phone/",
    ],
)
def test_category_targets_become_its_first_page(target):
    url = f"{BASE}/v1/categories/mobile-phone/search/?page=1"
    assert first(target).url == url


def test_category_names_are_quoted():
    assert (
        first("category:../x?y").url
        == f"{BASE}/v1/categories/..%2Fx%3Fy/search/?page=1"
    )


@pytest.mark.parametrize(
    "target",
    [
        "",
        "phone",
        "category:",
        "-5",
        "۱۲۳",
        "https://example.com/product/dkp-123/",
        "https://notdigikala.com/product/dkp-123/",
        "https://www.digikala.com/",
    ],
)
def test_invalid_targets_are_rejected(target):
    with pytest.raises(UsageError, match="is not a target of digikala; expected"):
        first(target)


def test_fields_of_a_comment():
    (record,) = read(first("7"), pager(1, comments=[comment(12)]))

    assert record == {
        "id": "digikala-12",
        "title": "عنوان 12",
        "text": "نظر شمارهٔ 12",
        "rate": 3,
        "created_at": "۱۴ دی ۱۴۰۱",
        "recommendation": "recommended",
        "likes": 5,
        "is_buyer": True,
        "product": 7,
    }


def test_personal_data_is_left_out():
    data = pager(1, comments=[comment(12) | {"user_id": 99, "mobile": "0912"}])
    (record,) = read(first("7"), data)
    text = json.dumps(record, ensure_ascii=False)

    assert "کاربر" in json.dumps(data, ensure_ascii=False)
    assert not any(name in text for name in ("کاربر", "99", "0912", "فروشگاه"))


def test_missing_fields_of_a_comment():
    (record,) = read(first("7"), pager(1, comments=[{"id": 12, "body": None}]))

    assert (record["id"], record["text"], record["title"]) == ("digikala-12", "", "")
    assert record["likes"] is record["rate"] is None


def test_comments_continue_to_the_last_page():
    page, numbers = first("7"), [1]
    while page:
        found = read(page, pager(3, comments=[comment(numbers[-1])]))
        page = next((thing for thing in found if isinstance(thing, NextPage)), None)
        if page:
            numbers.append(int(page.url.rpartition("=")[2]))

    assert numbers == [1, 2, 3]


def test_the_page_after_a_failed_one_is_known():
    *_, second = read(first("7"), pager(3, comments=[comment(1)]))
    third = second.next_if_failed()

    assert isinstance(third, NextPage)
    assert third.url.endswith("/product/7/comments/?page=3")
    assert third.next_if_failed() is None
    assert first("7").next_if_failed() is None


def test_an_empty_page_ends_the_listing():
    assert read(first("7"), pager(3, comments=[])) == []
    assert read(first("category:x"), pager(3, products=[])) == []


def test_a_category_page_links_to_products_and_next_page():
    found = read(first("category:x"), pager(2, products=[{"id": 5}, {"id": 6}]))

    assert [type(page) for page in found] == [Page, Page, NextPage]
    assert [page.url.removeprefix(BASE) for page in found] == [
        "/v1/product/5/comments/?page=1",
        "/v1/product/6/comments/?page=1",
        "/v1/categories/x/search/?page=2",
    ]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (None, 'no "data"'),
        ({}, 'no list of "comments"'),
        ({"comments": [comment(1)]}, 'no "total_pages"'),
    ],
)
def test_unexpected_json_is_unreadable(data, says):
    with pytest.raises(UnreadablePage, match=says):
        read(first("7"), data)


@pytest.mark.parametrize(
    "bad",
    [{"body": "x"}, 5, {"id": True}, {"id": 1, "body": 5}, {"id": 1, "title": [1]}],
)
def test_a_bad_item_costs_itself_alone(bad):
    comments = [comment(1), bad, comment(3)]
    one, other, three, following = read(first("7"), pager(2, comments=comments))

    assert (one["id"], three["id"]) == ("digikala-1", "digikala-3")
    assert isinstance(other, UnreadableItem)
    assert isinstance(following, NextPage)
    products = [{"id": 5}, {"id": "6"}]
    found = read(first("category:x"), pager(1, products=products))
    assert [type(thing) for thing in found] == [Page, UnreadableItem]


def test_html_instead_of_json_is_unreadable():
    with pytest.raises(UnreadablePage, match="HTML instead of JSON"):
        list(first("7").read(PageResponse("u", b" <html>Are you human?")))
    with pytest.raises(UnreadablePage, match="not JSON"):
        list(first("7").read(PageResponse("u", b'{"status":')))


@pytest.mark.parametrize("body", [rb'"a \ud83d b"', b'"a \xff b"'])
def test_invalid_characters_are_replaced(body):
    assert PageResponse("u", body).json() == "a \ufffd b"


def test_valid_characters_survive_beside_an_invalid_one():
    body = '["😀", "\\ud83d\\ude00", "\\u0000", "\\ud83d"]'.encode()

    assert PageResponse("u", body).json() == ["😀", "😀", "\0", "\ufffd"]


@pytest.mark.parametrize("body", [b"NaN", b"[" * 100_000, b"", b"{}{}"])
def test_invalid_json_is_unreadable(body):
    with pytest.raises(UnreadablePage, match="not JSON"):
        PageResponse("u", body).json()


def test_the_status_in_the_body_counts():
    with pytest.raises(PageNotFound):
        read(first("7"), {}, status=404)
    with pytest.raises(UnreadablePage, match="status 500"):
        read(first("7"), {}, status=500)
