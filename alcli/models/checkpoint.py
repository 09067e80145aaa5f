"""A trained model with all that is known of it, as one file.

`checkpoint.json` in it has the family, the architecture with its parameters, the class
names, the field that the model reads, and how it was trained.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from alcli.core import container
from alcli.core.errors import CheckpointError, SurroundingsError
from alcli.core.files import replacing
from alcli.core.report import log
from alcli.numerics.calibration import tempered

if TYPE_CHECKING:
    from alcli.models.families import Learner, Prediction

KIND = "model"


@dataclass(frozen=True)
class Checkpoint:
    """A learner, the field it reads (`tokens` or `text`), and its training.

    temperature: of the probabilities; above 1 they are less sure (Guo et al., 2017).
    """

    learner: Learner
    family: str
    input: str = "tokens"
    temperature: float = 1.0
    training: dict[str, Any] = field(default_factory=dict)

    @property
    def labels(self) -> list[str]:
        """The class names, in the order of the probabilities."""
        return self.learner.labels

    def predict(
        self,
        texts: Sequence[str],
        want: Collection[str] = (),
        *,
        passes: int = 20,
        seed: int = 0,
    ) -> Prediction:
        """Return class probabilities (n, C) for the contents of the input field.

        want: `vectors` (n, d) of one model, `stack` (m, n, C) of a committee's members,
        or of a network's passes of dropout, drawn by the seed.

        Raises:
            UsageError: this model has no such thing.
        """
        found = self.learner.predict(texts, want, passes=passes, seed=seed)
        if self.temperature == 1:
            return found
        stack = found.stack
        return replace(
            found,
            probs=tempered(found.probs, self.temperature),
            stack=None if stack is None else tempered(stack, self.temperature),
        )

    def remember(self, texts: Sequence[str]) -> None:
        """Look once at texts that are met often; what is fitted from it knows them too.

        No answer changes, but the time that it takes. Memory: 12 bytes an n-gram of the
        texts, or 4 a word.
        """
        self.learner.remember(texts)

    def save(self, path: str) -> None:
        """Write the file, or leave the old one."""
        with replacing(path) as file:
            self.dump(file)

    def dump(self, file: BinaryIO) -> None:
        """Write to an open file."""
        spec, members = self.learner.save()
        card = {
            "kind": KIND,
            "family": self.family,
            "input": self.input,
            "temperature": self.temperature,
            **spec,
            "training": self.training,
        }
        container.dump(file, card, members)

    @classmethod
    def load(cls, path: str) -> Self:
        """Read a file; safe with a stranger's, for nothing in it is executed.

        Raises:
            CheckpointError: it is missing, damaged, of a later format or another kind.
        """
        from alcli.models.families import family

        card, members = container.read(path, KIND)
        try:
            learner = family(card["family"]).load(card, members)
            found = cls(
                learner,
                card["family"],
                card["input"],
                float(card.get("temperature", 1)),
                card["training"],
            )
            str(found.training["key"]), list(found.labels)
        except SurroundingsError:
            raise
        except Exception as error:  # whatever a wrong member makes its reader raise
            raise CheckpointError(f"{path}: cannot be loaded: {error}") from error
        return found


def warn_of_repeats(keys: Sequence[str], names: Sequence[str]) -> None:
    """Log a line for each member of a committee that is the same as one before it.

    keys: of the members' trainings.
    """
    first: dict[str, str] = {}
    for key, name in zip(keys, names, strict=True):
        if key in first:
            log.warning(
                "%s is the same model as %s: the two count twice and never differ",
                name,
                first[key],
            )
        first.setdefault(key, name)


def load(paths: Sequence[str]) -> Checkpoint:
    """Return the checkpoint in a file, or the committee in several.

    Raises:
        CheckpointError: one is damaged, or differs from the first in classes or input.
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
    from alcli.models.families.committee import Committee

    keys = [member.training["key"] for member in members]
    training = {
        "key": "+".join(keys),
        "records": first.training["records"],
        "kept_epoch": max(m.training.get("kept_epoch", 1) for m in members),
    }
    committee = Committee(members)
    return Checkpoint(committee, "committee", first.input, training=training)
