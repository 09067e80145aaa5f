"""Fast writer of probabilities into lines."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from alcli.core.members import splice
from alcli.core.types import Float32s, Floats


class ProbsWriter:
    """Writer of `probs` and `pred` into lines that have neither.

    Numbers have the shortest form that gives the same float32 again.

    labels: class names, in the order of the probabilities.
    """

    def __init__(self, labels: Sequence[str]) -> None:
        names = [msgspec.json.encode(label) for label in labels]
        escaped = [name.replace(b"%", b"%%") for name in names]
        inside = b",".join(name + b":%b" for name in escaped)
        self._template = b'"probs":{%b},"pred":%%b' % inside
        self._names = names

    def __call__(self, lines: Sequence[bytes], probs: Float32s) -> list[bytes]:
        """Return the n lines with their probs, (n, C)."""
        flat = pa.array(np.ascontiguousarray(probs, np.float32).ravel())
        texts = [text.encode() for text in pc.cast(flat, pa.string()).to_pylist()]
        width, template, names = probs.shape[1], self._template, self._names
        return [
            splice(
                line,
                template % (*texts[row * width : (row + 1) * width], names[best]),
            )
            for row, (line, best) in enumerate(
                zip(lines, probs.argmax(axis=1).tolist(), strict=True)
            )
        ]


def json_floats(values: Float32s) -> Floats:
    """Return the numbers that JSON of float32 numbers is read as, same shape.

    Records carry the shortest decimal form of a float32; as a float64 it differs from
    the float32 by up to 6e-8 of its size, which decides between near ties.

    >>> float(np.float32(0.1)), json_floats(np.array([0.1], np.float32)).tolist()
    (0.10000000149011612, [0.1])
    """
    texts = pc.cast(pa.array(values.ravel()), pa.string())
    numbers: Floats = pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False)
    return numbers.reshape(values.shape)
