"""Batch strategies on made-up vectors: against what they replace, and by themselves."""

from collections.abc import Iterator
from statistics import median

from tests.benchmarks.measure import Row, judged, module
from tests.benchmarks.self_timed import run_self_timed, run_self_timed_in_turn

BADGE = ("--records", "20000", "--width", "768", "--classes", "100", "-n", "100")
POOL = ("--records", "100000", "--width", "128")
OTHERS = {
    "k-means": "100",
    "density": "1000",
    "ranked-batch": "1000",
    "cal": "1000",
    "discriminative": "1000",
    "cluster-margin": "100",
    "typiclust": "1000",
    "prob-cover": "100",
}


def rows(runs: int) -> Iterator[Row]:
    """Compare picks, seconds and memory beyond the inputs; opponents run once."""
    yield _against("badge", "dense-badge", BADGE, runs, times=80, seconds=0.5, mb=40)
    small = (*POOL, "-n", "100")
    yield _against("core-set", "greedy-k-centre", small, runs, times=50, mb=20)
    large = [
        run_self_timed(module("choose", "core-set", *POOL, "-n", "1000"))
        for _ in range(2)
    ]
    wall, extra = (median(run[key] for run in large) for key in ("wall", "extra"))
    yield Row(
        "core-set, 100,000 x 128, n = 1,000",
        "< 2.5 s, < 20 MB more",
        judged(wall < 2.5 and extra < 20),
        note=f"{wall:.2f} s, {extra:.0f} MB beyond the inputs",
    )
    for name, n in OTHERS.items():
        run = run_self_timed(module("choose", name, *POOL, "-n", n))
        note = f"{run['wall']:.2f} s, {run['extra']:.0f} MB beyond the inputs"
        yield Row(f"{name}, 100,000 x 128, n = {n}", "shown", "-", note=note)


def _against(
    name: str,
    opponent: str,
    size: tuple[str, ...],
    runs: int,
    *,
    times: float,
    mb: float,
    seconds: float = float("inf"),
) -> Row:
    [ours] = run_self_timed_in_turn(max(1, runs), module("choose", name, *size))
    theirs = run_self_timed(module("choose", opponent, *size))
    wall, cpu, extra = (
        median(r[key] for r in ours) for key in ("wall", "cpu", "extra")
    )
    same = all(run["rows"] == theirs["rows"] for run in ours)
    fast = theirs["cpu"] / cpu >= times and wall < seconds
    goal = f">= {times:.0f} x, < {mb:.0f} MB more"
    return Row(
        f"{name} {size[1]} x {size[3]} / {opponent}",
        goal if seconds == float("inf") else f"{goal}, < {seconds} s",
        judged(fast and extra < mb and same),
        theirs["cpu"] / cpu,
        theirs["wall"] / wall,
        note=(
            f"{wall:.2f} s against {theirs['wall']:.1f} s; {extra:.0f} MB beyond the "
            f"inputs against {theirs['extra']:.0f}; "
            + ("the same picks" if same else "OTHER picks")
        ),
    )
