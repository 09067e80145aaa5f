"""Start set of a simulation: by a strategy, or k records of each class."""

import json
from collections import Counter

import pytest

import alcli
from alcli.core.errors import UsageError
from alcli.simulation.batches import QueryBatch

SMALL = "logreg,min_count=1,max_share=1.0"


def simulated(records, **more):
    how = {"archs": [SMALL], "seeds": 2, "sizes": [40], "test": 60, **more}
    return alcli.simulate(records, **how)


def of_round_0(curve):
    return [row for row in curve if row["tags"]["round"] == "0"]


def test_per_class_starts_with_k_records_of_each_class(records):
    curve = simulated(records, strategies=["random"], starts=["per-class=5"])

    for row in of_round_0(curve):
        assert row["batch"] == {
            "asked": 15,
            "labelled": {"bad": 5, "good": 5, "so-so": 5},
            "agreed": None,
        }
    assert [row["labels"] for row in curve] == [15, 55, 95, 135, 175, 180] * 2


def test_the_start_set_is_not_queried_again(records):
    run = simulated(records, strategies=["margin"], starts=["per-class=5"], seeds=1)
    later = [r for row in run for r in QueryBatch.from_base64(row["tags"]["next"]).rows]

    assert len(later) == len({*later}) == 165
    assert sum((Counter(row["batch"]["labelled"]) for row in run), Counter()) == (
        Counter(row["label"] for row in records)
        - Counter({name: sum(m) for name, m in confusion(run[0])})
    )


def confusion(row):
    matrix = row["confusion"]
    return zip(matrix["labels"], matrix["matrix"], strict=True)


def test_strategies_of_one_seed_share_the_start_and_seeds_do_not(records):
    curve = simulated(
        records,
        strategies=["random", "margin"],
        starts=["per-class=5", "random"],
        test=records[:60],
        until=("rounds=1",),
    )
    first = {}
    for row in curve:
        tags = row["tags"]
        key = tags["seed"], tags["start"]
        first.setdefault(key, set()).add(json.dumps(row["metrics"]))

    assert len(curve) == 8
    assert [len(found) for found in first.values()] == [1] * 4
    assert len(set.union(*first.values())) == 4


def test_all_records_of_a_rare_class_are_taken_with_a_warning(records, caplog):
    rare = [r for r in records if r["label"] != "bad"]
    rare += [r for r in records if r["label"] == "bad"][:4]
    curve = simulated(
        rare, test=records[:1], starts=["per-class=9"], until=("rounds=1",), seeds=1
    )

    left = Counter(r["label"] for r in rare if r["id"] != records[0]["id"])["bad"]
    assert left in (3, 4)
    for row in curve:
        assert row["batch"]["labelled"] == {"bad": left, "good": 9, "so-so": 9}
    [warning] = [text for text in caplog.messages if "fewer than 9 distinct" in text]
    assert warning.endswith(f"all are in the start set: bad ({left})")


def test_texts_of_the_start_set_are_distinct(records):
    twins = [{**record, "id": f"t{record['id']}"} for record in records]
    [row] = simulated(
        [*records, *twins],
        test=records[:1],
        strategies=["random"],
        starts=["per-class=200"],
        until=("rounds=1",),
        seeds=1,
    )

    texts = {(r["tokens"], r["label"]) for r in records}
    assert row["labels"] == len({text for text, _ in texts})


@pytest.mark.parametrize(
    ("start", "size", "message"),
    [
        ("per-class=5", 20, "per-class=5 with 3 classes is 15 records, not 20: omit"),
        ("per-class", None, "expected per-class=K"),
        ("per-class=0", None, "expected per-class=K"),
        ("per-class=x", None, "expected per-class=K"),
    ],
)
def test_invalid_starts_are_rejected(records, start, size, message):
    with pytest.raises(UsageError, match=message):
        simulated(records, starts=["random", start], start=size)


def test_an_equal_start_size_is_accepted(records):
    curve = simulated(
        records, starts=["per-class=5", "random"], start=15, until=("rounds=1",)
    )

    assert {row["labels"] for row in curve} == {15}


def test_a_run_resumes_from_its_start_set(records, tmp_path, untimed):
    from alcli.cli.main import group

    data, curve = tmp_path / "data.jsonl", tmp_path / "curve.jsonl"
    data.write_text("".join(json.dumps(record) + "\n" for record in records))

    def simulate():
        group(
            [
                *("simulate", str(data), "--test-size", "60", "-s", "margin"),
                *("--arch", SMALL, "--seeds", "1", "-n", "60", "--start"),
                *("per-class=5", "--append", str(curve)),
            ],
            prog_name="alcli",
            standalone_mode=False,
        )

    simulate()
    whole, lines = untimed(curve), curve.read_bytes().splitlines(keepends=True)
    curve.write_bytes(lines[0])
    simulate()

    assert untimed(curve) == whole
    assert [row["labels"] for row in whole] == [15, 75, 135, 180]


@pytest.mark.parametrize(
    "start", ["balanced", "margin", "random", "core-set", "per-class=5"]
)
def test_start_strategies_that_need_a_model_are_warned_about(records, start, caplog):
    simulated(records, starts=[start], until=("rounds=1",))

    warnings = [text for text in caplog.messages if "uses an untrained model" in text]
    assert len(warnings) == (start in ("balanced", "margin"))
