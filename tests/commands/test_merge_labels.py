"""`alcli merge-labels`: one record for each id, by majority."""

import json

import pytest

import alcli as library
from alcli.core.errors import InputError


def vote(id, label, annotator="a", **more):
    return {"id": id, "label": label, "annotator": annotator} | more


def merged(votes, records=None, **options):
    """Return id -> (label, confidence, votes) in order."""
    found = library.merge_labels(iter(votes), records, **options)
    return {r["id"]: (r["label"], r["label_confidence"], r["votes"]) for r in found}


def write(path, records):
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records))
    return path


def read(path):
    return [json.loads(line) for line in path.read_text().split("\n")[:-1]]


VOTES = [
    vote(1, "yes", "a"),
    vote(2, "yes", "a"),
    vote(3, None, "a"),
    vote(1, "no", "b"),
    vote(2, "no", "b"),
    vote("1", "yes", "c"),
    vote(4, "خوب", "a"),
]


def test_most_votes_win_and_ties_and_skips_have_no_label():
    assert merged(VOTES) == {
        "1": ("yes", 0.666667, {"no": 1, "yes": 2}),
        4: ("خوب", 1, {"خوب": 1}),
    }


def test_an_annotators_later_vote_replaces_the_earlier():
    assert merged([*VOTES, vote(2, "yes", "b")])[2] == ("yes", 1, {"yes": 2})
    assert 2 not in merged([vote(2, "yes"), vote(2, None)])


def test_votes_without_an_annotator_are_one_persons():
    votes = [
        {"id": 1, "label": "no"},
        {"id": 1, "label": "no"},
        {"id": 1, "label": "x"},
    ]
    assert merged(votes) == {1: ("x", 1, {"x": 1})}


@pytest.mark.parametrize(
    ("newest", "order"), [("last", [2, 3, 1]), ("first", [1, 3, 2])]
)
def test_the_order_is_that_of_the_last_votes(newest, order):
    votes = [vote(1, "x"), vote(2, "x"), vote(3, "x"), vote(1, "y", "b"), vote(1, "x")]
    votes.append(vote(1, "x", "c"))
    assert list(merged(votes, newest=newest)) == order
    records = [{"id": i} for i in (3, 1, 2)]
    assert list(merged(votes, records, newest=newest)) == order


def test_the_record_is_the_last_vote_without_what_is_of_a_vote():
    votes = [
        vote(1, "x", text="t", old=1),
        vote(1, "x", "b", text="t", new=[1], time="now", seconds=2, votes={}),
    ]
    (record,) = library.merge_labels(votes)
    assert record == {
        "id": 1,
        "text": "t",
        "new": [1],
        "label": "x",
        "label_confidence": 1.0,
        "votes": {"x": 2},
    }


def test_fields_come_from_the_records_and_keep_their_bytes(alcli, tmp_path):
    write(tmp_path / "votes", VOTES)
    (tmp_path / "records").write_text(
        '{"id" : "4", "z":1.50}\n{"id":9}\n{"label_confidence":0,"id":1}\n'
        '{"id":2}\n{"id":3}\n'
    )
    done = alcli("merge-labels", "votes", "--records", "records", cwd=tmp_path)
    assert done.stdout.decode().splitlines() == [
        '{"id":1,"label":"yes","label_confidence":0.666667,"votes":{"no":1,"yes":2}}',
        '{"id" : "4", "z":1.50,"label":"خوب","label_confidence":1.0,"votes":{"خوب":1}}',
    ]
    assert done.stderr == (
        b"alcli merge-labels: 7 votes on 4 ids, 2 labelled; "
        b"left out: 1 no answer, 1 tied\n"
    )


def test_what_has_no_label_is_put_aside(alcli, tmp_path):
    write(tmp_path / "votes", VOTES)
    options = ["-o", "out", "--disputed", "disputed", "--report", "report"]
    alcli("merge-labels", "votes", *options, cwd=tmp_path, check=True)
    assert [record["id"] for record in read(tmp_path / "out")] == ["1", 4]
    assert read(tmp_path / "disputed") == [
        {"id": 3, "votes": {}},
        {"id": 2, "votes": {"no": 1, "yes": 1}},
    ]
    report = json.loads((tmp_path / "report").read_text())
    assert (report["read"], report["written"]) == (7, 2)
    assert report["dropped"] == {"tied": 1, "no answer": 1}


def test_the_function_does_as_the_command(alcli, tmp_path, rng):
    votes = [
        vote(int(i), ["x", "y", None][k], f"a{who}")
        for i, k, who in rng.integers(0, [40, 3, 5], (300, 3))
    ]
    write(tmp_path / "votes", votes)
    for newest in ("first", "last"):
        options = ["--newest", newest, "-o", "out"]
        alcli("merge-labels", "votes", *options, cwd=tmp_path, check=True)
        assert read(tmp_path / "out") == library.merge_labels(votes, newest=newest)


def test_a_torn_ledger_is_read_to_its_last_whole_line(alcli, tmp_path):
    write(tmp_path / "votes", VOTES)
    with open(tmp_path / "votes", "a") as file:
        file.write('{"id":5,"la')
    done = alcli("merge-labels", "votes", "-o", "out", cwd=tmp_path, check=True)
    assert b"votes: left out a torn last line of 11 bytes" in done.stderr
    assert len(read(tmp_path / "out")) == 2


def test_an_id_that_the_records_lack_is_an_error():
    with pytest.raises(InputError, match='on id "4", which --records lacks'):
        merged(VOTES, [{"id": i} for i in (1, 2, 3)])


def test_an_id_that_the_records_lack_may_be_skipped(alcli, tmp_path):
    write(tmp_path / "votes", VOTES)
    write(tmp_path / "records", [{"id": 2}, {"id": 3}, {"id": 4}])
    options = ["--records", "records", "-o", "out", "--skip-invalid"]
    done = alcli("merge-labels", "votes", *options, cwd=tmp_path, check=True)
    assert [record["id"] for record in read(tmp_path / "out")] == [4]
    assert b"1 unknown id" in done.stderr


def test_records_may_be_in_several_files(alcli, tmp_path):
    write(tmp_path / "votes", VOTES)
    write(tmp_path / "a", [{"id": 1}, {"id": 2}])
    write(tmp_path / "b", [{"id": 3}, {"id": 4}])
    options = ["--records", "a", "--records", "b", "-o", "out"]
    alcli("merge-labels", "votes", *options, cwd=tmp_path, check=True)
    assert [record["id"] for record in read(tmp_path / "out")] == [1, 4]


def test_two_texts_under_one_id_are_refused():
    with pytest.raises(InputError, match="<records>:2: its id stands for another text"):
        merged([vote(1, "x", text="a"), vote("1", "x", "b", text="b")])
    with pytest.raises(InputError, match="<records>:2: its id stands for another text"):
        merged([vote(1, "x")], [{"id": 1, "text": "a"}, {"id": 1, "text": "b"}])


def test_a_record_whose_text_is_not_that_of_the_votes_is_refused():
    with pytest.raises(InputError, match=r"<records>:2: .*another text"):
        merged([vote(1, "x", text="a")], [{"id": 2}, {"id": 1, "text": "b"}])


@pytest.mark.parametrize("votes", [[], [vote(1, None)]])
@pytest.mark.parametrize("records", [None, [], [{"id": 1}]])
def test_no_votes_at_all(votes, records):
    if votes and records == []:
        records = [{"id": 1}]
    assert merged(votes, records) == {}
