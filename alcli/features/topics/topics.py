"""Topics or clusters of records: fitted or loaded, then added to every record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from typing import Unpack

from alcli.core.errors import UsageError
from alcli.core.files import replacing
from alcli.core.inputs import readable_twice
from alcli.core.jsonl import Record, blocks, to_blocks
from alcli.core.log import log
from alcli.core.params import parse
from alcli.core.run import collect, run_files, run_records
from alcli.core.run_options import RunOptions
from alcli.features.settings import TopicParameters, TopicSettings
from alcli.features.topics.assign import BLOCK, AssignTopics
from alcli.features.topics.fit import TopicFitter
from alcli.features.topics.fitted import FittedTopics
from alcli.features.topics.methods import check_parameters, methods, parameters
from alcli.features.vectors import Vectors
from alcli.text.persian.stopwords import STOPWORD_LISTS


def topics(
    records: Iterable[Record],
    *,
    method: str = "lda",
    vectors: Vectors | None = None,
    subsample: int | None = None,
    seed: int = 0,
    **params: Unpack[TopicParameters],
) -> Iterator[Record]:
    """Yield every record with `topic` and `topic_prob`, after a fit on all records.

    vectors: `Vectors.of(ids, array)` or `Vectors.read(files)` of
        alcli.features.vectors, for cluster methods.
    subsample: number of records in the random sample of the fit; by default all.
    params: parameters of the method; for `lda` topics, max_iter, stopwords, min_count,
        ...

    Raises:
        InputError: a record has no `tokens`, or no vector, or no word is left.
        UsageError: an unknown method, or vectors missing or superfluous.
    """
    plugin = methods.builtin(method)
    check_parameters(plugin, params)
    records = list(records)
    fitter = TopicFitter(plugin, vectors or ())
    fitted = collect(fitter, to_blocks(records)).fit(subsample, seed=seed, **params)
    return run_records(AssignTopics(fitted, vectors or ()), records)


def topics_files(
    files: tuple[str, ...],
    output: str,
    settings: TopicSettings,
    run: RunOptions,
    *,
    params: tuple[str, ...] = (),
    save: str | None = None,
) -> None:
    """Add topics to the records of files; a fit reads them twice.

    params: parameters of the method, KEY=VALUE each.
    save: path to which the fitted topics are written.

    Raises:
        UsageError: settings that exclude each other, or an unknown method or parameter.
        CheckpointError: the saved topics are missing or damaged.
        InputError: as in `topics`.
    """
    if settings.load and (save or params or settings.subsample):
        more = "--save, --subsample and --set"
        raise UsageError(f"--load excludes {more}: nothing is fitted")
    fitted = FittedTopics.load(settings.load) if settings.load else None
    method = fitted.method if fitted else methods.builtin(settings.method)
    values = parse(params, parameters(method))
    check_parameters(method, values)
    if values.get("stopwords", "none") not in STOPWORD_LISTS:
        run.report.input(values["stopwords"])
    if settings.words and not hasattr(method, "words"):
        raise UsageError(f"--words: {method.__name__} has no words")
    if fitted:
        fitted.open_vectors(settings.vectors)  # raises before records are read
        _assign(fitted, files, output, settings, run)
        return
    fitter = TopicFitter(method, settings.vectors)
    with readable_twice(files) as paths:
        collect(fitter, blocks(paths), skip_invalid=run.skip_invalid)
        fitted = fitter.fit(settings.subsample, seed=settings.seed, **values)
        with replacing(save) if save else nullcontext() as file:
            if file:
                fitted.dump(file)
            _assign(fitted, paths, output, settings, run)


def _assign(
    fitted: FittedTopics,
    files: Sequence[str],
    output: str,
    settings: TopicSettings,
    run: RunOptions,
) -> None:
    if settings.words:
        for number, words in enumerate(fitted.topics.words(settings.words)):
            log.info("topic %d: %s", number, " ".join(words))
    if settings.vectors:
        run = run._replace(block=BLOCK)
    run_files(AssignTopics(fitted, settings.vectors), files, output, run)
