"""`simulate` against small-text running the same loop, and against the shell loop.

From the same start set, by margin, 500 to 5,000 labels of 50,000 texts, measured on
9,033 after each round, on two cores: whole processes. small-text has an environment of
its own: `ALCLI_SMALL_TEXT` is the path of a Python that has it.

What differs: small-text's CNN has a sigmoid loss for each of two classes, clips
gradients, pads each text to 128 words, convolves over the padding too, writes every
epoch's weights, and asks in batches of the size that it trains in; its own chance.
"""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from statistics import median

from tests.benchmarks import data
from tests.benchmarks.measure import (
    OPPONENTS,
    ProcessCost,
    Row,
    alcli,
    in_turn,
    judged,
    once,
)

TEXTS, N, ROUNDS, EPOCHS, SEED = 50_000, 500, 10, 10, 0
CORES = 2
GOAL = 3.0
MOST = {"logreg": 3, "cnn": 1}  # runs
HOW_TO_GET_IT = (
    "set ALCLI_SMALL_TEXT=V/bin/python after `python -m venv V` and "
    "`V/bin/pip install small-text==1.4.1 torch`"
)


def rows(runs: int) -> Iterator[Row]:
    """Compare both architectures, each with small-text and then with the commands."""
    theirs = os.environ.get("ALCLI_SMALL_TEXT")
    if not theirs:
        yield Row("small-text / simulate", "-", "not measured", note=HOW_TO_GET_IT)
        return
    with cores(CORES):
        for arch, most in MOST.items():
            yield from compared(arch, theirs, min(runs, most))


def compared(arch: str, python: str, runs: int) -> Iterator[Row]:
    """Yield the row with a goal, and the shell loop beside it.

    Raises:
        RuntimeError: the shell loop's curve is another than the simulated one.
    """
    folder = data.folder() / f"simulate-{arch}"
    pool, test = prepared(folder), data.path("comments-test")
    curve, peer_curve = folder / "simulated.jsonl", folder / "small-text.json"
    ours = words(
        *("simulate", pool, "--test", test, "-s", "margin", "--arch", arch),
        *("-n", N, "--seeds", 1, "--seed", SEED, "--until", f"rounds={ROUNDS}"),
        *(*epochs(arch), "-o", curve),
    )
    theirs = words(
        *(python, OPPONENTS / "small_text_loop.py", pool, test, folder / "start.jsonl"),
        *("--arch", arch, "-n", N, "--rounds", ROUNDS, "--epochs", EPOCHS),
        *("--seed", SEED, "-o", peer_curve),
    )
    sides = {"small-text": (theirs, peer_curve)}
    if arch == "logreg":  # quicker so, for sparse features; scikit-learn leaves it open
        alone = folder / "small-text-1.json"
        single = words(*theirs, "--blas-threads", 1, "-o", alone)
        sides["small-text with one BLAS thread"] = (single, alone)
    commands = [command for command, _ in sides.values()]
    warm = arch == "logreg"  # the other takes minutes
    ran, *others = in_turn(runs, alcli(*ours), *commands, warm=warm)
    for (name, (_, path)), other in zip(sides.items(), others, strict=True):
        report = json.loads(path.read_text())
        reached = list(zip(labels(), report["accuracy"], strict=True))
        curves, seconds = [points(curve), reached], [steps(curve), report["seconds"]]
        yield _row(f"{name} / simulate, {arch}", (ran, other), curves, seconds)

    shell, rounds = by_commands(arch, folder, pool, test)
    if rounds != points(curve):
        raise RuntimeError(f"other curves: {rounds} and {points(curve)}")
    yield _beside(arch, shell, ran)


def words(*arguments: object) -> list[str]:
    """Return the words of a command line."""
    return [str(argument) for argument in arguments]


def labels() -> range:
    """Return the number of labels in each round."""
    return range(N, N * ROUNDS + 1, N)


def epochs(arch: str) -> Sequence[str]:
    """Return the options of training."""
    return ("--epochs", str(EPOCHS), "--batch-size", "64") if arch == "cnn" else ()


def prepared(folder: Path) -> Path:
    """Return the pool; beside it is the start set that `simulate` chooses, too."""
    folder.mkdir(exist_ok=True)
    pool = folder / "pool.jsonl"
    with data.path("comments").open("rb") as lines, pool.open("wb") as file:
        file.writelines(islice(lines, TEXTS))
    first = ("-s", "random", "-n", N, "--seed", SEED, "-o", folder / "start.jsonl")
    once(alcli(*words("select", pool, *first)))
    return pool


def by_commands(
    arch: str, folder: Path, pool: Path, test: Path
) -> tuple[dict[str, list[ProcessCost]], list[tuple[int, float]]]:
    """Play the loop as `examples/loop` does; return each command's runs, the curve."""
    init, model = folder / "init.model", folder / "round.model"
    votes, labelled = folder / "votes.jsonl", folder / "labelled.jsonl"
    batch, scored = folder / "batch.jsonl", folder / "scored.jsonl"
    curve, seed = folder / "curve.jsonl", ("--seed", SEED)
    for ledger in (votes, curve):
        ledger.unlink(missing_ok=True)
    classes = ("--class", "negative", "--class", "positive")
    untrained = ("train", "--epochs", 0, "--vocabulary-from", pool, *classes)
    gold = ("label", batch, "--with", "gold", "--gold", pool)
    exclude, newest = ("--exclude", votes), ("--newest", "first")
    commands = [
        (*gold, *seed, "--append", votes),
        ("merge-labels", votes, "--records", pool, *newest, "-o", labelled),
        ("train", labelled, "--init", init, *epochs(arch), *seed, "-o", model),
        ("evaluate", test, "-m", model, "--append", curve, "--labelled", labelled),
        ("score", pool, "-m", model, *exclude, "-o", scored),
        ("select", scored, "-s", "margin", "-n", N, *seed, "-o", batch),
    ]
    before = [
        (*untrained, "--arch", arch, *seed, "-o", init),
        ("select", pool, "-s", "random", "-n", N, *seed, "-o", batch),
    ]
    spent: dict[str, list[ProcessCost]] = {}
    for command in [*before, *ROUNDS * commands][:-2]:  # the last asks for nothing
        name, *rest = words(*command)
        spent.setdefault(name, []).append(once(alcli(name, *rest)))
    return spent, points(curve)


def points(curve: Path) -> list[tuple[int, float]]:
    """Return labels and accuracy of each round of a curve file."""
    rounds = [json.loads(line) for line in curve.read_text().splitlines()]
    return [(r["labels"], r["metrics"]["accuracy"]) for r in rounds]


def steps(curve: Path) -> dict[str, list[float]]:
    """Return the seconds of each step of a simulated curve, over the rounds."""
    rounds = [json.loads(line)["seconds"] for line in curve.read_text().splitlines()]
    return {step: [r[step] for r in rounds if step in r] for step in rounds[0]}


@contextmanager
def cores(n: int) -> Iterator[None]:
    """Let processes that are started have so many cores, where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:n])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _row(
    what: str,
    pair: Sequence[Sequence[ProcessCost]],
    curves: Sequence[Sequence[tuple[int, float]]],
    seconds: Sequence[dict[str, list[float]]],
) -> Row:
    ours, theirs = pair
    cpu = median(b.cpu / a.cpu for a, b in zip(ours, theirs, strict=True))
    wall = median(b.wall / a.wall for a, b in zip(ours, theirs, strict=True))
    met = [name for name, x in (("the clock", wall), ("CPU", cpu)) if x >= GOAL]
    verdict = f"met by {met[0]} alone" if len(met) == 1 else judged(bool(met))
    last = [f"{100 * curve[-1][1]:.2f} %" for curve in curves]
    spent = [_spent({k: sum(v) for k, v in each.items()}) for each in seconds]
    return Row(
        f"{what}, {ROUNDS} rounds of {N} on {TEXTS:,} texts",
        f">= {GOAL:.1f} x",
        verdict,
        cpu,
        wall,
        median(run.peak for run in ours),
        f"{_cost_text(ours)} against {_cost_text(theirs)}; "
        f"last accuracy {' against '.join(last)}"
        f"; ours: {spent[0]}; theirs: {spent[1]}",
        {"ours": ours, "theirs": theirs, "curves": curves, "steps": seconds},
    )


def _beside(
    arch: str, shell: dict[str, list[ProcessCost]], ours: Sequence[ProcessCost]
) -> Row:
    every = [run for runs in shell.values() for run in runs]
    whole = ProcessCost(
        sum(run.wall for run in every),
        sum(run.cpu for run in every),
        max(run.peak for run in every),
    )
    spent = {name: sum(run.wall for run in runs) for name, runs in shell.items()}
    return Row(
        f"the shell loop / simulate, {arch}, the same accuracies",
        "shown",
        "-",
        whole.cpu / median(run.cpu for run in ours),
        whole.wall / median(run.wall for run in ours),
        note=f"{_cost_text([whole])} in {len(every)} processes: {_spent(spent)}",
        runs=shell,
    )


def _spent(seconds: dict[str, float]) -> str:
    return ", ".join(f"{step} {spent:.1f} s" for step, spent in seconds.items())


def _cost_text(runs: Sequence[ProcessCost]) -> str:
    wall, cpu, peak = (
        median(getattr(run, kind) for run in runs) for kind in ("wall", "cpu", "peak")
    )
    return f"{wall:.1f} s ({cpu:.1f} CPU, {peak:.0f} MB)"
