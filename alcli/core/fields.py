"""Record schema: names and types of fields, decoders of some of them, check of `label`.

`alcli.core.probs` checks `probs`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, overload

from alcli.core.step import Block

if TYPE_CHECKING:
    import msgspec


# in JSON; a record without the field, or with null where allowed, is unlabelled
Label = str | int | bool
Scalar = str | int | float | bool

SCHEMA: dict[str, Any] = {
    "id": str | int,
    "text": str,
    "tokens": str,
    "label": Label,
    "label_confidence": float,
    "votes": dict[str, int],
    "annotator": str,
    "time": str,
    "seconds": float,
    "reason": str,
    "suggested": str,
    "check": Any,  # True: a gold question; other tools may use the name
    "probs": dict[str, float],
    "pred": str,
    "topic": Any,
    "query": Any,
    "conllu": str,
}
ANSWER_FIELDS = ("seconds", "reason", "suggested")
VOTE_FIELDS = ("label", "annotator", "time", *ANSWER_FIELDS, "check")
LABEL_FIELDS = ("label", "label_confidence", "votes")  # of merged votes

EMPTY_LABEL = "empty: name a class, or omit the field of an unlabelled record"

_WORDS = {True: "true", False: "false"}

_ABSENT = object()  # default of a required member


@dataclass(frozen=True)
class Member:
    """Member of a decoded record.

    name: of the attribute. type: of its value. default: value if the record lacks it;
    by default the member is required. field: name in the record, if another.
    """

    name: str
    type: Any
    default: Any = _ABSENT
    field: str | None = None


def required(name: str) -> Member:
    """Return a member that every record has, and that is not null."""
    return Member(name, SCHEMA[name])


def nullable(name: str) -> Member:
    """Return a member that every record has, but may be null."""
    return Member(name, SCHEMA[name] | None)


def optional(name: str) -> Member:
    """Return a member that is None where it is missing or null."""
    return Member(name, SCHEMA[name] | None, None)


def defaulted(name: str, default: Any) -> Member:
    """Return a member with a default where it is missing; null is an error."""
    return Member(name, SCHEMA[name], default)


def unset(name: str) -> Member:
    """Return a member that is `msgspec.UNSET` where it is missing; null is an error."""
    import msgspec

    return Member(name, SCHEMA[name] | msgspec.UnsetType, msgspec.UNSET)


def raw(name: str) -> Member:
    """Return a member of undecoded bytes, `msgspec.UNSET` where it is missing."""
    import msgspec

    return Member(name, msgspec.Raw | msgspec.UnsetType, msgspec.UNSET)


def content(field: str) -> Member:
    """Return the member `content`: the text in the input field of a model."""
    return Member("content", str, field=field)


@lru_cache(64)
def record_decoder(*members: Member | str) -> msgspec.json.Decoder[Any]:
    """Return a decoder of some members of records; others are skipped.

    members: a string is a required member. The decoded records have an attribute for
    each. Required ones come first.

    >>> decoder = record_decoder("id", optional("label"))
    >>> row = decoder.decode(b'{"id": "a", "text": "t"}')
    >>> row.id, row.label
    ('a', None)
    """
    import msgspec

    found = [required(m) if isinstance(m, str) else m for m in members]
    found.sort(key=lambda member: member.default is not _ABSENT)  # stable
    row = msgspec.defstruct(
        "Record",
        [
            (m.name, m.type) if m.default is _ABSENT else (m.name, m.type, m.default)
            for m in found
        ],
        rename={m.name: m.field for m in found if m.field} or None,
        gc=False,
    )
    return msgspec.json.Decoder(row)


@overload
def class_names(block: Block, labels: Sequence[Label]) -> Sequence[str]: ...


@overload
def class_names(
    block: Block, labels: Sequence[Label | None]
) -> Sequence[str | None]: ...


def class_names(block: Block, labels: Sequence[Label | None]) -> Sequence[str | None]:
    """Check labels; return the class name of each: its JSON text without quotes.

    >>> class_names(Block(b"{}\\n" * 4), ["good", 1, True, None])
    ['good', '1', 'true', None]

    Raises:
        InputError: a label is empty or white space.
    """
    if not {*map(type, labels)} <= {str, type(None)}:
        labels = [x if x is None else class_name(x) for x in labels]
    names: Sequence[str | None] = labels  # type: ignore[assignment]
    if any(name is not None and not name.strip() for name in {*names}):
        row = next(i for i, x in enumerate(names) if x is not None and not x.strip())
        raise block.error(row, f'"label" is {EMPTY_LABEL}')
    return names


def class_name(label: Label) -> str:
    """Return the class name of one label."""
    return _WORDS[label] if isinstance(label, bool) else str(label)
