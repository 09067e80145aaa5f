import pytest

from alcli.evaluation.comparison.summary import summarise
from tests.evaluation.comparison.simulated import baseline, ledger, run


def warned(records):
    return [text for g in summarise(records)["groups"] for text in g["warnings"]]


def about(records, words):
    found = [text for text in warned(records) if words in text]
    assert len(found) <= 1
    return found[0] if found else None


RISING = [0.4 + 0.04 * i for i in range(12)]  # to 0.84


def test_a_sound_comparison_has_no_caveats():
    records = ledger({"random": 3, "margin": 6}, 10)
    records += [baseline("paper", "cnn", s, 0.86) for s in range(10)]
    records += [baseline("strong", "cnn", s, 0.9) for s in range(10)]
    records += [baseline("strong", "logreg", s, 0.8) for s in range(10)]

    assert warned(records) == []


def test_curves_that_end_above_a_baseline_are_named():
    records = [*run("random", 1, RISING), *run("margin", 1, [s + 0.1 for s in RISING])]
    strong = baseline("strong", "logreg", 1, 0.9, labels=9000)
    words = about([*records, strong], "above the strong baseline")

    assert "0.900 with 9,000 labels" in words
    assert "margin 0.940" in words
    assert "random" not in words
    assert about([*records, baseline("strong", "logreg", 1, 0.94)], "above") is None


def test_models_that_predict_one_class_in_a_tenth_of_the_rounds_are_named():
    one, two = [[9, 0], [3, 0]], [[9, 0], [2, 1]]
    sure = run("margin", 1, RISING[:9], matrix=two)
    words = about(sure + run("margin", 1, RISING[:10], matrix=one)[9:], "one class")

    assert "margin 1 of 10" in words
    more = [*run("margin", 1, RISING[:11], matrix=two)]
    more[0]["confusion"]["matrix"] = one
    assert about(more, "one class") is None


@pytest.mark.parametrize(
    ("weight", "matrix", "metric", "named"),
    [
        ("none", [[9, 0], [2, 1]], "macro_f1", True),
        ("capped", [[9, 0], [2, 1]], "macro_f1", False),
        ("none", [[4, 0], [2, 1]], "macro_f1", False),
        ("none", [[9, 0], [2, 1]], "accuracy", False),
    ],
)
def test_a_metric_that_training_ignores_is_named(weight, matrix, metric, named):
    settings = f'{{"class_weight":"{weight}"}}'
    records = run("margin", 1, RISING, settings=settings, matrix=matrix)
    [group] = summarise(records, metric=metric)["groups"]

    found = [text for text in group["warnings"] if "weighs classes alike" in text]
    assert bool(found) == named


def test_fewer_than_ten_seeds_are_a_caveat():
    records = ledger({"random": 3, "margin": 6}, 9)

    assert "margin 9" in about(records, "fewer than ten seeds")
    assert about(ledger({"random": 3, "margin": 6}, 10), "fewer than ten") is None


def test_too_few_seeds_for_a_verdict_name_the_number_needed():
    records = ledger({"random": 3, "margin": 6, "entropy": 6}, 6)
    words = about(records, "for a verdict")

    assert "2 compared with random need 7 paired seeds" in words
    assert about(ledger({"random": 3, "margin": 6, "entropy": 6}, 7), "verdict") is None


def test_without_random_nothing_is_compared():
    assert about(ledger({"margin": 6}), 'no strategy "random": nothing is compared')
    assert about(ledger({"random": 6}), "nothing is compared") is None


def test_unpaired_seeds_are_named():
    records = ledger({"random": 3, "margin": 6})
    kept = [
        r
        for r in records
        if (r["tags"]["strategy"], r["tags"]["seed"])
        not in {("margin", "2"), ("random", "5")}
    ]

    words = about(kept, "left out of the pairs")
    assert "margin and random are not both there for seeds 2, 5" in words
    assert about(records, "pairs") is None


def test_unfinished_runs_are_named():
    records = run("random", 1, RISING)
    going = run("margin", 3, RISING[:4], ended=False)

    words = about(records + going, "not at their end")
    assert "left out: margin, seed 3 (round 3); simulate again" in words
    assert "counted as far as they are" in about(going, "not at their end")
    assert about(records, "not at their end") is None


def test_short_runs_are_named():
    records = [*run("random", 1, RISING), *run("margin", 3, RISING[:4])]

    assert "than 12: margin, seed 3 (4);" in about(records, "fewer rounds")
    assert about(records[:12], "fewer rounds") is None


def test_long_lists_are_cut():
    records = run("random", 1, RISING)
    for seed in range(9):
        records += run("margin", seed, RISING[:4], ended=False)

    assert "seed 4 (round 3) and 4 more; simulate" in about(records, "not at their end")


@pytest.mark.parametrize("labels", [2300, 2900])
def test_a_baseline_that_random_passes_early_looks_overfitted(labels):
    records = run("random", 1, RISING)  # the mean of three passes 0.79 at 1,200
    early = [*records, baseline("paper", "cnn", 1, 0.79, labels=labels)]
    words = about(early, "paper baseline looks overfitted")

    if labels == 2900:
        assert "reaches its 0.790 (2,900 labels) with 1,200" in words
    else:
        assert words is None


@pytest.mark.parametrize("kind", ["paper", "strong"])
def test_a_network_that_loses_to_logistic_regression_on_all_data(kind):
    records = [*run("random", 1, RISING), baseline(kind, "cnn", 1, 0.8)]
    other = [baseline("strong", "logreg,C=2", 1, score) for score in (0.81, 0.79)]

    words = about([*records, other[0]], "cnn loses to logistic regression")
    assert f"{kind} baseline 0.800, logreg,C=2 0.810" in words
    assert about([*records, other[1]], "loses") is None
    assert about(records, "loses") is None


def test_logistic_regression_does_not_lose_to_itself():
    records = run("random", 1, RISING, arch="logreg")
    records += [baseline("paper", "logreg", 1, 0.7)]
    records += [baseline("strong", "logreg", 1, 0.8)]

    assert about(records, "loses") is None


def test_a_network_that_loses_to_logistic_regression_in_the_loop():
    network = run("margin", 1, RISING)
    better = run("margin", 1, [0.02 + s for s in RISING], arch="logreg")
    worse = run("margin", 1, [s - 0.02 for s in RISING], arch="logreg")

    words = about(network + better, "loses")
    assert "at the end of the loop: margin 0.840 against 0.860" in words
    assert about(network + worse, "loses") is None
    shorter = run("margin", 1, [0.2 + s for s in RISING[:-3]], arch="logreg")
    assert about(network + shorter, "loses") is None  # other labels
    assert about(network + run("entropy", 1, RISING, arch="logreg"), "loses") is None


def test_in_the_loop_it_is_compared_under_the_nearest_settings():
    network = run("margin", 1, RISING, settings='{"noise":0,"epochs":3}')
    clean = run("margin", 1, RISING, arch="logreg", settings='{"noise":0}')
    other = run(
        "margin", 1, [s + 0.1 for s in RISING], arch="logreg", settings='{"noise":1}'
    )

    assert about(other + network + clean, "loses") is None


def test_labels_look_noisy_where_accuracy_stays_low():
    flat = RISING[:8] + [RISING[7]] * 8
    high = [0.3 + s for s in flat]

    assert about(run("random", 1, flat), "random's accuracy no longer rises")
    assert about(run("margin", 1, flat), "noisy") is None
    assert about(run("random", 1, RISING), "noisy") is None
    assert about(run("random", 1, high), "noisy") is None
    assert about(run("random", 1, flat[3:13]), "noisy") is None  # too short to say


def test_labels_look_noisy_where_scores_fall_again():
    fall = [*RISING, 0.82, 0.78, 0.76]

    words = about(run("margin", 1, fall), "scores fall again")
    assert "margin 0.820 with 1,300 labels, 0.787 at its end" in words
    assert about(run("margin", 1, RISING), "fall again") is None
    assert about(run("margin", 1, fall[-10:]), "fall again") is None  # too short
