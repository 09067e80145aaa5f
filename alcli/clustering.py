"""Topics and clusters of records: what they are fitted on, and the step that adds them.

A method looks at the `tokens` of a record, or at its vector, by id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from alcli.clusters import SMALLER, methods

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from alcli.core.arrow import Vectors
    from alcli.core.step import Block, Result, Work

KIND = "topics"
BLOCK = 16384  # records that are looked up together


@dataclass(frozen=True)
class Assign:
    """The step: `tokens`, or `id` and its vector -> `topic`, `topic_prob`.

    path: of the topics, or model: they themselves. vectors: files, or known: what is in
    memory of them.
    """

    path: str | None = None
    vectors: tuple[str, ...] = ()
    model: Any = field(default=None, compare=False)
    known: Vectors | None = field(default=None, compare=False)

    def start(self) -> Work:
        """Load the topics."""
        import msgspec

        from alcli.core import jsonl
        from alcli.core.step import Result

        model = self.model or load(self.path or "")
        known = self.known or mapped(model, self.vectors)
        require_width(known, model)
        row = msgspec.defstruct(
            "Row",
            [
                *looked_at(model),
                ("topic", *jsonl.optional(msgspec.Raw)),
                ("topic_prob", *jsonl.optional(msgspec.Raw)),
            ],
            gc=False,
        )
        decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(row)

        def work(block: Block) -> Result:
            rows = block.decode(decoder)
            content = [content_of(row) for row in rows]
            if known is None:
                topics, probs = model.assign(content)
            else:
                topics, probs = model.assign(known.take(places(block, known, content)))
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


class Gather:
    """Takes blocks; `rows` is what a method is fitted on: n texts, or (n, d)."""

    def __init__(self, method: Any, vectors: Sequence[str] | Vectors = ()) -> None:
        import msgspec

        self.known = mapped(method, vectors)
        row = msgspec.defstruct("Row", looked_at(method), gc=False)
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(row)
        self._content: list[str] = []
        self._places: list[NDArray[np.intp]] = []

    def add(self, block: Block) -> Result:
        """Look at the records of a block.

        Raises:
            InputError: a record has no `tokens`, or no vector.
        """
        from alcli.core.step import Result

        content = [content_of(row) for row in block.decode(self._decoder)]
        if self.known is not None:
            self._places.append(places(block, self.known, content))
        self._content += content
        return Result([], {})

    def rows(self, subsample: int | None = None, *, seed: int = 0) -> Any:
        """Return all of them, or a sample by chance; in the order of the records.

        Raises:
            InputError: there is no record.
            MemoryRefused: there is not enough for the vectors.
        """
        import numpy as np

        from alcli.core.errors import InputError
        from alcli.core.memory import ensure

        if not self._content:
            raise InputError("no records to find topics in")
        some = np.arange(len(self._content))
        if subsample is not None and subsample < len(some):
            chance = _chance(self._content, seed)
            some = np.sort(np.argsort(-chance, kind="stable")[:subsample])
        if self.known is None:
            return [self._content[row] for row in some.tolist()]
        ensure(4 * len(some) * self.known.width, remedy=SMALLER)
        return self.known.take(np.concatenate(self._places)[some])


def _chance(content: Sequence[str], seed: int) -> NDArray[np.float64]:
    """Return a number for each, (n,), by what it is and how often it was there."""
    from alcli.core.ids import noise

    times: Counter[str] = Counter()
    names = []
    for one in content:
        names.append(f"{times[one]}\0{one}")
        times[one] += 1
    return noise(seed, names)


def looked_at(method: Any) -> list[tuple[str, Any]]:
    """Return the field of a record that a method looks at, and its type."""
    return [("tokens", str)] if method.INPUT == "tokens" else [("id", str | int)]


def mapped(method: Any, vectors: Sequence[str] | Vectors) -> Vectors | None:
    """Return the vectors that a method looks at; None if it looks at `tokens`.

    Raises:
        UsageError: it needs vectors and there are none, or the other way round.
    """
    from alcli.core.arrow import REMEDY, Vectors
    from alcli.core.errors import UsageError

    name = type(method).__name__ if not isinstance(method, type) else method.__name__
    if method.INPUT == "tokens":
        if vectors:
            raise UsageError(f"{name} looks at tokens: no --vectors")
        return None
    if not vectors:
        raise UsageError(f"{name} needs --vectors FILE; {REMEDY}")
    return vectors if isinstance(vectors, Vectors) else Vectors.read(vectors)


def require_width(known: Vectors | None, model: Any) -> None:
    """Raise an InputError if clusters were fitted on vectors of another width."""
    from alcli.core.arrow import REMEDY
    from alcli.core.errors import InputError

    if known is not None and known.width != model.width:
        raise InputError(
            f"vectors of {known.width} numbers, the clusters are of {model.width}: of "
            f"another model; {REMEDY} of one model",
            source=known.source,
        )


def content_of(row: Any) -> str:
    """Return the tokens of a decoded record, or its id."""
    from alcli.core.step import identity

    return row.tokens if hasattr(row, "tokens") else identity(row.id)


def places(block: Block, known: Vectors, ids: Sequence[str]) -> NDArray[np.intp]:
    """Return where the vectors of a block's records are, (n,).

    Raises:
        InputError: a record has none.
    """
    found = known.rows(ids)
    lacking = found < 0
    if lacking.any():
        row = int(lacking.argmax())
        said = known.lacking(int(lacking.sum()), len(ids), "records", ids[row])
        raise block.error(row, said)
    return found


def load(path: str) -> Any:
    """Return the topics of a file written by `topics --save`.

    Raises:
        CheckpointError: it is missing, damaged, or something else.
    """
    from alcli.core import container
    from alcli.core.errors import CheckpointError, SurroundingsError

    card, members = container.read(path, KIND)
    try:
        return methods.own(card["method"]).load(card, members)
    except SurroundingsError:
        raise
    except Exception as error:  # whatever a wrong member makes its reader raise
        raise CheckpointError(f"{path}: cannot be loaded: {error}") from error
