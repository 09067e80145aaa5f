"""Checkpoints: a trained model, its settings and its training record, in one file.

Its member `checkpoint.json` holds the family, the architecture with its parameters, the
class names, the input field, the temperature, and the training record.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO, Self

from alcli.core import container
from alcli.core.errors import CheckpointError, SurroundingsError
from alcli.core.files import replacing
from alcli.core.log import log
from alcli.models.families import Learner, Prediction, load_family
from alcli.models.families.committee import Committee
from alcli.numerics.calibration import apply_temperature

KIND = "model"


@dataclass(frozen=True)
class Checkpoint:
    """A learner with its input field, temperature and training record.

    learner: the fitted model. family: the name of its family. input: the name of the
    record field that it reads, such as `tokens` or `text`. temperature: the divisor of
    the logits, above 1 for flatter probabilities (Guo et al., 2017). training: the
    training record, JSON-ready.
    """

    learner: Learner
    family: str
    input: str = "tokens"
    temperature: float = 1.0
    training: dict[str, Any] = field(default_factory=dict)

    @property
    def labels(self) -> list[str]:
        """Class names, in the order of the probabilities' columns."""
        return self.learner.labels

    def predict(
        self,
        texts: Sequence[str],
        want: Collection[str] = (),
        *,
        passes: int = 20,
        seed: int = 0,
    ) -> Prediction:
        """Return class probabilities, (n, C), with the requested extra arrays.

        texts: contents of the input field, n strings. want: names of further fields of
        `Prediction` to compute. passes: number of dropout passes for the `member_probs`
        of one network. seed: seed of their masks.

        Raises:
            UsageError: the model cannot compute a requested field.
        """
        found = self.learner.predict(texts, want, passes=passes, seed=seed)
        if self.temperature == 1:
            return found
        members = found.member_probs
        return replace(
            found,
            probs=apply_temperature(found.probs, self.temperature),
            member_probs=None
            if members is None
            else apply_temperature(members, self.temperature),
        )

    def cache_texts(self, texts: Sequence[str]) -> None:
        """Precompute and cache the features of texts; descendants share the cache.

        Predictions do not change, only their time does. Models fitted from this one
        share the cache. Memory: 12 bytes per n-gram of the texts, or 4 per word.
        """
        self.learner.cache_texts(texts)

    def save(self, path: str) -> None:
        """Write the checkpoint to a file, which is replaced only if that succeeds."""
        with replacing(path) as file:
            self.dump(file)

    def dump(self, file: BinaryIO) -> None:
        """Write the checkpoint to an open binary file."""
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
        """Read a checkpoint file, without executing anything in it.

        Raises:
            CheckpointError: the file is missing, damaged, of a later format or of
                another kind.
        """
        card, members = container.read(path, KIND)
        try:
            learner = load_family(card["family"]).load(card, members)
            found = cls(
                learner,
                card["family"],
                card["input"],
                float(card.get("temperature", 1)),
                card["training"],
            )
            # touch the fields that a damaged file may lack, so that it fails here
            str(found.training["key"]), list(found.labels)
        except SurroundingsError:
            raise
        except Exception as error:  # each reader raises its own kind
            raise CheckpointError(f"{path}: cannot be loaded: {error}") from error
        return found


def warn_duplicate_members(keys: Sequence[str], names: Sequence[str]) -> None:
    """Warn of each committee member that duplicates an earlier member.

    keys: training keys of the members. names: their file names, for the message.
    """
    first: dict[str, str] = {}
    for key, name in zip(keys, names, strict=True):
        if key in first:
            log.warning(
                "%s is the same model as %s; remove one, for both always agree",
                name,
                first[key],
            )
        first.setdefault(key, name)


def load(paths: Sequence[str]) -> Checkpoint:
    """Return the checkpoint of one file, or a committee of several.

    Raises:
        CheckpointError: a file is damaged, or its classes or input field differ from
            the first file's.
    """
    return join([Checkpoint.load(path) for path in paths], paths)


def join(members: Sequence[Checkpoint], names: Sequence[str] = ()) -> Checkpoint:
    """Return the only member, or a committee of all members.

    names: file names of the members, for messages.

    Raises:
        CheckpointError: the classes or the input field of a member differ from those of
            the first.
    """
    first = members[0]
    for member, name in zip(members, names or ["a member"] * len(members), strict=True):
        if (member.labels, member.input) != (first.labels, first.input):
            raise CheckpointError(
                f"{name}: a committee needs the same classes, in the same order, and "
                f"the same input field; this model has {member.labels} from "
                f"{member.input!r}, the first has {first.labels} from {first.input!r}"
            )
    if len(members) == 1:
        return first
    keys = [member.training["key"] for member in members]
    training = {
        "key": "+".join(keys),
        "records": first.training["records"],
        "kept_epoch": max(m.training.get("kept_epoch", 1) for m in members),
    }
    committee = Committee(members)
    return Checkpoint(committee, "committee", first.input, training=training)
