"""Answers from a file of labelled records: simulated annotators, wrong at will."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

import msgspec

from alcli.annotation.labelers import Answer, Simulated, Task
from alcli.core.errors import InputError, UsageError
from alcli.core.fields import Label, class_names
from alcli.core.ids import seeded_uniform
from alcli.core.jsonl import blocks
from alcli.core.step import identity

_WRONG, _WHICH = 0x77726F6E, 0x77686963  # streams of chance of their own


class _GoldRecord(msgspec.Struct, gc=False):
    id: str | int
    label: Label


@Simulated
def gold(
    tasks: Iterable[Task],
    *,
    file: str | None = None,
    noise_share: float | Sequence[float] = 0.0,
    annotators: int | None = None,
    seed: int = 0,
) -> Iterator[tuple[Task, Answer]]:
    """Yield the label that `file` has for each task's id, once per annotator.

    noise_share: how many answers are wrong, another class taken at random; which ones
    depends on seed, id and annotator alone, so that a resumed run gives the same. One
    number for all `annotators`, or a sequence with one for each.

    Raises:
        InputError: the file has no label for an id, or an empty one.
    """
    if file is None:
        raise UsageError("--with gold needs --gold FILE")
    shares = error_rates(noise_share, annotators)
    truth = dict(_answers(file))
    yield from simulated(tasks, truth, shares, seed=seed, source=file)


def _answers(file: str) -> Iterator[tuple[str, str]]:
    decoder = msgspec.json.Decoder(_GoldRecord)
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
) -> Iterator[tuple[Task, Answer]]:
    """Yield the answers of simulated annotators, each with an error rate.

    truth: id -> label; source: what to call it in messages.
    """
    classes = sorted(set(truth.values()))
    noisy = {f"gold-{number}": share for number, share in enumerate(shares, 1)}
    stream = iter(tasks)
    while block_of := list(islice(stream, 1000)):
        for name, share in noisy.items():
            wrong = seeded_uniform(
                seed ^ _WRONG, [f"{name}\0{task.id}" for task in block_of]
            )
            which = seeded_uniform(
                seed ^ _WHICH, [f"{name}\0{task.id}" for task in block_of]
            )
            for task, is_wrong, pick in zip(
                block_of, (wrong < share).tolist(), which.tolist(), strict=True
            ):
                if name in task.answered_by:
                    continue
                if task.id not in truth:
                    raise InputError(f'no label for id "{task.id}"', source=source)
                label = truth[task.id]
                others = [c for c in classes if c != label]
                if is_wrong and others:
                    label = others[int(pick * len(others))]
                yield task, Answer(name, label)


def error_rates(
    share: float | Sequence[float], annotators: int | None
) -> Sequence[float]:
    """Return the share of noise of each annotator.

    Raises:
        UsageError: there are more shares than annotators, or fewer.
    """
    if isinstance(share, (int, float)):
        return [share] * (annotators or 1)
    if annotators not in (None, len(share)):
        raise UsageError(f"{len(share)} shares of noise for {annotators} annotators")
    return share
