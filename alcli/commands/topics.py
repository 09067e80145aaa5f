"""Add the most probable topic to every record, or its cluster.

Memory: to fit, the texts, 12 bytes per distinct word of each, and 24 K bytes per text,
or the vectors; to assign, a block. The input is read twice; a pipe is copied aside
first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from alcli.cli import options
from alcli.features.topics.assign import BLOCK, AssignTopics
from alcli.features.topics.fit import TopicFitter
from alcli.features.topics.fitted import FittedTopics
from alcli.features.topics.methods import methods

if TYPE_CHECKING:
    from alcli.core.jsonl import Record
    from alcli.core.run import RunOptions
    from alcli.features.vectors import Vectors


def topics(
    records: Iterable[Record],
    *,
    method: str = "lda",
    vectors: Vectors | None = None,
    subsample: int | None = None,
    seed: int = 0,
    **params: Any,
) -> Iterator[Record]:
    """Yield every record with `topic` and `topic_prob`, fitted on all of them.

    vectors: `Vectors.of(ids, array)` or `Vectors.read(files)` of
    alcli.features.vectors, for clusters of vectors. subsample: how many records are
    fitted on. params: of the method; for `lda` topics, max_iter, stopwords, min_count,
    ...

    Raises:
        InputError: a record has no `tokens`, or no vector, or no word is left.
    """
    from alcli.core.jsonl import to_blocks
    from alcli.core.run import collect, run_records

    records, found = list(records), methods.builtin(method)
    gather = TopicFitter(found, vectors or ())
    collect(gather, to_blocks(records))
    fitted = gather.fit(subsample, seed=seed, **params)
    return run_records(AssignTopics(fitted, gather.known or ()), records)


@options.command("topics", epilog=methods.summaries("fit", hidden=["seed"]))
@options.inputs
@options.output
@click.option(
    "--method",
    type=options.PluginName(methods),
    default="lda",
    show_default=True,
    help="A name from below.",
)
@click.option("--save", type=options.OUTPUT, help="Keep the topics for other records.")
@click.option("--load", "saved", type=options.INPUT, help="Use topics kept by --save.")
@click.option(
    "--vectors",
    multiple=True,
    type=options.INPUT,
    help="An Arrow file of vectors by id, of `alcli score --vectors`, for clusters; "
    "repeatable.",
)
@click.option(
    "--subsample",
    type=click.IntRange(min=1),
    metavar="N",
    help="Fit on a sample of N records.",
)
@click.option("--words", default=0, metavar="N", help="Show N of its words, on stderr.")
@options.params
@options.seed
@options.run_options(jobs_too=True)
def command(
    files: tuple[str, ...],
    output: str,
    method: str,
    save: str | None,
    saved: str | None,
    vectors: tuple[str, ...],
    subsample: int | None,
    words: int,
    params: tuple[str, ...],
    seed: int,
    run: RunOptions,
) -> None:
    """Add the most probable `topic` of each record, and its probability.

    Topics are fitted on all of the input, which is read twice, or come from --load;
    then --method and --seed mean nothing. A `topic` that is there is replaced. A text
    without a known word has topic -1, and so has noise. `alcli normalize` makes the
    `tokens`; methods for clusters look at --vectors:

    \b
      alcli score pool.jsonl -m m --vectors v.arrow -o scored.jsonl
      alcli topics scored.jsonl --method dbscan --vectors v.arrow | \\
        alcli select -s entropy --stratify topic -n 100

    Memory for the fit: the texts, 12 bytes per distinct word of each, and 24 K bytes
    per text, for K topics; or the vectors, two or three times, and for dbscan 12 bytes
    for each pair of neighbours, which is checked before.
    """
    from alcli.core.errors import UsageError
    from alcli.core.files import replacing
    from alcli.core.inputs import readable_twice
    from alcli.core.jsonl import blocks
    from alcli.core.params import defaults, parse
    from alcli.core.report import log
    from alcli.core.run import collect, run_files
    from alcli.text.persian.stopwords import STOPWORD_LISTS

    if saved and (save or params or subsample):
        more = "--save, --subsample and --set"
        raise UsageError(f"--load comes without {more}: nothing is fitted")
    fitted = FittedTopics.load(saved) if saved else None
    found = fitted.method if fitted else methods.builtin(method)
    known = {k: v for k, v in defaults(found.fit).items() if k != "seed"}
    settings = parse(params, known)
    if settings.get("stopwords", "none") not in STOPWORD_LISTS:
        options.report().input(settings["stopwords"])
    if words and not hasattr(found, "words"):
        raise UsageError(f"--words: {found.__name__} knows no words")
    if fitted:
        fitted.open_vectors(vectors)  # what is wrong with them is told at once
    else:
        gather = TopicFitter(found, vectors)
    with readable_twice(files) as paths:
        if fitted is None:
            collect(gather, blocks(paths), skip_invalid=run.skip_invalid)
            fitted = gather.fit(subsample, seed=seed, **settings)
        for number, row in enumerate(fitted.topics.words(words) if words else ()):
            log.info("topic %d: %s", number, " ".join(row))
        step = AssignTopics(fitted, vectors)
        with replacing(save) if save else nullcontext() as file:
            if file:
                fitted.dump(file)
            run = replace(run, block=BLOCK if vectors else None)
            run_files(step, paths, output, run)
