"""`convert` between formats of lines against orjson's loop over the same records.

The yardstick reads JSON Lines, whatever format we read; the goal is for every pair.
"""

import subprocess
from collections.abc import Iterator

from tests.benchmarks import data
from tests.benchmarks.measure import ROOT, Row, alcli, compare, in_turn, opponent

FORMATS = ("prodigy", "doccano", "csv", "tsv", "fasttext")
FOREIGN = (("prodigy", "csv"), ("doccano", "prodigy"), ("csv", "fasttext"))


def rows(runs: int) -> Iterator[Row]:
    """Convert 500,000 labelled comments to each format and back; votes to crowd.

    Also between other formats, the slowest reader first.
    """
    raw, made = data.path("raw"), data.folder()
    for name in FORMATS:
        file, back = made / f"convert.{name}", made / "convert.back"
        to = alcli("convert", raw, "--to", name, "-o", file)
        subprocess.run(to, cwd=ROOT, check=True, stderr=subprocess.DEVNULL)
        of = alcli("convert", file, "--from", name, "-o", back)
        for what, ours in ((f"jsonl to {name}", to), (f"{name} to jsonl", of)):
            mine, theirs = in_turn(runs, ours, opponent("orjson_loop", raw))
            title = f"convert {what}, 500k / orjson loop"
            yield compare(title, mine, theirs, at_most=2, megabytes=80)
    for source, target in FOREIGN:
        mine, theirs = in_turn(
            runs,
            alcli(
                *("convert", made / f"convert.{source}", "--from", source),
                *("--to", target, "-o", made / "convert.foreign"),
            ),
            opponent("orjson_loop", raw),
        )
        title = f"convert {source} to {target}, 500k / orjson loop"
        yield compare(title, mine, theirs, at_most=2, megabytes=80)
    votes = data.path("votes")
    mine, theirs = in_turn(
        runs,
        alcli("convert", votes, "--to", "crowd", "-o", made / "convert.crowd"),
        opponent("orjson_loop", votes),
    )
    title = "convert jsonl to crowd, 1M / orjson loop"
    yield compare(title, mine, theirs, at_most=2, megabytes=80)
