import re

import pytest

from alcli.core.errors import InputError
from alcli.evaluation.comparison.runs import gather
from tests.evaluation.comparison.simulated import baseline, run


def refused(records, metric="macro_f1"):
    with pytest.raises(InputError) as caught:
        gather(records, metric=metric, source="curve.jsonl")
    assert str(caught.value).startswith("curve.jsonl: ")
    assert "\n" not in str(caught.value)
    return caught.value.problem


def test_runs_are_grouped_and_their_rounds_put_in_order():
    records = [
        *reversed(run("margin", 3, [0.5, 0.6, 0.7])),
        *run("random", 3, [0.5, 0.5], ended=False),
        *run("random", 3, [0.4, 0.5], arch="lstm"),
        baseline("paper", "cnn", 3, 0.8),
    ]
    found = gather(records, metric="macro_f1")
    cnn, lstm = found.groups.values()

    assert [group.arch for group in found.groups] == ["cnn", "lstm"]
    assert [str(one) for one in cnn] == ["margin, seed 3", "random, seed 3"]
    assert cnn[0].labels.tolist() == [100, 200, 300]
    assert cnn[0].scores.tolist() == [0.5, 0.6, 0.7]
    assert [r.seconds for r in cnn[0].rounds] == [{"train": 2.0, "select": 0.5}] * 3
    assert [one.ended for one in cnn] == [True, False]
    assert len(lstm) == 1
    tags = found.baselines[0].tags
    assert (tags.baseline, tags.arch, tags.seed) == ("paper", "cnn", 3)


@pytest.mark.parametrize("tag", ["n", "start", "settings", "arch"])
def test_each_tag_of_a_group_makes_one(tag):
    one, other = run("margin", 1, [0.5]), run("margin", 1, [0.6])
    other[0]["tags"] |= {tag: "2"}
    other[0]["key"] = "another"

    assert len(gather(one + other, metric="macro_f1").groups) == 2


def test_the_last_record_of_a_round_counts():
    again = run("margin", 1, [0.9])
    records = [*run("margin", 1, [0.5]), *again]
    (found,) = gather(records, metric="macro_f1").groups.values()
    again[0]["key"] = "another"
    (other,) = gather(records, metric="macro_f1").groups.values()

    assert found[0].scores.tolist() == other[0].scores.tolist() == [0.9]


def test_a_round_missing_in_a_run_is_named():
    records = run("margin", 7, [0.5, 0.6, 0.7, 0.8])
    name = records[0]["tags"]["run"]
    problem = refused(records[:1] + records[2:])

    assert re.search(
        rf"run {name} \(margin, cnn, seed 7\): round 1 of 3 is missing; ", problem
    )
    assert "round 0 of 3" in refused(records[1:])


def test_sets_of_data_are_not_mixed():
    problem = refused([*run("a", 1, [0.5]), *run("a", 1, [0.5], data="e" * 16)])

    assert "curves of 2 sets of data are mixed (dddddddddddddddd, eeeee" in problem
    assert f"""jq -c 'select(.tags.data == "{"d" * 16}")'""" in problem


def test_an_unknown_metric_is_an_error_that_lists_the_known_ones():
    assert '"f2", but: accuracy, macro_f1' in refused(run("a", 1, [0.5]), "f2")


@pytest.mark.parametrize("version", ["0", "3", None])
def test_tags_of_another_version_are_refused(version):
    (record,) = run("a", 1, [0.5])
    record["tags"]["simulate"] = version
    if version is None:
        del record["tags"]["simulate"]
    problem = refused([record])

    assert f"of version {version or 'unknown'}, this alcli reads 2; " in problem


@pytest.mark.parametrize("tags", [None, {}, {"fold": "1"}, []])
def test_records_without_the_tags_of_simulate_are_refused(tags):
    record = {"key": "k1", "labels": 5, "metrics": {"macro_f1": 0.5}, "tags": tags}

    assert "(key k1) has no tags.run" in refused([record])
    del record["tags"], record["key"]
    assert "a record has no tags.run" in refused([*run("a", 1, [0.5]), record])


def test_a_ledger_without_rounds_is_an_error():
    assert "no records; is this what" in refused([])
    assert "baselines alone" in refused([baseline("paper", "cnn", 1, 0.8)])


def test_labels_that_do_not_increase_are_refused():
    problem = refused(run("a", 1, [0.5, 0.6, 0.7], labels=[10, 20, 20]))

    assert "round 2 has no more labels than round 1" in problem


@pytest.mark.parametrize(
    ("where", "value", "words"),
    [
        ("seed", "x", "tags.seed"),
        ("round", "-1", "no tags.strategy and round"),
        ("round", "first", "tags.round"),
        ("strategy", None, "no tags.strategy"),
        ("data", 5, "tags.data"),
    ],
)
def test_invalid_tags_are_named(where, value, words):
    (record,) = run("a", 1, [0.5])
    record["tags"][where] = value

    assert words in refused([record])


def test_invalid_metrics_and_labels_are_named():
    first, second = run("a", 1, [0.5, 0.6])

    assert "metrics" in refused([{**first, "metrics": {"macro_f1": None}}, second])
    assert "labels" in refused([{**first, "labels": None}, second])


def test_a_strategy_before_and_after_a_change_is_not_one_run():
    old, new = run("mine.py:f", 1, [0.5, 0.6]), run("mine.py:f", 1, [0.7, 0.8])
    for record in new:
        record["tags"] |= {"run": "f" * 16}
    problem = refused(old + new)

    assert "run ffffffffffffffff (mine.py:f, cnn, seed 1) is of other code" in problem
    assert "jq -c 'select(.tags.run != \"ffffffffffffffff\")'" in problem
