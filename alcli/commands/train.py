"""Fit a model to labelled records, and write it as one checkpoint file.

Memory: the texts, those of --vocabulary-from too, and their different words or n-grams.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from alcli.cli import options
from alcli.cli.options.fitting import training_options
from alcli.core.errors import Signalled, UsageError
from alcli.models import architectures

if TYPE_CHECKING:
    from alcli.core.jsonl import Record
    from alcli.core.run import RunOptions
    from alcli.models.checkpoint import Checkpoint


def train(
    records: Iterable[Record] = (),
    *,
    arch: str | None = None,
    init: Checkpoint | None = None,
    corpus: Iterable[Record] | None = None,
    classes: Sequence[str] = (),
    field: str = "tokens",
    params: Mapping[str, Any] | None = None,
    validation: str | float | None = None,
    class_weight: str = "capped",
    calibrate: str = "none",
    grow_classes: bool = False,
    bootstrap: bool = False,
    seed: int = 0,
    **how: Any,
) -> Checkpoint:
    """Return a checkpoint fitted to the records that have a `label`.

    arch: an architecture with its params (logreg), or init: a checkpoint to start from.
    corpus: records that give the vocabulary; without it the labelled ones do.
    classes: their names and order; without it those of the records, sorted.
    validation: a share, held out by the hash of the id, or "tail=SHARE".
    class_weight: "capped": n / (C * n_c), at most 3; "balanced": without the limit, as
    scikit-learn has it; or "none".
    calibrate: "none", or "temperature" (Guo et al., 2017), on the validation records.
    grow_classes: labels that `init` does not know become classes after its own.
    bootstrap: draw the records with replacement, by seed and id: a committee's member.
    how: epochs, batch_size, learning_rate, schedule, warmup, patience, shuffle,
    precision.

    Raises:
        InputError: fewer than two classes, a label that the classes lack, no words.
        UsageError: an option contradicts `init`, or could have no effect.
    """
    from alcli.core.jsonl import to_blocks
    from alcli.models.training import Training
    from alcli.models.training.records import texts_of

    training = Training(
        arch=arch or (None if init else "logreg"),
        init=init,
        classes=classes,
        field=field if init is None else init.input,
        params=params or {},
        validation=validation,
        class_weight=class_weight,
        calibrate=calibrate,
        grow_classes=grow_classes,
        bootstrap=bootstrap,
        seed=seed,
    )
    for block in to_blocks(records):
        training.add(block)
    known = texts_of(to_blocks(corpus), training.field) if corpus is not None else None
    return training.run(known, **how)


@options.command("train", epilog=architectures.summaries())
@click.argument("files", metavar="[FILE]...", nargs=-1, type=options.INPUT)
@click.option(
    "-o", "--output", required=True, type=options.OUTPUT, help="The checkpoint."
)
@click.option(
    "--arch",
    type=options.PluginName(architectures),
    help="A name from below.  [default: logreg]",
)
@click.option("--init", type=options.INPUT, help="Start from this checkpoint.")
@click.option(
    "--vocabulary-from",
    multiple=True,
    type=options.INPUT,
    help="Take words and IDF from these records, labelled or not; repeatable.",
)
@click.option(
    "--class",
    "classes",
    multiple=True,
    metavar="NAME",
    help="A class; repeatable, in order.  [default: the labels found, sorted]",
)
@click.option(
    "--grow-classes",
    is_flag=True,
    help="Add classes that --init does not know, after its own.",
)
@click.option(
    "--bootstrap",
    is_flag=True,
    help="Draw the records with replacement, by --seed: a member of a committee.",
)
@options.field
@training_options
@options.params
@options.seed
@options.run_options()
def command(
    files: tuple[str, ...],
    output: str,
    arch: str | None,
    init: str | None,
    vocabulary_from: tuple[str, ...],
    classes: tuple[str, ...],
    field: str | None,
    params: tuple[str, ...],
    validation: str | None,
    class_weight: str,
    calibrate: str,
    grow_classes: bool,
    bootstrap: bool,
    seed: int,
    order: str,
    run: RunOptions,
    **how: Any,
) -> None:
    """Fit a model to labelled records.

    Records without a label are passed over. With --epochs 0 records are read only from
    FILEs that are named, and the classes from --class. While there is no label, or all
    are of one class, the --init is written as it is, with a word. Memory: the texts,
    those of --vocabulary-from too, and an entry for each of their different words or
    n-grams.
    """
    from alcli.core.files import replacing
    from alcli.core.jsonl import blocks
    from alcli.core.params import parse
    from alcli.core.run import collect_files
    from alcli.models.checkpoint import Checkpoint
    from alcli.models.families import load_family
    from alcli.models.training import Training
    from alcli.models.training.records import texts_of

    if init and (arch or field or vocabulary_from or params):
        raise UsageError(
            "--init fixes architecture, parameters, vocabulary and field: leave out "
            "--arch, --set, --vocabulary-from and --field"
        )
    if len(set(classes)) < len(classes):
        raise UsageError(f"--class {', '.join(classes)}: one stands there twice")
    untrained = how["epochs"] == 0
    if files or not untrained:
        options.reading(files)
    arch = arch or ("logreg" if not init else None)
    settings = (
        parse(params, load_family(architectures.family_of(arch)).defaults(arch))
        if arch
        else {}
    )
    training = Training(
        arch=arch,
        init=Checkpoint.load(init) if init else None,
        init_path=init,
        classes=classes,
        field=field or "tokens",
        params=settings,
        validation=validation,
        class_weight=class_weight,
        calibrate=calibrate,
        grow_classes=grow_classes,
        bootstrap=bootstrap,
        seed=seed,
    )
    with replacing(output) as file:  # a folder that is missing is found out now
        if files or not untrained:
            collect_files(training, files, run)
        corpus = (
            texts_of(blocks(vocabulary_from), training.field)
            if vocabulary_from
            else None
        )
        checkpoint = training.run(
            corpus, shuffle=order == "shuffle", files=files, **how
        )
        checkpoint.dump(file)
    if signal := Signalled.number:
        raise Signalled(signal)  # the work is kept, the process dies all the same
