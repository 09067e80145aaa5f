"""Several learners asked as one: their mean probabilities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from alcli.checkpoint import Checkpoint
from alcli.core.errors import CheckpointError
from alcli.learners import Prediction


def load(paths: Sequence[str]) -> Checkpoint:
    """Return one checkpoint, or a committee of several files.

    Raises:
        CheckpointError: the members differ in their classes or in what they read.
    """
    return join([Checkpoint.load(path) for path in paths], paths)


def join(members: Sequence[Checkpoint], names: Sequence[str] = ()) -> Checkpoint:
    """Return the only member, or a committee of all."""
    first = members[0]
    for member, name in zip(members, names or ["a member"] * len(members), strict=True):
        if (member.labels, member.input) != (first.labels, first.input):
            raise CheckpointError(
                f"{name}: a committee needs one order of classes and one input; this "
                f"has {member.labels} from {member.input!r}, "
                f"the first {first.labels} from {first.input!r}"
            )
    if len(members) == 1:
        return first
    keys = [member.training["key"] for member in members]
    training = {"key": "+".join(keys), "records": first.training["records"]}
    return Checkpoint(Committee(members), "committee", first.input, training)


class Committee:
    """A learner whose members all have a say."""

    def __init__(self, members: Sequence[Checkpoint]) -> None:
        self.members, self.labels = members, members[0].labels

    def predict(self, texts: Sequence[str]) -> Prediction:
        """Return the mean of the members' probabilities, (n, C)."""
        answers = [member.predict(texts).probs for member in self.members]
        return Prediction(np.mean(answers, axis=0, dtype=np.float32))

    def save(self) -> tuple[dict[str, object], dict[str, bytes]]:
        """Raise: a committee is the files of its members."""
        raise CheckpointError("a committee is not stored; its members are")
