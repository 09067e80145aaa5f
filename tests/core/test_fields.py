"""Probabilities: rounded ones are renormalised, others refused, by every command."""

import json

import numpy as np
import pytest

from alcli.core.errors import InputError
from alcli.core.probs import RenormalisedCount, normalise_probs


def error(row, problem):
    return InputError(problem, source="f", line=row + 1)


def rows(*rows):
    return np.array(rows, np.float64)


@pytest.mark.parametrize("off", [0.0, 9e-7, -9e-7])
def test_sums_of_one_within_float32_stay_to_the_last_bit(off):
    probs = rows([0.1 + off, 0.9], [0.5, 0.5])
    found, sums = normalise_probs(probs, error)
    assert found is probs
    assert len(sums) == 0


@pytest.mark.parametrize("row", [[0.33] * 3, [0.34, 0.34, 0.33], [0.1] * 9 + [0.09]])
def test_a_sum_off_by_the_tolerance_is_renormalised_despite_binary_rounding(row):
    probs = rows(row, np.eye(len(row))[0])
    found, sums = normalise_probs(probs, error)
    np.testing.assert_allclose(found[0], np.array(row) / sum(row), rtol=1e-15)
    assert (found[1] == probs[1]).all()
    assert sums == pytest.approx([sum(row)])
    assert (probs[0] == row).all()  # the caller's array is not changed


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ([0.5, 0.5101], "sum to 1, not to 1.0101"),
        ([0.5, 0.489], "sum to 1, not to 0.989"),
        ([1.005, -0.005], "must be at least 0"),
        ([np.nan, 0.5], "must be at least 0"),
        ([np.inf, 0.5], "not to inf"),
    ],
)
def test_other_sums_and_negative_numbers_are_refused_with_their_row(row, problem):
    with pytest.raises(InputError, match=f"f:2: .*{problem}"):
        normalise_probs(rows([0.33, 0.66], row, [0.5, 0.5]), error)


def test_one_warning_has_the_number_of_records_and_the_sums(caplog):
    renormalised = RenormalisedCount()
    for sums in ([], [0.999], [1.002, 1.0]):
        renormalised.add(np.array(sums))
    renormalised.warn()
    renormalised.warn()
    (said,) = caplog.messages
    assert said == "3 records have probs that sum to 0.999 to 1.002; renormalised"


COMMANDS = [
    ("select", "-n", "9", "-s", "entropy"),
    ("select", "-n", "9", "-s", "balanced"),
    ("evaluate",),
    ("merge-labels", "--aggregate", "crowdlab"),
]


def pool(folder, *probs):
    lines = [
        {"id": i, "tokens": f"t{i}", "label": "a", "annotator": "x", "probs": dict(row)}
        for i, row in enumerate(zip("abc", row, strict=True) for row in probs)
    ]
    path = folder / "pool.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_renormalises_alike_with_one_warning(alcli, tmp_path, command):
    path = pool(tmp_path, [0.33, 0.33, 0.33], [0.8, 0.1, 0.1], [0.818, 0.013, 0.17])
    done = alcli(command[0], path, *command[1:], check=True)
    said = done.stderr.decode()
    assert said.count("2 records have probs that sum to 0.99 to 1.001;") == 1


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_refuses_alike_and_names_the_record(alcli, tmp_path, command):
    path = pool(tmp_path, [0.33, 0.33, 0.33], [0.3, 0.3, 0.3])
    done = alcli(command[0], path, *command[1:])
    place = ': id "1": ' if command[0] == "merge-labels" else ":2: "
    assert done.returncode == 3
    assert f'{path}{place}"probs" must be at least 0 and sum to 1, not to 0.9' in (
        done.stderr.decode()
    )


def test_rounded_and_exact_probs_give_the_same_utility(alcli, tmp_path):
    found = []
    for row in ([0.33] * 3, [1 / 3] * 3):
        done = alcli("select", pool(tmp_path, row), *COMMANDS[0][1:], check=True)
        found.append(json.loads(done.stdout)["query"]["utility"])
    assert found[0] == pytest.approx(found[1], abs=1e-12)


def test_a_retried_block_is_counted_once(alcli, tmp_path):
    path = pool(tmp_path, [0.33] * 3, [0.34, 0.33, 0.34])
    strange = {"id": 9, "label": "z", "probs": {"a": 1, "b": 0, "c": 0}}
    with path.open("a") as file:
        file.write(json.dumps(strange) + "\n")
    done = alcli("evaluate", path, "--skip-invalid", check=True)
    assert b"2 records have probs" in done.stderr


def test_probs_of_labelled_records_are_checked_alike(caplog):
    from alcli.core.step import Block
    from alcli.query.selection.labelled import LabelledPool

    def labelled(*rows):
        lines = [
            json.dumps({"id": i, "probs": dict(zip("ab", row, strict=True))}) + "\n"
            for i, row in enumerate(rows)
        ]
        found = LabelledPool()
        found.add(Block("".join(lines).encode(), "l"))
        return found

    assert labelled([0.5, 0.49]).matrix("ab", {}).sum() == pytest.approx(1, abs=1e-15)
    assert caplog.messages == ["1 record has probs that sum to 0.99; renormalised"]
    with pytest.raises(InputError, match='l:2: "probs" must be'):
        labelled([0.5, 0.5], [0.5, 0.4]).matrix("ab", {})
