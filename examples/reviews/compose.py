"""Content of a comment: opening, clauses, a turn with "but", verdict, closing."""

from collections.abc import Mapping
from random import Random
from typing import Any

from examples.reviews.grammar import Lists, chance, draw, expand, load, pick, pick_early

CLASSES = ("positive", "neutral", "negative")
PRODUCTS = (
    *("phone", "laptop", "headphones", "watch", "book"),
    *("food", "clothes", "cosmetics", "appliance", "toy"),
)

SHORT = 0.055  # share of comments of one to three words
CLAUSES = {1: 30, 2: 27, 3: 15, 4: 9, 5: 6, 6: 5, 7: 4, 8: 2, 9: 2}
MOODS = {  # what the clauses of a comment of this class are like
    "positive": {"positive": 70, "fact": 18, "neutral": 5, "negative": 7},
    "neutral": {"fact": 52, "neutral": 48},
    "negative": {"negative": 70, "fact": 18, "neutral": 6, "positive": 6},
}
TURNS = {  # share with a turn, and its two sides: the second one has the last word
    "positive": (0.16, ("negative", "positive")),
    "neutral": (0.40, ("positive", "negative")),
    "negative": (0.20, ("positive", "negative")),
}
SOURCES = {"product": 54, "aspect": 22, "trait": 10, "general": 14}
VERDICT = 0.4
OPENING = 0.14
CLOSING = 0.12
BREAKS = {"، ": 30, " ": 26, ". ": 20, " و ": 10, ".. ": 5, "\n": 5, " , ": 4}
ENDS = {"": 60, ".": 25, "!": 7, "!!": 4, "...": 4}

_COMMON = load("common")
_OPINIONS = load("opinions")
_BY_PRODUCT = {product: load(product) for product in PRODUCTS}

SHARES: Mapping[str, float] = {p: _BY_PRODUCT[p]["share"] for p in PRODUCTS}


def compose(product: str, label: str, rng: Random) -> str:
    """Write a comment on a product in careful spelling, half-spaces as ``_``."""
    own = _BY_PRODUCT[product]
    lists: Lists = {**_COMMON["lists"], **own}
    if chance(SHORT, rng):
        return expand(pick_early(_OPINIONS["short"][label], rng), lists, rng)
    said: set[str] = set()
    clauses = [_clause(own, mood, said, rng) for mood in _moods(label, rng)]
    share, sides = TURNS[label]
    if chance(share, rng):
        if label == "neutral" and chance(0.5, rng):
            sides = sides[::-1]
        first, second = (_clause(own, mood, said, rng) for mood in sides)
        but = pick_early(_COMMON["frame"]["but"], rng)
        turn = f"{first}{pick(('،', ''), rng)} {but} {second}"
        clauses[int(rng.random() * len(clauses))] = turn
    if chance(VERDICT, rng):
        clauses.append(pick(_OPINIONS["verdicts"][label], rng))
    if chance(OPENING, rng):
        opening = pick_early(_COMMON["frame"]["opening"], rng)
        clauses[0] = f"{opening}{pick(('، ', ' '), rng)}{clauses[0]}"
    if chance(CLOSING, rng):
        clauses.append(pick_early(_COMMON["frame"]["closing"], rng))
    return expand(_join(clauses, rng), lists, rng)


def _moods(label: str, rng: Random) -> list[str]:
    """Draw the moods of the clauses: a comment that takes sides says so once."""
    moods = [draw(MOODS[label], rng) for _ in range(draw(CLAUSES, rng))]
    if label != "neutral" and label not in moods:
        moods[int(rng.random() * len(moods))] = label
    return moods


def _clause(own: Mapping[str, Any], mood: str, said: set[str], rng: Random) -> str:
    """Pick a clause of this mood; a few tries not to say the same thing twice."""
    clause = ""
    for _ in range(5):
        source = "product" if mood == "fact" and chance(0.7, rng) else "general"
        if mood != "fact":
            source = draw(SOURCES, rng)
        if source == "aspect":
            aspect = pick_early(own["aspect"], rng)
            clause = f"{aspect} {pick_early(_COMMON['predicates'][mood], rng)}"
        else:
            traits, general = _COMMON["traits"], _general(own)
            lines = {"product": own, "trait": traits, "general": general}[source]
            clause = pick(lines[mood], rng)
        if clause not in said:
            break
    said.add(clause)
    return clause


def _general(own: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the clauses for all products, with those for durable ones if it is."""
    general, durable = _OPINIONS["general"], _OPINIONS["durable"]
    if not own.get("durable", True):
        return general
    return {mood: general[mood] + durable[mood] for mood in general}


def _join(clauses: list[str], rng: Random) -> str:
    """Join as one writer would: mostly with the same mark, sometimes another."""
    usual = draw(BREAKS, rng)
    text = clauses[0]
    for clause in clauses[1:]:
        mark = draw(BREAKS, rng) if chance(0.25, rng) else usual
        text += (" " if text.endswith("؟") and mark != "\n" else mark) + clause
    return text if text.endswith("؟") else text + draw(ENDS, rng)
