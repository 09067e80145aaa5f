"""Gather labelled records and make a checkpoint of them.

What identifies a training is its key: sha256 of the records used (ids, labels, texts,
in order), of the start, and of every argument that could change the outcome.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from itertools import compress
from typing import Any

import msgspec

from alcli import models
from alcli.checkpoint import Checkpoint
from alcli.core.errors import InputError, UsageError
from alcli.core.report import log, sha256_of
from alcli.core.step import Block, Result, identity
from alcli.learners import Labelled, Options, family
from alcli.training.sides import parse_share, sides, without_hasty_stopping


class Training:
    """Takes blocks of labelled records; `run()` fits."""

    def __init__(
        self,
        *,
        arch: str | None = None,
        init: Checkpoint | None = None,
        init_path: str | None = None,
        classes: Sequence[str] = (),
        field: str = "tokens",
        params: Mapping[str, Any],
        validation: str | float | None = None,
        class_weight: str = "none",
        grow_classes: bool = False,
        seed: int = 0,
    ) -> None:
        known = init.labels if init else []
        if grow_classes and not init:
            raise UsageError("--grow-classes goes with --init")
        if known and classes and not grow_classes and list(classes) != known:
            raise UsageError(
                f"--init has the classes {', '.join(known)}; --grow-classes adds others"
            )
        if field in ("id", "label"):
            raise UsageError(f"--field {field}: a model cannot read that")
        self.arch, self.init, self.init_path = arch, init, init_path
        self.classes = [*known, *(c for c in classes if c not in known)]
        self.grow_classes = grow_classes
        self.field = init.input if init else field
        self.family = init.family if init else models.family_of(arch or "")
        self.params, self.class_weight, self.seed = params, class_weight, seed
        self.share, self.tail = parse_share(validation)
        self.ids: list[str] = []
        self.texts: list[str] = []
        self.names: list[str] = []
        self._decoder = _decoder(self.field, labelled=True)

    def add(self, block: Block) -> Result:
        """Keep the labelled records of a block.

        Raises:
            InputError: a record lacks the field, or has a class that is not known.
        """
        rows = block.decode(self._decoder)
        kept = [row.label is not None for row in rows]
        for place, row in compress(enumerate(rows), kept):
            if self._refuses(row.label):
                remedy = "--grow-classes adds it" if self.init else "name every --class"
                raise block.error(
                    place,
                    f'label "{row.label}" is not one of {", ".join(self.classes)}; '
                    f"{remedy}",
                )
        self.ids += [identity(row.id) for row in compress(rows, kept)]
        self.texts += [row.content for row in compress(rows, kept)]
        self.names += [row.label for row in compress(rows, kept)]
        return Result([], {"read": len(rows), "no label": len(rows) - sum(kept)})

    def run(
        self,
        corpus: Iterable[str] | None = None,
        *,
        files: Sequence[str] = (),
        shuffle: bool = True,
        **fitting: Any,
    ) -> Checkpoint:
        """Return the fitted checkpoint; with `epochs=0` an untrained one."""
        start = time.monotonic()
        labels = [*self.classes, *sorted(set(self.names) - set(self.classes))]
        if len(labels) < 2:
            raise InputError(
                f"two classes are needed to train, found: {labels or 'none'}"
            )
        known = None if corpus is None else list(corpus)
        learner, key_of_start = self._start(labels, known)
        summary: dict[str, Any] = {"records": 0, "epochs": 0, "history": []}
        taught = True
        if fitting.get("epochs") != 0:
            self._refuse_epochs(fitting)
            data, held = sides(
                self.ids,
                self.texts,
                self.names,
                labels,
                share=self.share,
                tail=self.tail,
                balanced=self.class_weight == "balanced",
            )
            chosen = Options(shuffle=shuffle, validation=held, **fitting)
            chosen = without_hasty_stopping(chosen, len(labels))
            history: list[dict[str, float]] = []
            if taught := self._teaches(data, labels):
                learner, history = family(self.family).fit(
                    learner, data, chosen, seed=self.seed
                )
            summary = {
                "records": len(self.ids),
                "validation_records": len(held.texts) if held else 0,
                "classes": Counter(self.names),
                "epochs": len(history),
                "history": history,
            }
        arguments = self._arguments() | fitting | {"shuffle": shuffle}
        key = _key(self._digest(), key_of_start, arguments)
        training = summary | {
            "key": key if taught else key_of_start,  # the same model, the same key
            "arguments": arguments,
            "inputs": [{"path": f, "sha256": sha256_of(f)} for f in files],
            "parents": [{"path": self.init_path, "key": key_of_start}]
            if self.init
            else [],
            "versions": {
                p: version(p) for p in ("alcli", *family(self.family).PACKAGES)
            },
            "seconds": round(time.monotonic() - start, 3),
        }
        return Checkpoint(learner, self.family, self.field, training)

    def _start(self, labels: Sequence[str], corpus: list[str] | None) -> Any:
        if self.init:
            learner = self.init.learner
            if len(labels) > len(self.init.labels):
                learner = family(self.family).grown(learner, labels, seed=self.seed)
            return learner, self.init.training["key"]
        texts = self.texts if corpus is None else corpus
        if not texts:
            raise InputError(
                "no text to take a vocabulary from: name labelled records, "
                "or --vocabulary-from FILE"
            )
        made = family(self.family)
        params = made.defaults(self.arch or "") | dict(self.params)
        learner = made.new(self.arch or "", labels, texts, params, seed=self.seed)
        words = hashlib.sha256("\0".join(texts).encode()).hexdigest()
        return learner, None if corpus is None else words

    def _teaches(self, data: Labelled, labels: Sequence[str]) -> bool:
        found = [labels[number] for number in sorted(set(data.targets.tolist()))]
        if len(found) > 1:
            return True
        said = f"{len(data.texts)} labelled records have: {', '.join(found) or 'none'}"
        if not self.init:
            raise InputError(f"two classes are needed to train, the {said}")
        log.warning("the %s; the model stays that of --init", said)
        return False

    def _refuses(self, label: str) -> bool:
        fixed = self.classes and not self.grow_classes
        return bool(fixed) and label not in self.classes

    def _refuse_epochs(self, fitting: Mapping[str, Any]) -> None:
        if family(self.family).EPOCHS is None and (
            fitting.get("epochs") or fitting.get("patience")
        ):
            raise UsageError(
                f"a {self.family} model is not fitted by epochs: "
                "leave out --epochs and --patience"
            )

    def _arguments(self) -> dict[str, Any]:
        return {
            "arch": self.arch,
            "params": dict(self.params),
            "classes": self.classes,
            "grow_classes": self.grow_classes,
            "field": self.field,
            "validation": [self.share, self.tail],
            "class_weight": self.class_weight,
            "seed": self.seed,
        }

    def _digest(self) -> str:
        digest = hashlib.sha256()
        for row in zip(self.ids, self.names, self.texts, strict=True):
            digest.update(msgspec.json.encode(row))
        return digest.hexdigest()


def texts_of(blocks: Iterable[Block], field: str) -> Iterable[str]:
    """Yield the contents of a field, for a vocabulary."""
    decoder = _decoder(field, labelled=False)
    return (row.content for block in blocks for row in block.decode(decoder))


def _decoder(field: str, *, labelled: bool) -> msgspec.json.Decoder[Any]:
    fields: list[Any] = [("content", str)]
    if labelled:
        fields += [("id", str | int), ("label", str | None, None)]
    row = msgspec.defstruct("Row", fields, rename={"content": field}, gc=False)
    return msgspec.json.Decoder(row)


def _key(*parts: Any) -> str:
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
