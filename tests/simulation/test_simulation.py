"""Simulations: paired runs, tags, baselines, workers, failures."""

import json

import pytest

import alcli
from alcli.core.errors import InputError, RunsFailed, UsageError
from alcli.models.settings import CLASS_WEIGHTS
from alcli.query.strategies import lookup, strategies
from alcli.simulation.batches import QueryBatch
from alcli.simulation.plan import PAPER, STRONG, RunSpec, plan_runs, run_tags
from alcli.simulation.settings import SimulationSettings

SMALL = "logreg,min_count=1,max_share=1.0"
DOUBT = "def doubt(scored):\n    return 1 - scored.probs.max(axis=1)\n"


def simulated(records, **more):
    how = {"archs": [SMALL], "seeds": 2, "sizes": [60], "test": 60, **more}
    return alcli.simulate(records, **how)


def by_run(curve):
    runs = {}
    for row in curve:
        runs.setdefault(row["tags"]["run"], []).append(row)
    return list(runs.values())


def tag(rows, name):
    return [row["tags"].get(name) for row in rows]


def queried(row):
    return QueryBatch.from_base64(row["tags"]["next"]).rows.tolist()


def test_runs_of_one_seed_are_paired(records):
    curve = simulated(records, strategies=["random", "margin", "entropy"])
    runs = by_run(curve)

    assert len(runs) == 6
    for seed in "01":
        same = [run for run in runs if run[0]["tags"]["seed"] == seed]
        assert [tag(run, "strategy")[0] for run in same] == [
            "random",
            "margin",
            "entropy",
        ]
        # one start set, one test set, one first model: one first measurement
        first = [(run[0]["labels"], run[0]["metrics"]) for run in same]
        assert first == first[:1] * 3
        assert len({json.dumps(run[1]["metrics"]) for run in same}) > 1
    seeds = {json.dumps(run[0]["metrics"]) for run in runs}
    assert len(seeds) == 2


def test_a_run_queries_each_record_of_the_pool_once(records):
    for run in by_run(simulated(records, strategies=["margin"], seeds=1, sizes=[70])):
        assert [row["labels"] for row in run] == [70, 140, 180]
        assert tag(run, "round") == ["0", "1", "2"]
        assert tag(run, "ended") == ["", "", "pool"]
        rows = [row for record in run for row in queried(record)]
        assert len(rows) == len(set(rows)) == 110


def test_the_last_batch_may_be_of_one_record(records):
    curve = simulated(records, strategies=["margin"], seeds=1, sizes=[179])

    assert [row["labels"] for row in curve] == [179, 180]


def test_models_without_epochs_hold_out_no_validation_records(records):
    whole, held = (
        simulated(records, strategies=["random"], seeds=1, **how)
        for how in ({}, {"validation": 0.3, "fitting": {"patience": 2}})
    )

    assert [row["metrics"] for row in held] == [row["metrics"] for row in whole]


def test_the_test_set_is_no_part_of_the_pool(records):
    test, strangers = records[:50], records[40:]
    [*_, last] = simulated(strangers, strategies=["random"], seeds=1, test=test)

    assert last["n"] == 50
    assert last["labels"] == len(strangers) - 10
    assert last["tags"]["ended"] == "pool"


def test_the_pool_hides_labels_and_votes(records, tmp_path):
    peeking = tmp_path / "peeking.py"
    peeking.write_text(
        "from alcli.query.strategies import pointwise\n\n"
        "@pointwise(stratify='label')\n"
        "def peek(scored):\n    return scored.noise\n"
    )

    with pytest.raises(RunsFailed, match='no "label" field'):
        simulated(records, strategies=[f"{peeking}:peek"])


def test_a_run_ends_when_a_criterion_is_met(records):
    curve = simulated(
        records, strategies=["margin"], seeds=1, sizes=[20], until=("labels=60",)
    )

    assert [row["labels"] for row in curve] == [20, 40, 60]
    assert curve[-1]["tags"]["ended"] == "labels=60"


def test_majority_votes_correct_annotator_noise(records):
    def agreed(**how):
        *_, last = simulated(records, strategies=["random"], seeds=1, **how)
        return last["metrics"]["accuracy"]

    wrong = agreed(noise=(0.45,))
    assert wrong < agreed(noise=(0.45,) * 7) < agreed() + 0.05
    assert wrong < agreed() - 0.1


def test_validation_records_count_as_labels(records):
    curve = simulated(
        records, strategies=["random"], validation=0.3, calibrate="temperature"
    )

    assert [row["labels"] for row in curve] == [60, 120, 180] * 2


def test_start_sets_may_be_larger_than_batches(records):
    curve = simulated(records, strategies=["margin"], seeds=1, start=100, sizes=[40])

    assert [row["labels"] for row in curve] == [100, 140, 180]


def test_baselines_have_the_whole_pool(records):
    curve = simulated(
        records, strategies=["random"], baselines=True, until=("rounds=1",)
    )
    baselines = [row for row in curve if "baseline" in row["tags"]]

    assert tag(baselines, "baseline") == [PAPER, STRONG, STRONG, STRONG] * 2
    assert [row["tags"].get("class_weight") for row in baselines] == [
        None,
        *CLASS_WEIGHTS,
    ] * 2
    paper, capped, _, none = [row["metrics"] for row in baselines[:4]]
    assert paper == capped  # the default of the loop
    assert paper != none
    assert {row["labels"] for row in baselines} == {180}
    assert "next" not in baselines[0]["tags"]


def test_logreg_is_always_a_strong_baseline_with_each_class_weighting():
    runs = plan_runs(SimulationSettings(archs=("cnn",), seeds=2, baselines=True))
    strong = [run for run in runs if run.baseline == STRONG]

    assert [(run.arch, run.seed, run.class_weight) for run in strong] == [
        (arch, seed, weight)
        for arch in ("cnn", "logreg")
        for seed in (0, 1)
        for weight in CLASS_WEIGHTS
    ]


def test_tags_hold_all_settings_of_a_run(records):
    [record] = simulated(
        records,
        strategies=["margin"],
        seeds=1,
        noise=(0.1, 0.2),
        until=("rounds=1",),
        fitting={"epochs": None},
    )
    tags = record["tags"]
    settings, made = json.loads(tags["settings"]), json.loads(tags["made"])

    assert (tags["strategy"], tags["arch"], tags["seed"]) == ("margin", SMALL, "0")
    assert (tags["n"], tags["start"], tags["round"]) == ("60", "random", "0")
    assert (settings["test"], settings["noise"]) == (60, [0.1, 0.2])
    assert {"alcli", "scikit-learn"} <= made["versions"].keys()
    assert made["threads"] >= 1


def test_duplicate_runs_are_dropped():
    twice = SimulationSettings(strategies=("margin", "margin"), seeds=1)

    assert len(plan_runs(twice)) == 1


def test_tags_identify_runs():
    run = RunSpec("logreg", 0, "margin", 10, "random")
    names = {
        run_tags(run, settings, data)["run"]
        for settings in (
            SimulationSettings(),
            SimulationSettings(stop=3),
            SimulationSettings(noise=(0.1,)),
        )
        for data in ("one", "other")
    }

    assert len(names) == 6
    later = SimulationSettings(until=("labels=100",))
    assert run_tags(run, later, "one")["run"] in names  # only when to end has changed


def test_several_processes_give_the_same_records(records):
    alone, together = (
        simulated(records, strategies=["random", "margin"], jobs=jobs)
        for jobs in (1, 2)
    )

    def known(curve):
        rows = [{k: v for k, v in row.items() if k != "seconds"} for row in curve]
        return sorted(rows, key=lambda row: row["key"])

    assert known(alone) == known(together)


def test_a_failed_run_ends_alone(records, tmp_path):
    tired = tmp_path / "tired.py"
    tired.write_text(
        "def tired(scored):\n"
        "    if len(scored.ids) < 100:\n        raise ValueError('enough of it')\n"
        "    return scored.noise\n"
    )

    with pytest.raises(RunsFailed, match=r"2 of 4 runs failed.*enough of it") as failed:
        simulated(records, strategies=[f"{tired}:tired", "margin"])

    assert failed.value.status == 70
    runs = by_run(failed.value.records)
    assert sorted(map(len, runs)) == [1, 1, 3, 3]


ONCE = [name for name in strategies.names() if "votes" not in lookup(name).needs]


@pytest.mark.parametrize("name", ONCE)
def test_every_strategy_queries_each_record_of_the_pool_once(records, name):
    curve = simulated(records, strategies=[name], seeds=1, sizes=[45], test=100)

    assert [row["labels"] for row in curve] == [45, 90, 135, 140]
    rows = [row for record in curve for row in queried(record)]
    assert len(rows) == len(set(rows)) == 95
    assert set(QueryBatch.from_base64(curve[0]["tags"]["next"]).preds) <= {0, 1, 2}


def test_relabelling_strategies_are_rejected(records):
    with pytest.raises(UsageError, match="active-lab relabels records; a simulation"):
        simulated(records, strategies=["active-lab"])


@pytest.mark.parametrize("name", ["margin", "core-set"])
def test_records_without_a_merged_label_are_not_queried_again(records, name):
    noise = (0.4, 0.4)  # many ties
    curve = simulated(records, strategies=[name], seeds=1, sizes=[45], noise=noise)

    rows = [row for record in curve for row in queried(record)]
    assert len(rows) == len(set(rows)) == 135
    assert curve[-1]["labels"] < 160


def test_a_signal_is_a_strategy(records):
    curve = simulated(records, strategies=["egl", "random"], seeds=1)
    ours, random = by_run(curve)

    assert [row["labels"] for row in ours] == [row["labels"] for row in random]
    assert ours[1]["metrics"] != random[1]["metrics"]


def test_a_user_defined_strategy(records, tmp_path):
    (tmp_path / "mine.py").write_text(DOUBT)
    curve = simulated(
        records, strategies=["least-confidence", f"{tmp_path}/mine.py:doubt"], seeds=1
    )
    known, own = by_run(curve)

    assert [row["metrics"] for row in own] == [row["metrics"] for row in known]


def test_a_first_batch_may_have_one_class(records):
    alike = [record for record in records if record["label"] == "bad"]
    pool = alike + [record for record in records if record["label"] == "good"][:3]
    curve = simulated(pool, strategies=["random"], seeds=3, sizes=[5], test=20)

    assert len(by_run(curve)) == 3


def test_a_class_may_be_in_the_test_set_alone(records):
    rare = {**records[0], "id": "rare", "label": "rare"}
    curve = simulated(
        [*records[:100], rare], seeds=8, test=60, sizes=[40], until=("rounds=1",)
    )

    classes = [row["confusion"]["labels"] for row in curve]
    assert classes == [["bad", "good", "rare", "so-so"]] * 16


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"test": 240}, InputError, "no labelled record is left"),
        ({"test": 300}, InputError, "require 300"),
        ({"strategies": ["margin,x=1"]}, UsageError, "no parameter 'x'"),
        ({"strategies": ["marginal"]}, UsageError, "unknown strategy"),
        ({"archs": ["logreg,c=-1"]}, UsageError, "c=-1"),
        ({"aggregate": "crowdlab"}, UsageError, "needs `probs`"),
        ({"until": ("plateau,metric=nothing",)}, InputError, "no metric"),
    ],
)
def test_invalid_settings_are_rejected(records, change, error, message):
    with pytest.raises((error, RunsFailed), match=message):
        simulated(records, **change)


def test_a_test_label_that_the_pool_lacks_counts_as_wrong(records, caplog):
    test = [{**records[0], "id": f"t{i}", "label": "strange"} for i in range(3)]
    test += [{**record, "id": f"u{i}"} for i, record in enumerate(records[:20])]
    curves = simulated(records, strategies=["margin"], seeds=1, test=test)

    assert caplog.text.count('label "strange" is in no other record') == 1
    assert "counted as wrong: 3" in caplog.text
    for record in curves:
        assert record["metrics"]["recall:strange"] == 0
        assert record["confusion"]["labels"][-1] == "strange"
        assert sum(record["confusion"]["matrix"][-1]) == 3


def test_an_empty_grid_is_rejected(records):
    for nothing in ({"seeds": 0}, {"strategies": []}, {"archs": []}):
        with pytest.raises(UsageError, match="nothing to simulate"):
            simulated(records, **nothing)


@pytest.mark.parametrize("field", ["id", "label"])
def test_id_and_label_are_no_input_fields(records, field):
    with pytest.raises(UsageError, match=f"--field {field}: a model cannot read that"):
        simulated(records, input=field)


def test_a_pool_smaller_than_a_batch_is_logged(records, caplog):
    caplog.set_level("INFO", "alcli")
    [only] = simulated(records, strategies=["margin"], seeds=1, sizes=[181])

    assert (only["labels"], only["tags"]["ended"]) == (180, "pool")
    assert "the pool has only 180 records; all are in the first batch" in caplog.text


def test_a_smaller_last_batch_is_logged(records, caplog):
    caplog.set_level("INFO", "alcli")
    simulated(records, strategies=["margin"], seeds=1, sizes=[70])

    assert caplog.text.count("last batch has 40 records") == 1


def test_topics_are_part_of_the_fingerprint(records):
    def data(records):
        return simulated(records, seeds=1, until=("rounds=1",))[0]["tags"]["data"]

    plain = data(records)
    assert data([{**record, "topic": 1} for record in records]) != plain
    assert data([{**record, "probs": {"bad": 1.0}} for record in records]) == plain


def test_tags_hold_versions_threads_and_device(records):
    rows = simulated(records, seeds=1, until=("rounds=1",), baselines=True)

    for row in rows:
        made = json.loads(row["tags"]["made"])
        assert made["threads"] >= 1
        assert {"alcli", "scikit-learn"} <= made["versions"].keys()


def test_tags_hold_the_hash_of_plug_in_files(records, tmp_path):
    (tmp_path / "mine.py").write_text(DOUBT)
    own = f"{tmp_path}/mine.py:doubt"
    how = {"seeds": 1, "until": ("rounds=1",)}

    margin, first = simulated(records, strategies=["margin", own], **how)
    (tmp_path / "mine.py").write_text(DOUBT + "\n")
    [second] = simulated(records, strategies=[own], **how)
    [started] = simulated(records, strategies=["margin"], starts=[own], **how)

    assert "code" not in margin["tags"]
    assert first["tags"]["code"] != second["tags"]["code"] == started["tags"]["code"]
    assert first["tags"]["run"] != second["tags"]["run"]


def test_a_missing_plug_in_file_is_rejected_before_any_round(records):
    with pytest.raises(UsageError, match=r"nowhere[.]py: no such Python file"):
        simulated(records, strategies=["nowhere.py:own"])


def test_test_texts_do_not_change_models(records):
    def curve(words):
        test = [{**r, "tokens": f"{r['tokens']} {words}"} for r in records[:50]]
        rows = simulated(records, strategies=["margin"], seeds=1, test=test, stop=40)
        assert len({row["tags"]["data"] for row in rows}) == 1
        return rows[0]["tags"]["data"], [
            (row["labels"], row["stop_set"], row["tags"]["next"]) for row in rows
        ]

    (plain, one), (other, same) = curve(""), curve("w01 n3 unheard of")
    assert one == same
    assert plain != other


def test_annotator_noise_depends_on_the_seed(records):
    rows = simulated(
        records,
        seeds=3,
        strategies=["random"],
        test=records[:60],
        sizes=[180],
        noise=(0.3,),
    )

    assert len({json.dumps(row["batch"]["labelled"]) for row in rows}) == 3


def test_each_seed_has_another_test_set(records):
    rows = simulated(records, seeds=3, strategies=["random"], sizes=[180])

    # the whole pool is queried, so only the test set differs
    assert len({json.dumps(row["metrics"]) for row in rows}) == 3


def test_the_stop_set_is_part_of_the_pool(records):
    rows = simulated(records, seeds=2, strategies=["random"], stop=40)

    assert [row["stop_set"]["n"] for row in rows] == [40] * 6
    assert len({row["stop_set"]["ids"] for row in rows}) == 2  # one for each seed
    assert rows[2]["labels"] == 180


def test_repeated_ids_are_rejected(records):
    with pytest.raises(InputError, match='id "r003" is repeated'):
        simulated([*records, {"id": "r003", "tokens": "w00", "label": "bad"}])


def test_the_start_strategy_selects_the_first_batch(records, tmp_path):
    (tmp_path / "last.py").write_text("def last(scored):\n    return -scored.noise\n")
    last = f"{tmp_path}/last.py:last"
    rows = simulated(
        records,
        strategies=["random", last],
        starts=["random", last],
        seeds=1,
        until=("rounds=1",),
    )
    first = {
        (row["tags"]["start"], row["tags"]["strategy"]): json.dumps(row["metrics"])
        for row in rows
    }

    assert first["random", "random"] == first["random", last]
    assert first[last, "random"] == first[last, last] != first["random", last]


def test_curve_records_describe_the_last_batch(records):
    rows = simulated(records, strategies=["margin"], seeds=1, sizes=[70])

    assert [row["batch"]["asked"] for row in rows] == [70, 70, 40]
    assert [sum(row["batch"]["labelled"].values()) for row in rows] == [70, 70, 40]
    assert rows[0]["batch"]["agreed"] is None
    assert 0 < rows[1]["batch"]["agreed"] <= 1
    rows = simulated(records, strategies=["random"], seeds=1)  # asks without a model
    assert 0 < rows[1]["batch"]["agreed"] <= 1


def test_newest_sets_the_order_of_training_records(records):
    how = {"validation": "tail=0.4", "calibrate": "temperature", "seeds": 1}
    how["archs"] = [f"{SMALL},c=0.1"]  # makes mistakes, so that parts differ
    first, last = (
        simulated(records, strategies=["random"], newest=newest, **how)
        for newest in ("first", "last")
    )

    # what is held out is another part of the same records
    assert first[2]["labels"] == last[2]["labels"] == 180
    assert first[2]["metrics"] != last[2]["metrics"]


@pytest.mark.slow  # trains networks
def test_strong_baselines_of_networks_use_early_stopping_settings(records):
    arch = "cnn,min_count=1,max_share=1.0,dim=4,filters=4,width=2"
    rows = simulated(
        records,
        strategies=["random"],
        archs=[arch],
        seeds=1,
        baselines=True,
        until=("rounds=1",),
        fitting={"epochs": 1},
    )
    paper, strong, *_, logreg = rows

    assert tag(rows, "baseline") == [PAPER, *[STRONG] * 3, None, *[STRONG] * 3]
    assert paper["metrics"] != strong["metrics"]
    assert (logreg["tags"]["arch"], logreg["labels"]) == ("logreg", 180)
    assert json.loads(paper["tags"]["made"])["backend"]


def test_training_options_reach_the_models(records):
    rare = [r for r in records if r["label"] != "bad"]
    rare += [r for r in records if r["label"] == "bad"][:20]

    def last(**how):
        (row,) = simulated(
            rare, strategies=["random"], seeds=1, test=30, sizes=[900], **how
        )
        return row["metrics"]["log_loss"]

    known = [
        last(),
        last(class_weight="balanced"),
        last(validation=0.5),
        last(validation=0.5, calibrate="temperature"),
    ]
    assert known[2] == known[0]  # nothing to calibrate: logreg needs none held out
    assert len(set(known)) == 3


def test_each_seed_has_another_start_set(records):
    rows = simulated(
        records,
        strategies=["random"],
        seeds=3,
        test=records[:60],
        until=("rounds=1",),
    )

    assert len({json.dumps(row["metrics"]) for row in rows}) == 3


def test_too_few_records_to_calibrate_are_warned_about(records, caplog):
    how = {"validation": 0.1, "calibrate": "temperature", "seeds": 1}
    simulated(records, strategies=["random"], **how)

    [warning] = [text for text in caplog.messages if "no calibration" in text]
    assert warning.startswith(f"random, {SMALL}, seed 0, n 60: no calibration")


def test_a_single_class_is_rejected(records):
    with pytest.raises(InputError, match="two classes are needed to simulate"):
        simulated([record for record in records if record["label"] == "bad"])


def test_a_test_set_with_missing_classes_or_pool_texts_is_warned_about(records, caplog):
    test = [{**r, "id": f"t{r['id']}"} for r in records[:40] if r["label"] != "bad"]
    simulated(records, seeds=1, sizes=[240], test=test)

    lacking, twins = caplog.messages[:2]
    assert lacking == "test set: no record of class bad"
    assert twins.endswith("records of the pool have the text of a test record")


def test_queried_texts_are_not_queried_again(records):
    twins = [{**r, "id": f"twin-{r['id']}"} for r in records[:80]]
    rows = [*records[:120], *twins]
    test = [{**r, "id": f"t-{r['id']}"} for r in records[120:]]
    texts = [row["tokens"] for row in rows]
    for run in by_run(simulated(rows, strategies=["margin", "random"], test=test)):
        batches = [texts[row] for record in run[:-1] for row in queried(record)]

        assert len(batches) == len(set(batches))
        assert run[-1]["tags"]["ended"] == "pool"
        assert run[-1]["labels"] == len(set(texts))
