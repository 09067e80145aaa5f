"""Verdicts of stopping criteria on the curve of a loop."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from alcli.core.errors import InputError
from alcli.core.inputs import display_name
from alcli.core.jsonl import Record
from alcli.core.log import log
from alcli.evaluation.criterion import Verdict, parse_criterion
from alcli.evaluation.curve import last_of_each_key, read
from alcli.evaluation.curve.signs import missing_sign


def proceed(curve: Iterable[Record], until: Sequence[str]) -> dict[str, Verdict]:
    """Return the verdict of each criterion on the rounds of a curve.

    until: criteria, `NAME[=VALUE][,key=value...]`. `alcli proceed` ends the loop if any
    of the verdicts is to stop.

    >>> proceed([{"labels": 500, "metrics": {}}], ["labels=1000"])
    {'labels=1000': Verdict(stop=False, value=500, threshold=1000)}

    Raises:
        UsageError: an unknown criterion or parameter.
        InputError: the curve lacks a field that a criterion needs.
    """
    rounds = last_of_each_key(curve)
    return {text: parse_criterion(text)(rounds) for text in until}


def proceed_file(curve: str, until: Sequence[str], *, every: bool) -> bool:
    """Judge a curve file, log the verdicts, and check whether the loop should go on.

    every: go on until all criteria are met; by default, until one is.

    Raises:
        UsageError: an unknown criterion or parameter.
        InputError: the file is missing, has an invalid record, or lacks a field.
    """
    proceed([], until)  # wrong parameters are an error on an empty curve too
    rounds = read(curve)
    if not rounds:
        log.info("go on: no round so far")
        return True
    try:
        verdicts = proceed(rounds, until)
    except InputError as error:
        raise InputError(error.problem, source=display_name(curve)) from error
    for text, (stop, value, threshold) in verdicts.items():
        found = "too early to say" if value is None else f"{value:.6g}"
        word = "enough" if stop else "go on"
        log.info("%s: %s (%s, threshold %.6g)", word, text, found, threshold)
    if problem := missing_sign(rounds[-1]):
        log.info("the model of the last round %s", problem)
    stops = [verdict.stop for verdict in verdicts.values()]
    return not (all(stops) if every else any(stops))
