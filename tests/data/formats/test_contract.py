"""Contract of every format: a round trip keeps the fields that it declares."""

import gzip
import itertools
import json
import random

import pytest

import alcli
from alcli.core.errors import BadParameter, InputError
from alcli.data.formats import formats
from alcli.data.formats.common.text import one_line

every = pytest.mark.parametrize("name", formats.names())
CORE = ("id", "text", "label", "annotator")
TEXTS = [
    "a text",
    "خیلی خوب بود، ممنون",
    "می\u200cخواهم نیم\u200cفاصله",
    "\u202bراست به چپ\u202c \u200fx\u200e",
    "two\nlines",
    "windows\r\nlines\rmac",
    "\n\nblank lines around\n\n",
    "line\u2028para\u2029next\u0085ends",
    "quotes \"here\" and 'there'",
    '"',
    '"all of it"',
    "a, b; c\td | e",
    "back\\slash \\n \\u0041",
    "  spaces around  ",
    "😀🎉 👨‍👩‍👧 𝄞",
    "[1, 2]",
    '{"text": "no"}',
    "# text = no",
    "=1+1",
    "null",
    "1\t_\t_",
    "]}",
    "é \u00a0 \u0301",
    "x" * 5000,
]
IDS = ["a", 7, "007", "with space", "شناسه ۱", "😀", "a,b", 'q"q', "x" * 3000, -1, "#"]
LABELS = ["positive", "منفی", "0", "a,b", "null"]
ANNOTATORS = ["w1", "12", "007", "a@b.c", "علی"]


def hard_records():
    """Yield a record per hard text and hard value; ids are unique."""
    for number, (text, label, annotator) in enumerate(
        zip(TEXTS * 5, itertools.cycle(LABELS), itertools.cycle(ANNOTATORS * 2 + ["x"]))
    ):
        id = IDS[number % len(IDS)]
        if number >= len(IDS):
            id = f"{id}-{number}"
        yield {"id": id, "text": text, "label": label, "annotator": annotator}


def random_records(n=300):
    """Yield records of random texts of delimiters of lines, cells and strings."""
    chance = random.Random(0)
    letters = 'ab ی\u200c\u2028\u0085\n\r\t"\\,;#{}[]:_😀\u200f\x0b\x0c\x1f\x7f|'
    for number in range(n):
        text = "".join(chance.choices(letters, k=chance.randrange(1, 30)))
        who = chance.choice(ANNOTATORS)
        label = chance.choice(LABELS)
        yield {"id": f"r{number}", "text": text, "label": label, "annotator": who}


def kept(format, record):
    """Return the fields of a record after a round trip."""
    found = {name: record.get(name) for name in CORE}
    for name in CORE:
        if format.keeps is not None and name not in format.keeps:
            del found[name]
    if "id" in found:
        found["id"] = str(found["id"])
    if format.folds and "text" in found:
        found["text"] = one_line(found["text"])
    return found


def assert_kept(name, before, after):
    format = formats.get(name)
    assert len(after) == len(before)
    for old, new in zip(before, after, strict=True):
        found = {field: new.get(field) for field in kept(format, old)}
        if "id" in found:
            found["id"] = str(found["id"])
        assert found == kept(format, old)


@every
def test_hard_texts_and_ids_survive_a_round_trip(name, files):
    records = list(hard_records())
    files.write(name, records)
    assert_kept(name, records, files.read(name))


@every
def test_random_texts_survive_a_round_trip(name, files):
    records = list(random_records())
    files.write(name, records)
    assert_kept(name, records, files.read(name))


@every
def test_records_without_labels_survive_a_round_trip(name, files):
    records = [{"id": f"r{i}", "text": text} for i, text in enumerate(TEXTS)]
    if not formats.get(name).needs <= {"text"}:
        with pytest.raises(InputError, match=r"no .* field"):
            files.write(name, records)
        return
    files.write(name, records)
    assert_kept(name, records, files.read(name))


@every
def test_a_second_round_trip_changes_nothing(name, files):
    files.write(name, list(hard_records()))
    once = files.read(name)
    files.write(name, once)
    assert files.read(name) == once


@every
def test_no_records_make_a_file_without_records(name, files):
    files.write(name, [])
    assert files.read(name) == []
    assert files.read(name, b"") == [] or name in ("argilla", "label-studio")


@every
def test_records_in_memory_are_not_modified(name, files):
    records = list(hard_records())
    before = json.dumps(records)
    files.write(name, records)
    assert json.dumps(records) == before


@every
def test_parameters_are_those_of_both_functions(name):
    listed = [p.partition("=")[0] for p in formats.parameters(name, "read", "write")]
    with pytest.raises(BadParameter) as caught:
        alcli.convert([], source_format=name, target_format=name, nonsense=1)
    assert set(str(caught.value).split(": ")[1].split(", ")) == {*listed} or not listed


@every
def test_every_format_is_documented(name):
    assert len(formats.summary(name)) > 10
    assert formats.get(name).read.__doc__
    assert formats.get(name).write.__doc__


@pytest.mark.slow
@every
@pytest.mark.parametrize("corpus", ["snappfood/train", "sentipers/all_sentences"])
def test_real_records_survive_a_round_trip(name, corpus, files, data, capsys):
    with gzip.open(data(f"{corpus}.jsonl.gz")) as lines:
        records = [json.loads(line) for line in itertools.islice(lines, 1000)]
    fields = ("id", "text", "label")
    found = [{f: r[f] for f in fields if f in r} for r in records]
    found = [{**r, "annotator": f"w{i % 7}"} for i, r in enumerate(found)]
    found += hard_records()
    spaces = {"space": "_"} if name == "fasttext" else {}  # "very positive"
    size = len(files.write(name, found, **spaces))
    assert_kept(name, found, files.read(name, **spaces))
    with capsys.disabled():
        print(  # noqa: T201
            f"\n{corpus} {name}: {len(found):,} records, {size:,} bytes", end=""
        )
