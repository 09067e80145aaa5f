"""Training on records in memory, and on files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from alcli.core.errors import Signalled, UsageError
from alcli.core.files import replacing
from alcli.core.jsonl import Record, blocks, to_blocks
from alcli.core.params import parse
from alcli.core.run import collect_files
from alcli.core.run_options import RunOptions
from alcli.core.settings import split_settings
from alcli.models import architectures
from alcli.models.checkpoint import Checkpoint
from alcli.models.families import load_family
from alcli.models.settings import DEFAULT_ARCH, ModelSettings, TrainingSettings
from alcli.models.training import Training
from alcli.models.training.records import texts_of


def train(
    records: Iterable[Record] = (),
    *,
    corpus: Iterable[Record] | None = None,
    **settings: Any,
) -> Checkpoint:
    """Return a checkpoint fitted to the records that have a `label`.

    corpus: records for the vocabulary; None: the labelled ones.
    settings: fields of `ModelSettings` (arch, init, classes, grow_classes, field,
    params) and of `TrainingSettings` (epochs, validation, seed and others). init: a
    checkpoint or its path. params: parameters of the architecture and its features.

    >>> records = [{"id": 1, "tokens": "so good", "label": "yes"},
    ...            {"id": 2, "tokens": "so bad", "label": "no"}]
    >>> model = train(records, params={"min_count": 1})
    >>> model.labels
    ['no', 'yes']

    Raises:
        InputError: fewer than two classes, an unknown label, or no frequent word.
        UsageError: settings contradict each other, or would have no effect.
    """
    own, others = split_settings(ModelSettings, settings)
    training = Training(ModelSettings(**own), TrainingSettings(**others))
    for block in to_blocks(records):
        training.add(block)
    known = None if corpus is None else texts_of(to_blocks(corpus), training.field)
    return training.run(known)


def train_files(
    files: tuple[str, ...],
    output: str,
    model: ModelSettings,
    params: tuple[str, ...],
    settings: TrainingSettings,
    run: RunOptions,
) -> None:
    """Train on the records of files, and write a checkpoint.

    files: paths; none for stdin, or with `epochs=0` for no records. output: path of the
    checkpoint. params: KEY=VALUE strings, the `params` of the model.

    Raises:
        InputError, UsageError: as `train`; or a file is unreadable.
        SurroundingsError: the output cannot be written.
        Signalled: the training was interrupted; the checkpoint is written.
    """
    if model.init:
        if model.arch or model.field or model.vocabulary_from or params:
            raise UsageError(
                "--init fixes architecture, parameters, vocabulary and field; remove "
                "--arch, --set, --vocabulary-from and --field"
            )
    else:
        arch = model.arch or DEFAULT_ARCH
        defaults = load_family(architectures.family_of(arch)).defaults(arch)
        model = replace(model, arch=arch, params=parse(params, defaults))
    training = Training(model, settings)
    with replacing(output) as file:  # a missing folder is an error before the training
        if files or settings.epochs != 0:
            collect_files(training, files, run)
        paths = model.vocabulary_from
        corpus = texts_of(blocks(paths), training.field) if paths else None
        training.run(corpus, files=files).dump(file)
    if signal := Signalled.number:  # the work is kept, but the process ends
        raise Signalled(signal)
