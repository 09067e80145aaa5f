"""Answers from a file of labelled records: simulated annotators, with errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched

from alcli.annotation.labelers import Answer, Save, Task, Vote, labeler
from alcli.annotation.settings import error_rates
from alcli.core.errors import InputError, UsageError
from alcli.core.fields import class_names, record_decoder
from alcli.core.ids import seeded_uniform
from alcli.core.jsonl import blocks
from alcli.core.step import identity

_WRONG, _WHICH = 0x77726F6E, 0x77686963  # independent random streams


@labeler("gold", "noise", "annotators", "seed")
def gold(
    tasks: Iterable[Task],
    save: Save,
    *,
    gold: str | None = None,
    noise: float | Sequence[float] = 0.0,
    annotators: int | None = None,
    seed: int = 0,
) -> None:
    """Answer each task with the label of its id in a file, once per annotator.

    gold: path of labelled records. noise: share of answers that are wrong, of all
    `annotators` or of each; another class is drawn at random. Errors depend on seed, id
    and annotator alone, so a resumed run makes the same ones.

    Raises:
        InputError: the file has no label for an id, or an empty one.
        UsageError: no file, or several shares of noise for another number of
            annotators.
    """
    if gold is None:
        raise UsageError("--with gold needs --gold FILE")
    rates = error_rates(noise, annotators)
    save(simulated(tasks, dict(_labels(gold)), rates, seed=seed, source=gold))


def _labels(file: str) -> Iterator[tuple[str, str]]:
    decoder = record_decoder("id", "label")
    for block in blocks([file]):
        rows = block.decode(decoder)
        names = class_names(block, [row.label for row in rows])
        yield from zip([identity(row.id) for row in rows], names, strict=True)


def simulated(
    tasks: Iterable[Task],
    truth: Mapping[str, str],
    shares: Sequence[float],
    *,
    seed: int,
    source: str = "<records>",
) -> Iterator[Vote]:
    """Yield the answers of simulated annotators.

    truth: label by id. shares: error rate of each annotator. source: name of `truth` in
    messages.

    Raises:
        InputError: `truth` lacks an id.
    """
    classes = sorted(set(truth.values()))
    for some in batched(tasks, 1000):
        for number, share in enumerate(shares, 1):
            name = f"gold-{number}"
            wrong, which = [False] * len(some), [0.0] * len(some)
            if share:  # without errors no id is hashed
                keys = [f"{name}\0{task.id}" for task in some]
                wrong = (seeded_uniform(seed ^ _WRONG, keys) < share).tolist()
                which = seeded_uniform(seed ^ _WHICH, keys).tolist()
            for task, is_wrong, pick in zip(some, wrong, which, strict=True):
                if name in task.answered_by:
                    continue
                if task.id not in truth:
                    raise InputError(f'no label for id "{task.id}"', source=source)
                label = truth[task.id]
                others = [c for c in classes if c != label]
                if is_wrong and others:
                    label = others[int(pick * len(others))]
                yield task, Answer(name, label)
