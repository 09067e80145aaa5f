"""Ledgers of simulations: completed rounds are kept, other files rejected."""

import json

import pytest

from alcli.cli.main import group
from alcli.core.errors import InputError
from alcli.core.jsonl import to_blocks
from alcli.simulation.data import DatasetReader
from alcli.simulation.settings import SimulationSettings
from alcli.simulation.simulation import Simulation

SMALL = "logreg,min_count=1,max_share=1.0"


def simulate(file, *more):
    group(
        [
            *("simulate", str(file), "--test-size", "60", "-s", "margin", "-n", "60"),
            *("--arch", SMALL, "--seeds", "2", "--append"),
            *(str(file.with_name("curve.jsonl")), *more),
        ],
        prog_name="alcli",
        standalone_mode=False,
    )


@pytest.fixture
def curve(file):
    simulate(file)
    return file.with_name("curve.jsonl")


def test_completed_rounds_are_not_played_again(file, curve):
    before = curve.read_bytes()
    simulate(file)

    assert curve.read_bytes() == before
    assert before.count(b"\n") == 6


@pytest.mark.parametrize("kept", [0, 1, 2, 3, 5])
def test_a_run_resumes_after_its_last_complete_round(file, curve, untimed, kept):
    whole, lines = untimed(curve), curve.read_bytes().splitlines(keepends=True)
    curve.write_bytes(b"".join(lines[:kept]) + lines[kept][:40])
    simulate(file)

    assert untimed(curve) == whole


def test_a_missing_round_and_all_later_ones_are_played_again(file, curve, untimed):
    whole, lines = untimed(curve), curve.read_bytes().splitlines(keepends=True)
    curve.write_bytes(b"".join(lines[:1] + lines[2:]))
    simulate(file)

    assert untimed(curve)[5:] == whole[1:3]


def test_a_larger_budget_resumes_a_run(file, untimed):
    curve = file.with_name("curve.jsonl")
    simulate(file)
    whole = untimed(curve)
    curve.unlink()
    simulate(file, "--until", "rounds=1")
    assert [row["tags"]["ended"] for row in untimed(curve)] == ["rounds=1"] * 2
    simulate(file, "--until", "rounds=1")
    assert len(untimed(curve)) == 2
    simulate(file)

    last = {row["key"]: row for row in untimed(curve)}
    assert last == {row["key"]: row for row in whole}


def test_other_runs_stay_in_the_ledger(file, curve):
    before = curve.read_bytes()
    simulate(file, "-s", "entropy", "--seeds", "1")

    assert curve.read_bytes().startswith(before)
    assert curve.read_bytes().count(b"\n") == 9


def changed(curve, **tags):
    rows = [json.loads(line) for line in curve.read_text().splitlines()]
    for row in rows:
        row["tags"] |= tags
    curve.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_curves_of_other_data_are_rejected(file, curve):
    before = curve.read_bytes()

    with pytest.raises(InputError, match=r"curve\.jsonl: has curves of other data"):
        simulate(file, "--test-size", "50")
    assert curve.read_bytes() == before


def test_records_of_another_version_are_rejected(file, curve):
    changed(curve, simulate="0")

    with pytest.raises(InputError, match=r"written by another version of alcli"):
        simulate(file)


def test_other_curve_files_are_rejected(file, curve):
    curve.write_text('{"key":"a","labels":5,"metrics":{"accuracy":0.5},"tags":{}}\n')

    with pytest.raises(InputError, match="that `alcli simulate` did not write"):
        simulate(file)


def test_curves_of_a_changed_strategy_file_are_rejected(file, curve):
    own = file.with_name("own.py")
    own.write_text("def own(scored):\n    return scored.noise\n")
    simulate(file, "-s", f"{own}:own", "--seeds", "1")
    done = curve.read_bytes()
    simulate(file, "-s", f"{own}:own", "--seeds", "1")
    assert curve.read_bytes() == done

    own.write_text("def own(scored):\n    return -scored.noise\n")
    with pytest.raises(InputError, match="own before its file was changed"):
        simulate(file, "-s", f"{own}:own", "--seeds", "1")
    assert curve.read_bytes() == done
    simulate(file)  # the others go on

    assert curve.read_bytes() == done


@pytest.mark.parametrize(
    ("kept", "more", "left"),
    [(0, (), 6), (2, (), 4), (3, (), 3), (6, (), 0), (0, ("rounds=2",), 4)],
)
def test_remaining_rounds_are_counted(records, file, curve, kept, more, left):
    lines = curve.read_bytes().splitlines(keepends=True)
    curve.write_bytes(b"".join(lines[:kept]))
    reader, fixed = DatasetReader("tokens"), DatasetReader("tokens")
    for block in to_blocks(records):
        reader.add(block)
    if not kept:  # records of a separate test set are in the pool, too
        for block in to_blocks(records[:60]):
            fixed.add(block)
    settings = SimulationSettings(
        test_size=60.0 if kept else None,
        strategies=("margin",),
        archs=(SMALL,),
        sizes=(60,),
        seeds=2,
        until=more,
    )
    simulation = Simulation(reader.data, None if kept else fixed.data, settings)
    nothing = {run: [] for run in simulation.runs}
    done = curves_of(simulation, curve) if kept else nothing

    assert simulation.remaining_rounds(done) == left


def curves_of(simulation, curve):
    rows = [json.loads(line) for line in curve.read_text().splitlines()]
    return {
        run: [row for row in rows if row["tags"]["seed"] == str(run.seed)]
        for run in simulation.runs
    }
