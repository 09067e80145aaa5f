"""Argilla's records as JSON; reads the flattened form, too.

Layout: that of `records.to_json`, nested or with `flatten=True`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from alcli.core.jsonl import Record
from alcli.data.formats import Format
from alcli.data.formats.common.batch import Rejected, multi_label_error, only_name
from alcli.data.formats.common.source import RecordBatches, Source
from alcli.data.formats.common.target import RecordLists, Target
from alcli.data.formats.common.vote_groups import (
    PER_VOTE_FIELDS,
    group_votes,
    pred_score,
)

_NOT_METADATA = ("id", "text", "pred", "_server_id")
_NO_STATUS = (
    "records with responses of unknown status: drafts count, too "
    "(export with flatten=True to distinguish them)"
)


def read(source: Source, *, field: str = "", text: str = "text") -> RecordBatches:
    """Yield a record per response; a record without responses has no `label`.

    field: question; by default the only one. text: field with the text.
    A discarded response is a vote without a label; a draft is left out. The nested form
    lacks the status, so there every response counts.
    """

    def votes(row: Record) -> list[Record]:
        nested = isinstance(row.get("fields"), dict)
        return list((_nested if nested else _flat)(row, field, text, source))

    for batch in source.objects():
        yield batch.map(votes, shape="an Argilla record").flatten()


def _nested(row: Record, field: str, text: str, source: Source) -> Iterator[Record]:
    responses, suggestions = row.get("responses") or {}, row.get("suggestions") or {}
    names = [*responses, *suggestions]
    name = field or only_name(names, "questions") or "label"
    base = {k: row[k] for k in ("id", "_server_id") if row.get(k) is not None}
    base |= {**(row.get("metadata") or {}), **row["fields"]}
    if row.get("vectors"):
        source.stats.lost["vectors"] += 1
    guess = suggestions.get(name) or {}
    answers = responses.get(name) or []
    if answers:
        source.note(_NO_STATUS)
    votes = [(each.get("value"), each.get("user_id"), "") for each in answers]
    return _votes(base, text, guess.get("value"), votes, source)


def _flat(row: Record, field: str, text: str, source: Source) -> Iterator[Record]:
    suffixes = (".responses", ".suggestion")
    names = [k.removesuffix(e) for e in suffixes for k in row if k.endswith(e)]
    name = field or only_name(names, "questions") or "label"
    values = row.pop(f"{name}.responses", None) or []
    none = [None] * len(values)
    users = row.pop(f"{name}.responses.users", None) or none
    status = row.pop(f"{name}.responses.status", None) or none
    guess = row.pop(f"{name}.suggestion", None)
    base = {k: v for k, v in row.items() if not k.startswith(f"{name}.")}
    if not len(values) == len(users) == len(status):
        raise Rejected(
            f'"{name}.responses": numbers of values, users and statuses differ'
        )
    votes = list(zip(values, users, status, strict=True))
    return _votes(base, text, guess, votes, source)


def _votes(
    base: Record,
    text: str,
    guess: Any,
    votes: list[tuple[Any, Any, Any]],
    source: Source,
) -> Iterator[Record]:
    if text not in base:
        have = ", ".join(base)
        raise Rejected(
            f'no "{text}" field; the fields are: {have}; name it with --set text=NAME'
        )
    base["text"] = base.pop(text)
    if guess is not None:
        base.setdefault("pred", _label(guess))
    if not votes:
        source.note("records without responses: no label")
        yield base
    for value, user, status in votes:
        if status == "draft":
            source.stats.drop("drafts")
            continue
        label = None if value is None or status == "discarded" else _label(value)
        record = {**base, "label": label}
        if user is not None:
            record["annotator"] = str(user)
        if status == "discarded":
            record["reason"] = "discarded"
            source.note("discarded: no label")
        yield record


def _label(value: Any) -> str:
    if isinstance(value, list):
        if len(value) != 1:
            raise Rejected(multi_label_error(value))
        value = value[0]
    if not isinstance(value, str | int):
        raise Rejected("response: expected a string or integer")
    return str(value)


def write(batches: RecordLists, target: Target, *, field: str = "label") -> None:
    """Write a record per record, or per group of consecutive votes on it.

    field: question. Further fields become metadata, except objects, which are lost. The
    annotator of a vote is written as `user_id`.
    """
    target.json_array(
        _item(votes, field, target) for votes in group_votes(batches, target)
    )


def _item(votes: list[Record], field: str, target: Target) -> Record:
    first = votes[0]
    metadata = {}
    for name, value in first.items():
        if isinstance(value, dict) and name != "probs":
            target.count_lost(name)
        elif name not in (*_NOT_METADATA, *PER_VOTE_FIELDS, "probs"):
            metadata[name] = value
    item: Record = {"id": first["id"]} if "id" in first else {}
    item |= {"fields": {"text": first["text"]}, "metadata": metadata}
    item |= {"suggestions": {}, "responses": {}, "vectors": {}}
    if "pred" in first:
        prediction = {"value": first["pred"], "score": pred_score(first)}
        item["suggestions"][field] = prediction
    elif "probs" in first:
        target.count_lost("probs")
    answers = []
    for vote in votes:
        for name in ("time", "seconds", "reason"):
            if name in vote:
                target.count_lost(name)
        if vote.get("label") is not None:
            answers.append({"value": vote["label"], "user_id": vote.get("annotator")})
        elif "label" in vote or "annotator" in vote:
            target.count_lost_vote()  # the nested form has no status for it
    if answers:
        item["responses"][field] = answers
    if "_server_id" in first:
        item["_server_id"] = first["_server_id"]
    return item


argilla = Format(read, write)
