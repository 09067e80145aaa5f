"""Votes as arrays: replaced votes, and positions."""

import json
from itertools import batched

import numpy as np
import pytest

from alcli.annotation.votes.ledger import Ledger, TextHashes
from alcli.core.errors import InputError
from alcli.core.step import Block


def block(*votes, first=1):
    lines = [json.dumps(vote, ensure_ascii=False) + "\n" for vote in votes]
    return Block("".join(lines).encode(), "votes", first)


def vote(id, label, annotator=None, **more):
    who = {} if annotator is None else {"annotator": annotator}
    return {"id": id, "label": label} | who | more


def read(votes, size=3, **options):
    ledger = Ledger(**options)
    for number, part in enumerate(batched(votes, size)):
        ledger.add(block(*part, first=1 + number * size))
    return ledger


def counted(ledger):
    """Return id -> annotator -> label."""
    votes, names, _ = ledger.votes()
    items, people = list(ledger.ids), list(ledger._annotators)
    found = {id: {} for id in items}
    for item, who, label in zip(votes.item, votes.annotator, votes.label, strict=True):
        assert people[who] not in found[items[item]]
        found[items[item]][people[who]] = names[label]
    return found


def test_votes_equal_those_of_a_dictionary(rng):
    votes = [
        vote(
            int(rng.integers(40)),
            ["yes", "no", "خوب", None][rng.integers(4)],
            [None, "a", "b", "c"][rng.integers(4)],
        )
        for _ in range(400)
    ]
    expected, last = {}, {}
    for place, v in enumerate(votes):
        expected.setdefault(str(v["id"]), {})[v.get("annotator", "")] = v["label"]
        last[str(v["id"])] = place
    for said in expected.values():  # null: was asked, and takes an answer back
        for who in [who for who, label in said.items() if label is None]:
            del said[who]
    for size in (1, 7, 400):
        ledger = read(votes, size)
        assert counted(ledger) == expected
        votes_, names, newest = ledger.votes()
        assert names == sorted(["yes", "no", "خوب"])
        assert dict(zip(ledger.ids, newest.tolist(), strict=True)) == last
        assert (votes_.items, votes_.annotators, votes_.classes) == (40, 4, 3)


def test_a_later_vote_of_an_annotator_replaces_the_earlier():
    votes = [vote(1, "no", "a"), vote(1, "yes", "b"), vote("1", "yes", "a")]
    assert counted(read(votes)) == {"1": {"a": "yes", "b": "yes"}}


def test_votes_without_an_annotator_count_as_one_annotators():
    assert counted(read([vote(1, "no"), vote(1, "yes")])) == {"1": {"": "yes"}}


def test_a_later_null_label_removes_the_vote():
    assert counted(read([vote(1, "no", "a"), vote(1, None, "a")])) == {"1": {}}


def test_an_empty_ledger_has_no_votes():
    votes, names, newest = read([]).votes()
    assert (votes.items, names, newest.tolist()) == (0, [], [])


def test_the_last_line_of_each_id_is_kept_on_demand():
    votes = [vote(1, "a", x=1), vote(2, "b", x=2), vote(1, "c", x=3), vote(3, "d")]
    assert [json.loads(line) for line in read(votes, 2, keep_lines=True).lines] == [
        *(votes[2], votes[1], votes[3])
    ]
    assert read(votes).lines == []


@pytest.mark.parametrize("size", [1, 2, 9])
def test_a_second_text_of_an_id_is_an_error_at_its_line(size):
    votes = [
        vote(1, "a", text="one"),
        vote(2, "a", text="two"),
        vote("1", "b"),
        vote(1, "b", text="one"),
        vote(1, "b", text="other"),
        vote(1, "b", text="one"),
    ]
    with pytest.raises(InputError, match="votes:5: its id stands for another text"):
        read(votes, size)


def test_a_block_is_valid_without_the_line_of_the_error():
    """As `--skip-invalid` gives it again."""
    votes = [vote(1, "a", text="one"), vote(1, "b", text="two"), vote(2, "b")]
    ledger = Ledger()
    with pytest.raises(InputError, match="votes:2: "):
        ledger.add(block(*votes))
    ledger.add(block(*votes).without_line(2))
    assert counted(ledger) == {"1": {"": "a"}, "2": {"": "b"}}


def test_texts_of_many_items_are_compared():
    texts = TextHashes()
    items = np.arange(5000, dtype=np.int32)
    numbered = block(*[vote(i, "a") for i in range(5000)])
    for _ in range(2):
        texts.check(numbered, range(5000), items, [f"t{i}" for i in items])
    with pytest.raises(InputError, match="votes:4567: "):
        texts.check(numbered, [4566], items[4566:4567], ["t"])


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ({"label": "a"}, 'no "id" field'),
        ({"id": 1}, 'no "label" field'),
        ({"id": 1, "label": ["a"]}, '"label": Expected bool'),
        ({"id": 1, "label": "a", "annotator": 5}, '"annotator": Expected str'),
        ({"id": 1, "label": "a", "text": None}, '"text": Expected str'),
    ],
)
def test_an_invalid_vote_is_an_error_with_its_line(record, says):
    with pytest.raises(InputError, match=f"votes:4: {says}"):
        read([vote(1, "a"), vote(2, "a"), vote(3, "a"), record])
