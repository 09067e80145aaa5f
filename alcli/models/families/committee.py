"""Several learners asked as one: their mean probabilities, their vectors in a row."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from alcli.core.errors import CheckpointError
from alcli.models.families import Asked, Members, Prediction, refuse


class Committee:
    """A learner whose members all have a say; they share classes and their order.

    members: learners, or checkpoints.
    """

    def __init__(self, members: Sequence[Asked]) -> None:
        self.members, self.labels = members, members[0].labels

    def predict(
        self,
        texts: Sequence[str],
        want: Collection[str] = (),
        *,
        passes: int = 20,
        seed: int = 0,
    ) -> Prediction:
        """Return the mean of the members' probabilities, and each one's as `stack`.

        vectors: those of the m members in a row, / sqrt(m), so that the square of a
        distance is the mean over the members; fed likewise. passes, seed: of no use,
        for the members are the stack.
        """
        refuse("committee", want, {"stack", "vectors", "fed"})
        own = {"vectors", "fed"} & set(want)
        found = [member.predict(texts, own) for member in self.members]
        stack = np.stack([one.probs for one in found])
        parts = [one.vectors for one in found if one.vectors is not None]
        share = np.float32(1 / np.sqrt(len(found)))
        vectors = share * np.concatenate(parts, axis=1) if parts else None
        lengths = [one.fed for one in found if one.fed is not None]
        fed = np.sqrt(np.square(lengths).mean(axis=0)) if lengths else None
        return Prediction(stack.mean(axis=0, dtype=np.float32), vectors, stack, fed=fed)

    def remember(self, texts: Sequence[str]) -> None:
        """Let each member look at texts that are met often."""
        for member in self.members:
            member.remember(texts)

    def save(self) -> tuple[dict[str, Any], Members]:
        """Raise a CheckpointError: a committee is the files of its members."""
        raise CheckpointError("a committee is not stored; its members are")
