"""`alcli merge-labels`: one record per id."""

import json

import pytest

import alcli as library
from alcli.annotation.aggregators import aggregators
from alcli.core.errors import BadParameter, InputError


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


def test_votes_without_an_annotator_count_as_one_annotators():
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


def test_without_records_the_last_vote_is_the_record():
    votes = [
        vote(1, "x", text="t", old=1),
        vote(1, "x", "b", text="t", new=[1], time="now", seconds=2, votes={})
        | {"suggested": "x", "reason": "unsure"},
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


def test_disputed_records_are_written_aside(alcli, tmp_path):
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


def test_the_function_equals_the_command(alcli, tmp_path, rng):
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
    assert b"votes: skipped a torn last line of 11 bytes" in done.stderr
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


def test_votes_may_come_from_stdin(alcli):
    votes = b'{"id":1,"label":"x"}\n'
    done = alcli("merge-labels", "--records", "-", stdin=votes)
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"alcli merge-labels: <stdin>: already read" in done.stderr


def test_two_texts_under_one_id_are_refused():
    with pytest.raises(InputError, match="<records>:2: its id stands for another text"):
        merged([vote(1, "x", text="a"), vote("1", "x", "b", text="b")])
    with pytest.raises(InputError, match="<records>:2: its id stands for another text"):
        merged([vote(1, "x")], [{"id": 1, "text": "a"}, {"id": 1, "text": "b"}])


def test_a_record_with_another_text_than_its_votes_is_an_error():
    with pytest.raises(InputError, match=r"<records>:2: .*another text"):
        merged([vote(1, "x", text="a")], [{"id": 2}, {"id": 1, "text": "b"}])


@pytest.mark.parametrize("votes", [[], [vote(1, None)]])
@pytest.mark.parametrize("records", [None, [], [{"id": 1}]])
def test_a_ledger_without_votes_is_empty(votes, records):
    if votes and records == []:
        records = [{"id": 1}]
    assert merged(votes, records) == {}


# --- known questions ---

CHECKED = [*VOTES, *[vote("g", "no", who, check=True) for who in "abc"]]


def test_gold_questions_are_not_in_the_output(alcli, tmp_path):
    write(tmp_path / "votes", [*CHECKED, vote("h", None, check=True)])
    write(tmp_path / "records", [{"id": i} for i in (1, 2, 3, 4, "g")])
    asides = ["--disputed", "disputed", "--relabel", "again", "-o", "out"]
    for records in ([], ["--records", "records"]):
        done = alcli("merge-labels", "votes", *records, *asides, cwd=tmp_path)
        assert done.returncode == 0
        assert b"2 known question" in done.stderr
        assert [str(r["id"]) for r in read(tmp_path / "out")] == ["1", "4"]
        assert [r["id"] for r in read(tmp_path / "disputed")] == [3, 2]
        assert len(read(tmp_path / "again")) == 4


@pytest.mark.parametrize("aggregate", ["majority", "crowdlab"])
def test_gold_questions_measure_annotators_and_need_no_record(aggregate):
    probs = {"x": 0.5, "y": 0.5}
    votes = [v | {"probs": probs} for v in CROWD]
    votes += [vote(f"g{i}", "x", who, check=True) for i in range(9) for who in "abc"]
    gold = [{"id": f"g{i}", "label": "x"} for i in range(9)]
    found = merged(votes, gold=gold, aggregate=aggregate)
    assert sorted(found) == list(range(20))
    records = [{"id": i, "probs": probs} for i in range(20)]
    assert merged(votes, records, gold=gold, aggregate=aggregate) == found


def test_gold_questions_count_for_quality():
    """All that is said of the records is one against one."""
    votes = [vote(i, "x", "good") for i in range(9)]
    votes += [vote(i, "y", "bad") for i in range(9)]
    votes += [vote(f"g{i}", "x", "good", check=True) for i in range(9)]
    votes += [vote(f"g{i}", "y", "bad", check=True) for i in range(9)]
    gold = [{"id": f"g{i}", "label": "x"} for i in range(9)]
    found = merged(votes, gold=gold, aggregate="dawid-skene")
    assert [found[i][0] for i in range(9)] == ["x"] * 9


@pytest.mark.parametrize("first", [True, False])
def test_a_gold_question_that_was_also_a_record_is_in_the_output(first):
    votes = [vote("g", "x", "a", check=True, text="t"), vote("g", "x", "b", text="t")]
    (found,) = library.merge_labels(votes if first else votes[::-1])
    fields = {"label": "x", "label_confidence": 1.0, "votes": {"x": 2}}
    assert found == {"id": "g", "text": "t"} | fields
    with pytest.raises(InputError, match="--records lacks"):
        merged(votes, [])


def test_other_values_of_check_are_ignored():
    votes = [vote(i, "x", check=check) for i, check in enumerate([1, "yes", None, {}])]
    assert len(merged(votes)) == 4


# --- known answers, what a label must have, what is told aside ---

CROWD = [
    *[vote(i, "xy"[i % 2], who) for i in range(20) for who in "ab"],
    *[vote(i, "xy"[i * i % 7 % 2], "c") for i in range(20)],
]


def test_a_gold_answer_overrides_the_votes():
    gold = [
        {"id": 4, "label": "new"},
        {"id": 2, "label": "no"},
        {"id": 9, "label": "x"},
    ]
    found = merged(VOTES, gold=gold)
    assert found[4] == ("new", 1, {"خوب": 1})
    assert found[2] == ("no", 1, {"no": 1, "yes": 1})  # else it were tied
    assert found["1"] == ("yes", 0.666667, {"no": 1, "yes": 2})


def test_a_gold_answer_needs_no_minimum_of_votes():
    gold = [{"id": 4, "label": "x"}, {"id": 3, "label": "x"}]
    assert merged(VOTES, gold=gold, min_votes=4) == {4: ("x", 1, {"خوب": 1})}


def test_ids_with_few_votes_are_left_out():
    assert list(merged(VOTES, min_votes=3)) == ["1"]
    assert merged(VOTES, min_votes=4) == {}


def test_ids_with_low_confidence_are_left_out():
    assert list(merged(VOTES, min_confidence=0.6)) == ["1", 4]
    assert list(merged(VOTES, min_confidence=0.7)) == [4]
    assert list(merged(VOTES, min_confidence=2 / 3)) == ["1", 4]


def test_confidence_is_compared_as_written():
    votes = [vote(i, "xy"[i % 2], who) for i in range(30) for who in "abc"]
    found = merged(votes, aggregate="dawid-skene", min_confidence=1)
    assert [confidence for _, confidence, _ in found.values()] == [1.0] * 30
    sevenths = [vote(1, label, str(who)) for who, label in enumerate("xxyyzzx")]
    assert list(merged(sevenths, min_confidence=3 / 7)) == [1]


def test_excluded_ids_are_counted_by_reason(alcli, tmp_path):
    votes = [*VOTES, *[vote(9, c, who) for c, who in ("xa", "xb", "xc", "yd", "ye")]]
    write(tmp_path / "votes", votes)
    limits = ["--min-votes", "2", "--min-confidence", "0.65"]
    aside = ["--disputed", "disputed", "--report", "report", "-o", "out"]
    done = alcli("merge-labels", "votes", *limits, *aside, cwd=tmp_path, check=True)
    report = json.loads((tmp_path / "report").read_text())
    why = {"no answer": 1, "tied": 1, "too few votes": 1, "not sure enough": 1}
    assert report["dropped"] == why
    assert [record["id"] for record in read(tmp_path / "disputed")] == [3, 2, 4, 9]
    assert b"1 labelled; left out: " in done.stderr


@pytest.mark.parametrize("name", aggregators.names())
def test_every_aggregator_finds_the_majority(name):
    probs = {"probs": {"x": 0.6, "y": 0.4}}
    found = merged([v | probs for v in CROWD], aggregate=name)
    assert [found[i][0] for i in range(20)] == ["x", "y"] * 10


def test_aggregators_take_parameters():
    with pytest.raises(BadParameter, match="smoothing=-1: expected more than 0"):
        merged(CROWD, aggregate="dawid-skene", smoothing=-1)


def test_probabilities_come_from_the_records_or_the_votes():
    votes = [vote(1, "x", "a", probs={"x": 1, "y": 0}), vote(1, "y", "b")]
    votes += [
        vote(2, "x", "a"),
        vote(2, "x", "b"),
        vote(3, "y", "a"),
        vote(3, "y", "b"),
    ]
    even = {"probs": {"x": 0.5, "y": 0.5}}
    records = [
        {"id": 1, "probs": {"x": 0.1, "y": 0.9}},
        *({"id": i} | even for i in (2, 3)),
    ]
    found = merged(votes, records, aggregate="crowdlab")
    assert [found[i][0] for i in (1, 2, 3)] == ["y", "x", "y"]
    with pytest.raises(InputError, match=r'no "probs" field; id "1" needs them'):
        merged(votes, aggregate="crowdlab")
    leaning = {1: {"x": 0.9, "y": 0.1}, 2: even["probs"], 3: even["probs"]}
    scored = [v | {"probs": leaning[v["id"]]} for v in votes]
    assert merged(scored, aggregate="crowdlab")[1][0] == "x"


def test_relabel_candidates_begin_with_the_least_certain(alcli, tmp_path):
    write(
        tmp_path / "votes", [*VOTES, vote(5, "yes"), vote(6, "x", text="t", seconds=1)]
    )
    write(tmp_path / "gold", [{"id": 5, "label": "yes"}])
    options = ["--gold", "gold", "--relabel", "again", "-o", "out"]
    alcli("merge-labels", "votes", *options, cwd=tmp_path, check=True)
    assert read(tmp_path / "again") == [
        {"id": 3, "label_confidence": 0.0, "votes": {}},
        {"id": 2, "label_confidence": 0.5, "votes": {"no": 1, "yes": 1}},
        {"id": "1", "label_confidence": 0.666667, "votes": {"no": 1, "yes": 2}},
        {"id": 4, "label_confidence": 1.0, "votes": {"خوب": 1}},
        {"id": 6, "text": "t", "label_confidence": 1.0, "votes": {"x": 1}},
    ]


def test_relabel_candidates_can_be_labelled_and_merged(alcli, tmp_path):
    write(tmp_path / "votes", [vote(1, "x", "a"), vote(1, "y", "b"), vote(2, "x", "a")])
    write(tmp_path / "gold", [{"id": 1, "label": "x"}, {"id": 2, "label": "x"}])
    merge = ["merge-labels", "votes", "--relabel", "again", "-o", "out"]
    label = ["label", "again", "--with", "gold", "--gold", "gold", "--append", "votes"]
    for args in (merge, label, merge):
        alcli(*args, cwd=tmp_path, check=True)
    assert read(tmp_path / "out") == [
        {
            "id": 1,
            "label": "x",
            "label_confidence": 0.666667,
            "votes": {"x": 2, "y": 1},
        },
        {"id": 2, "label": "x", "label_confidence": 1.0, "votes": {"x": 2}},
    ]


def test_crowdlab_orders_relabel_candidates_by_activelab(alcli, tmp_path):
    """One sure vote is less than three: the belief alone does not say so."""
    sure, unsure = {"x": 0.9, "y": 0.1}, {"x": 0.5, "y": 0.5}
    votes = [vote(i, "xy"[i % 2], who, probs=unsure) for i in range(8) for who in "abc"]
    votes += [vote(8, "x", who, probs=unsure) for who in "abc"]
    votes += [vote(9, "x", "a", probs=sure)]
    write(tmp_path / "votes", votes)
    options = ["--aggregate", "crowdlab", "--relabel", "again", "-o", "out"]
    alcli("merge-labels", "votes", *options, cwd=tmp_path, check=True)
    again = read(tmp_path / "again")
    assert again[0]["id"] == 9
    assert again[0]["label_confidence"] > again[-1]["label_confidence"] - 0.1


def test_annotators_and_agreement_are_written(alcli, tmp_path):
    write(tmp_path / "votes", [v | {"seconds": 2} for v in CROWD])
    options = ["--annotators", "people", "--agreement", "agreement", "-o", "out"]
    done = alcli("merge-labels", "votes", *options, cwd=tmp_path, check=True)
    people = read(tmp_path / "people")
    assert [record["annotator"] for record in people] == ["a", "b", "c"]
    assert [record["accuracy"] for record in people] == [0.775, 0.775, 0.55]
    assert {record["seconds"] for record in people} == {2}
    (agreement,) = read(tmp_path / "agreement")
    assert (agreement["items"], agreement["cohen_pairs"]) == (20, 3)
    assert b"agreement on 20 ids: pairs that agree 0." in done.stderr


MODELS = [name for name in aggregators.names() if name != "crowdlab"]


@pytest.mark.parametrize("name", MODELS)
def test_labels_against_unanimous_votes_give_a_warning(alcli, tmp_path, name):
    """Each annotator answers once, so nothing tells a careful one from another."""
    sides = ["x"] * 24 + ["y"] * 16
    votes = [
        vote(i, label, f"w{3 * i + who}")
        for i, label in enumerate(sides)
        for who in range(3)
    ]
    write(tmp_path / "votes", votes)
    args = ("merge-labels", "votes", "--aggregate", name, "-o", "out")
    done = alcli(*args, cwd=tmp_path, check=True)
    right = {i: label for i, label in enumerate(sides)}
    wrong = sum(row["label"] != right[row["id"]] for row in read(tmp_path / "out"))
    assert wrong == (16 if name == "dawid-skene" else 0)
    said = f"{name} differs from unanimous votes on {wrong} of 40 items; with few"
    assert (said in done.stderr.decode()) == bool(wrong)


def test_gold_answers_and_single_votes_give_no_warning(alcli, tmp_path):
    write(tmp_path / "votes", [vote(1, "x", "a"), vote(1, "x", "b"), vote(2, "x", "a")])
    write(tmp_path / "gold", [{"id": 1, "label": "y"}])
    (tmp_path / "mine.py").write_text(
        "import numpy as np\n"
        "def mine(votes):\n"
        "    return np.eye(votes.classes)[[1] * votes.items], None\n"
    )
    args = ("merge-labels", "votes", "--aggregate", "mine.py:mine", "-o", "out")
    known = alcli(*args, "--gold", "gold", cwd=tmp_path, check=True).stderr
    assert b"unanimous" not in known
    write(tmp_path / "votes", [vote(1, "x", "a"), vote(1, "x", "b"), vote(3, "y", "a")])
    unknown = alcli(*args, cwd=tmp_path, check=True).stderr
    assert b"mine differs from unanimous votes on 1 of 2 items" in unknown


def test_similar_labels_give_a_warning(alcli, tmp_path):
    write(
        tmp_path / "votes", [vote(1, "Positive"), vote(2, "positive "), vote(3, "no")]
    )
    done = alcli("merge-labels", "votes", "-o", "out", cwd=tmp_path, check=True)
    assert 'labels "Positive" and "positive " differ only' in done.stderr.decode()
    assert [r["label"] for r in read(tmp_path / "out")] == [
        "Positive",
        "positive ",
        "no",
    ]
