"""Members dropped and added in the bytes of a line."""

import json

import pytest

from alcli.core.members import drop_members, members, replace_members, splice

OWN = (
    rb'{ "note" : "a\u0631\/b, \"x\": {" , "n":1.50,"n" : 1E3,  "deep":{"label":[1, 2]}'
)


@pytest.mark.parametrize(
    "rest",
    [b"}", b', "label":"x"}', b',\t"la\\u0062el" :"x" }', b' , "label":"a,}"}  '],
)
def test_other_members_keep_their_bytes(rest):
    found = replace_members(OWN + rest, ["label", "time"], {"label": "y"})

    assert found.replace(b" ,", b",").startswith(OWN.replace(b" ,", b","))
    assert found.startswith(OWN)
    assert json.loads(found)["label"] == "y"
    assert found.count(b"label") == 2


def test_every_member_of_a_name_is_dropped():
    line = b'{"label":1,"id":2,"label":{"a":"}"}}'

    assert drop_members(line, "label") == b'{"id":2}'
    assert drop_members(line, "label", "id") == b"{}"
    assert drop_members(b"{ }", "label") == b"{ }"
    assert drop_members(rb'{"\u0061":1}', "b") == rb'{"\u0061":1}'


def test_fields_are_replaced_where_they_are():
    assert replace_members(b'{"id":1,"pred":"a"}', (), {"pred": "b"}) == (
        b'{"id":1,"pred":"b"}'
    )


def test_keys_are_compared_decoded():
    assert drop_members('{"ی":1,"id":2}'.encode(), "ی") == b'{"id":2}'
    assert drop_members(rb'{"\u06cc":1,"id":2}', "ی") == b'{"id":2}'


def test_members_are_encoded_as_they_stand_in_a_line():
    line = splice(b'{"id": 1 }', members({"topic": 3, "pred": "خوب"}))

    assert line.decode() == '{"id": 1,"topic":3,"pred":"خوب"}'
