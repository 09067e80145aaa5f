"""Add the most probable topic to every record.

Memory: to fit, the texts, 12 bytes per distinct word of each, and 24 K bytes per text;
to assign, a block. The input is read twice; a pipe is copied aside first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from alcli import options
from alcli.clusters import methods

if TYPE_CHECKING:
    from alcli.core.jsonl import Record
    from alcli.core.step import Block, Result, Work

KIND = "topics"


@dataclass(frozen=True)
class Assign:
    """The step: `tokens` -> `topic`, `topic_prob`."""

    path: str | None = None
    model: Any = field(default=None, compare=False)

    def start(self) -> Work:
        """Load the topics."""
        import msgspec

        from alcli.core import jsonl
        from alcli.core.step import Result

        model = self.model or load(self.path or "")
        row = msgspec.defstruct(
            "Row",
            [
                ("tokens", str),
                ("topic", *jsonl.optional(msgspec.Raw)),
                ("topic_prob", *jsonl.optional(msgspec.Raw)),
            ],
            gc=False,
        )
        decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(row)

        def work(block: Block) -> Result:
            rows = block.decode(decoder)
            topics, probs = model.assign([row.tokens for row in rows])
            lines = []
            for row, line, topic, prob in zip(
                rows, block.lines, topics.tolist(), probs.round(6).tolist(), strict=True
            ):
                if (
                    row.topic is not msgspec.UNSET
                    or row.topic_prob is not msgspec.UNSET
                ):
                    line = jsonl.without(line, "topic", "topic_prob")
                addition = jsonl.members({"topic": topic, "topic_prob": prob})
                lines.append(jsonl.splice(line, addition))
            return Result(lines, {"read": len(rows)})

        return work


def topics(
    records: Iterable[Record], *, method: str = "lda", **params: Any
) -> Iterator[Record]:
    """Yield every record with `topic` and `topic_prob`, fitted on all of them.

    params: of the method; for `lda` topics, max_iter, stopwords, min_count, seed, ...

    Raises:
        InputError: a record has no `tokens`, or no word is left.
    """
    from alcli.core.run import over

    records = list(records)
    model = methods.get(method).fit((r["tokens"] for r in records), **params)
    return over(Assign(model=model), records)


def load(path: str) -> Any:
    """Return the topics of a file written by `--save`."""
    from alcli.core import container
    from alcli.core.errors import CheckpointError, SurroundingsError

    card, members = container.read(path, KIND)
    try:
        return methods.own(card["method"]).load(card, members)
    except SurroundingsError:
        raise
    except Exception as error:  # whatever a wrong member makes its reader raise
        raise CheckpointError(f"{path}: cannot be loaded: {error}") from error


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
@click.option("--words", default=0, metavar="N", help="Show N of its words, on stderr.")
@options.params
@options.seed
@options.jobs
@options.invalid
def command(
    files: tuple[str, ...],
    output: str,
    method: str,
    save: str | None,
    saved: str | None,
    words: int,
    params: tuple[str, ...],
    seed: int,
    **running: Any,
) -> None:
    """Add the most probable `topic` of each record, and its probability.

    Topics are fitted on all of the input, which is read twice, or come from --load;
    then --method and --seed mean nothing. A `topic` that is there is replaced. A text
    without a known word has topic -1. `alcli normalize` makes the `tokens`.

    Memory for the fit: the texts, 12 bytes per distinct word of each, and 24 K bytes
    per text, for K topics.
    """
    from alcli.core import container
    from alcli.core.errors import InputError, UsageError
    from alcli.core.files import replacing
    from alcli.core.inputs import readable_twice
    from alcli.core.jsonl import blocks
    from alcli.core.params import defaults, parse
    from alcli.core.report import log
    from alcli.core.run import Local, run, through
    from alcli.text.stopwords import LISTS

    if saved and (save or params):
        raise UsageError("--load comes without --save and --set: nothing is fitted")
    found = methods.get(method)
    known = {k: v for k, v in defaults(found.fit).items() if k != "seed"}
    settings = parse(params, known)
    if settings.get("stopwords", "none") not in LISTS:
        options.report().input(settings["stopwords"])
    with readable_twice(files) as paths:
        if saved:
            model = load(saved)
        else:
            texts = _Texts()
            gather = Local(texts.add)
            lenient = running["skip_invalid"]
            for _ in run(gather, blocks(paths), skip_invalid=lenient):
                pass
            if not texts.texts:
                raise InputError("no records to find topics in")
            model = found.fit(texts.texts, seed=seed, **settings)
        for number, row in enumerate(model.words(words) if words else ()):
            log.info("topic %d: %s", number, " ".join(row))
        step = Assign(model=model)
        with replacing(save) if save else nullcontext() as file:
            if file:
                card, members = model.save()
                container.dump(file, {"kind": KIND, "method": method, **card}, members)
            through(step, paths, output, report=options.report(), **running)


class _Texts:
    def __init__(self) -> None:
        import msgspec

        row = msgspec.defstruct("Row", [("tokens", str)], gc=False)
        self.decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(row)
        self.texts: list[str] = []

    def add(self, block: Block) -> Result:
        from alcli.core.step import Result

        self.texts += [row.tokens for row in block.decode(self.decoder)]
        return Result([], {})
