"""Phrases with choices, read from ``phrases/*.toml``, and how one is spoken.

``[a|b]`` picks one of the alternatives, ``{name}`` a line of the list of that name.
Chance comes from `Random.random` alone: it is the only method of `random.Random`
whose numbers Python promises to keep from version to version.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

PHRASES = Path(__file__).parent / "phrases"

Lists = Mapping[str, Sequence[str]]

_SLOT = re.compile(r"\{(\w+)\}")
_CHOICE = re.compile(r"\[([^\[\]]*)\]")


def load(name: str) -> dict[str, Any]:
    """Read ``phrases/NAME.toml``: every string of many lines becomes a list of them."""
    return _lines(tomllib.loads((PHRASES / f"{name}.toml").read_text("utf-8")))


def expand(phrase: str, lists: Lists, rng: Random) -> str:
    """Fill the slots of a phrase, then settle its choices.

    >>> expand("{who} [راضیه|راضی بود]", {"who": ["خواهرم"]}, Random(1))
    'خواهرم راضی بود'
    """
    while match := _SLOT.search(phrase):
        phrase = _splice(phrase, match, pick_early(lists[match[1]], rng))
    while match := _CHOICE.search(phrase):
        phrase = _splice(phrase, match, pick(match[1].split("|"), rng))
    return phrase


def chance(share: float, rng: Random) -> bool:
    """Return True with the probability `share`."""
    return rng.random() < share


def pick[T](items: Sequence[T], rng: Random) -> T:
    """Pick an item, each as likely as the other."""
    return items[int(rng.random() * len(items))]


def pick_early[T](items: Sequence[T], rng: Random) -> T:
    """Pick an item, the first ones more often, as with the words of a language."""
    return items[int(rng.random() * rng.random() * len(items))]


def draw[T](weights: Mapping[T, float], rng: Random) -> T:
    """Draw a key in proportion to its weight."""
    left = rng.random() * sum(weights.values())
    for key, weight in weights.items():
        left -= weight
        if left < 0:
            return key
    return key


def shuffle[T](items: list[T], rng: Random) -> None:
    """Shuffle in place (Fisher and Yates)."""
    for i in range(len(items) - 1, 0, -1):
        j = int(rng.random() * (i + 1))
        items[i], items[j] = items[j], items[i]


def _splice(phrase: str, match: re.Match[str], words: str) -> str:
    return phrase[: match.start()] + words + phrase[match.end() :]


def _lines(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lines(part) for key, part in value.items()}
    if isinstance(value, str) and "\n" in value:
        return value.strip().split("\n")
    return value
