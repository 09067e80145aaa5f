import copy

import numpy as np
import pytest

from alcli.core.errors import InputError
from alcli.evaluation.curve import read, reading
from alcli.evaluation.curve.writing import stop_part


def record(preds, classes, *, labels=10, ids="abcdefgh"):
    """Make a round with these predictions (class numbers) for its stop set."""
    probs = np.full((len(preds), len(classes)), 0.1, np.float32)
    probs[np.arange(len(preds)), preds] = 0.9
    stop = stop_part(list(ids)[: len(preds)], probs)
    return {"labels": labels, "confusion": {"labels": classes}, "stop_set": stop}


@pytest.mark.parametrize("classes", [1, 2, 256, 257, 300, 70_000 // 256])
def test_packed_predictions_are_unpacked(classes, rng):
    names = [f"class {number}" for number in range(classes)]
    preds = rng.integers(0, classes, 200)
    preds[:2] = 0, classes - 1
    curve = [record(preds, names, ids=map(str, range(200)))]
    (found,), known = reading.predictions(curve, 1)

    assert found.tolist() == preds.tolist()
    assert known == names


def test_models_with_other_class_orders_share_one_numbering():
    curve = [
        record([0, 1, 1], ["a", "b"]),
        record([1, 0, 2], ["b", "a", "c"]),  # c was added
    ]
    (first, second), names = reading.predictions(curve, 2)

    assert [names[number] for number in first] == ["a", "b", "b"]
    assert [names[number] for number in second] == ["a", "b", "c"]


def test_predictions_are_of_the_last_rounds_but_all_rounds_have_one_stop_set():
    curve = [record([0], ["a"]), record([1], ["a", "b"]), record([0], ["a", "b"])]
    found, _ = reading.predictions(curve, 2)

    assert [preds.tolist() for preds in found] == [[1], [0]]
    curve[0] = record([0], ["a"], ids="z")
    with pytest.raises(InputError, match=r"round 2 .* another stop set than round 1"):
        reading.predictions(curve, 2)


def test_the_same_ids_in_another_order_are_another_stop_set():
    curve = [record([0, 0], ["a", "b"]), record([0, 0], ["a", "b"], ids="ba")]

    with pytest.raises(InputError, match="another stop set"):
        reading.stop_sets(curve)


def test_a_class_without_a_name_is_an_error():
    curve = [record([0, 2], ["a", "b", "c"])]
    curve[0]["confusion"]["labels"] = ["a", "b"]

    with pytest.raises(InputError, match=r"round 1 \(10 labels\).*class number 2, but"):
        reading.predictions(curve, 1)


DAMAGED = [
    ("pred", "AAE", "padding"),
    ("pred", "AA E=", "."),
    ("pred", "AA==", "1 bytes of predictions for 2 records"),
    ("pred", "AAAAAAAA", "6 bytes of predictions for 2 records"),
    ("pred", "آآ", "ASCII"),
    ("pred", [0, 1], "Expected .?str"),
    ("n", 0, "for 0 records"),
    ("n", -1, "for -1 records"),
    ("n", 2.5, "Expected .?int"),
    ("entropy_mean", "much", "Expected .?float"),
    ("confidence_variance", None, "Expected .?float"),
    ("ids", 7, "Expected .?str"),
]


def test_an_empty_stop_set_is_an_error():
    empty = record([0], ["a"])
    empty["stop_set"] |= {"n": 0, "pred": ""}

    with pytest.raises(InputError, match="0 bytes of predictions for 0 records"):
        reading.stop_sets([empty])


@pytest.mark.parametrize(("name", "value", "said"), DAMAGED)
def test_a_damaged_stop_set_is_an_error_of_the_round_and_of_the_file(
    tmp_path, name, value, said
):
    import msgspec

    good = record([0, 1], ["a", "b"]) | {"metrics": {}}
    bad = copy.deepcopy(good)
    bad["stop_set"][name] = value
    (tmp_path / "c").write_bytes(msgspec.json.Encoder().encode_lines([good, bad]))

    with pytest.raises(InputError, match=f'round 2 .*"stop_set": .*{said}'):
        reading.stop_sets([good, bad])
    with pytest.raises(InputError, match=f'c:2: "stop_set.*: .*{said}'):
        read(str(tmp_path / "c"))


def test_losses_are_negated():
    curve = [{"metrics": {"log_loss": 0.5, "accuracy": 0.75}}]

    assert reading.scores(curve, "log_loss") == [-0.5]
    assert reading.scores(curve, "accuracy") == [0.75]
