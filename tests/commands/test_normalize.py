"""`alcli normalize`; the languages are tested in tests/text/."""

import json

import pytest

import alcli as library
from alcli.core.errors import InputError, UsageError
from alcli.core.ids import fingerprint


def normalized(alcli, lines, *options):
    data = "".join(line + "\n" for line in lines).encode()
    done = alcli("normalize", "--language", "any", *options, stdin=data, check=True)
    return done.stdout.decode().split("\n")[:-1]


def test_tokens_are_added_and_other_bytes_are_unchanged(alcli):
    lines = [
        '{"text":"Good  DAY\\u2028!", "id" : 1 ,"z":[1.50,-0] }',
        '{"z":"\\u0641\\/\u2028","text":"","id":"b"}',
    ]
    assert normalized(alcli, lines) == [
        lines[0][:-2] + ',"tokens":"good day !"}',
        lines[1][:-1] + ',"tokens":""}',
    ]


def test_a_missing_id_is_the_hash_of_the_joined_text(alcli):
    records = [{"text": "متن", "title": title} for title in ("A title", "B", "", None)]
    lines = [json.dumps(record) for record in records]
    joined = [json.loads(s) for s in normalized(alcli, lines, "--join", "title,text")]
    texts = ["A title\nمتن", "B\nمتن", "متن", "متن"]
    assert [record["id"] for record in joined] == [*map(fingerprint, texts)]
    assert joined[0]["tokens"] == "a title متن"
    for options in ([], ["--join", "text"]):
        alone = [json.loads(s) for s in normalized(alcli, lines, *options)]
        assert {record["id"] for record in alone} == {fingerprint("متن")}


def test_tokens_of_an_earlier_run_are_replaced(alcli):
    once = normalized(alcli, ['{"text":"A","n":1.50,"tokens":[1]}'])
    assert once == [f'{{"text":"A","n":1.50,"id":"{fingerprint("A")}","tokens":"a"}}']
    again = json.loads(normalized(alcli, once)[0])
    assert again == json.loads(once[0])


def test_fields_are_joined_in_their_order():
    records = [
        {"id": 1, "text": "x", "title": "t", "lead": None},
        {"id": 2, "text": "y"},
    ]
    joined = library.normalize(records, language="any", join=("lead", "text", "title"))
    assert [record["tokens"] for record in joined] == ["x t", "y"]


def test_the_function_equals_the_command(alcli):
    records = [{"id": i, "text": f"Text {i}, more"} for i in range(20)]
    lines = [json.dumps(record) for record in records]
    found = normalized(alcli, lines, "--drop", "punctuation,numbers")
    by_function = library.normalize(
        iter(records), language="any", drop=("numbers", "punctuation")
    )
    assert [json.loads(line) for line in found] == list(by_function)
    assert json.loads(found[0])["tokens"] == "text more"


def test_output_does_not_depend_on_the_number_of_processes(alcli):
    lines = [json.dumps({"text": f"Text {i} " * (i % 9)}) for i in range(20_000)]
    alone = normalized(alcli, lines)
    assert len(alone) == 20_000
    assert normalized(alcli, lines, "--jobs", "2") == alone


def test_persian_is_the_default(alcli):
    done = alcli("normalize", stdin='{"text":"كتاب ها"}\n'.encode(), check=True)
    assert json.loads(done.stdout)["tokens"] == "کتاب‌ها"


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ({}, 'no "text" field'),
        ({"text": 5}, '"text": Expected str, got int'),
        ({"text": "a", "id": 1.5}, '"id": Expected int'),
    ],
)
def test_records_must_have_a_text(record, says):
    with pytest.raises(InputError, match=f"<records>:1: {says}"):
        list(library.normalize([record], language="any"))


@pytest.mark.parametrize("options", [{"language": "xx"}, {"drop": ["verbs"]}])
def test_messages_for_unknown_names_list_the_known_ones(options):
    with pytest.raises(UsageError, match="choose from: "):
        list(library.normalize([], **{"language": "any"} | options))
