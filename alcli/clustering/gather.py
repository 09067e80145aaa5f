"""What a method is fitted on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from alcli.clustering.looking import content_of, looked_at, mapped, places
from alcli.clusters import SMALLER

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from alcli.core.step import Block, Result
    from alcli.core.vectors import Vectors


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
