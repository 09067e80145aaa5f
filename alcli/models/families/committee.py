"""Committees: the mean probabilities of several models, their vectors concatenated."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from alcli.core.errors import CheckpointError
from alcli.models.families import Members, Prediction, Predictor, reject_unavailable


class Committee:
    """Committee of models with the same classes in the same order.

    members: learners, or checkpoints.
    """

    def __init__(self, members: Sequence[Predictor]) -> None:
        self.members, self.labels = members, members[0].labels

    def predict(
        self,
        texts: Sequence[str],
        want: Collection[str] = (),
        *,
        passes: int = 20,
        seed: int = 0,
    ) -> Prediction:
        """Return the mean probabilities, (n, C), with the members' as `member_probs`.

        vectors: the vectors of the m members concatenated, divided by sqrt(m), so that
        a squared distance is the mean of the members' squared distances.
        last_layer_norm: the root mean square of the members'. passes, seed: ignored,
        for the member probabilities are those of the members.
        """
        reject_unavailable(
            "committee", want, {"member_probs", "vectors", "last_layer_norm"}
        )
        from_members = {"vectors", "last_layer_norm"} & set(want)
        found = [member.predict(texts, from_members) for member in self.members]
        member_probs = np.stack([p.probs for p in found])
        parts = [p.vectors for p in found if p.vectors is not None]
        share = np.float32(1 / np.sqrt(len(found)))
        vectors = share * np.concatenate(parts, axis=1) if parts else None
        norms = [p.last_layer_norm for p in found if p.last_layer_norm is not None]
        norm = np.sqrt(np.square(norms).mean(axis=0)) if norms else None
        probs = member_probs.mean(axis=0, dtype=np.float32)
        return Prediction(probs, vectors, member_probs, last_layer_norm=norm)

    def cache_texts(self, texts: Sequence[str]) -> None:
        """Cache the features of texts in each member."""
        for member in self.members:
            member.cache_texts(texts)

    def save(self) -> tuple[dict[str, Any], Members]:
        """Raise a CheckpointError: a committee is loaded from its members' files."""
        raise CheckpointError("a committee cannot be saved; save its members")
