"""Spacing of tokens as in hazm: split words are joined, stretched words shortened.

Each function equals the hazm method in its docstring, token for token. But none takes
quadratic time, and each returns early if it does not apply.
"""

import re
from collections.abc import Callable

from alcli.text.persian.lexicon import HALF_SPACE, Lexicon

_LETTERS = "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"  # as in hazm's own patterns
_STRETCH = re.compile(rf"([{_LETTERS}])\1{{2,}}")
_RUN = re.compile(rf"[{_LETTERS}]+")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_MI = re.compile(rf"\b(ن?می)([{_LETTERS}]+)")


def join_halves(tokens: list[str], lexicon: Lexicon) -> list[str]:
    """Join compounds, as `Normalizer.token_spacing`: کتاب ها becomes کتاب‌ها.

    hazm also handles verbs of two parts with `_`; its table has none.
    """
    if len(tokens) < 2:
        return tokens
    suffixes, words = lexicon.suffixes, lexicon.words
    joined: list[str] = []
    append = joined.append
    pairs = zip(tokens, map(lexicon.lefts.get, tokens), strict=True)
    left, _ = next(pairs)
    for token, lefts in pairs:
        if lefts is not None and (
            left in lefts or (token in suffixes and left in words)
        ):
            left = f"{left}{HALF_SPACE}{token}"
        else:
            append(left)
            left = token
    append(left)
    return joined


def join_verbs(tokens: list[str], lexicon: Lexicon) -> list[str]:
    """Join verbs, as `WordTokenizer.join_verb_parts`: گفته شده است is گفته_شده_است.

    But an auxiliary (خواهم) before a mark or at the end stays alone: hazm joins it to
    the mark, and loses it at the end.
    """
    if len(tokens) < 2 or lexicon.verb_parts.isdisjoint(tokens):
        return tokens
    auxiliaries, endings = lexicon.auxiliaries, lexicon.endings
    # indices of tokens that are joined to the next, from right to left, since an ending
    # may itself be joined (شده_است)
    joins: list[int] = []
    for at in range(len(tokens) - 2, -1, -1):
        token = tokens[at]
        if token in lexicon.verb_parts:
            ending = tokens[at + 1]
            joined = bool(joins) and joins[-1] == at + 1
            if token in auxiliaries:
                # the next may be an auxiliary that is alone, or a mark
                good = joined or ending not in auxiliaries
                if good and _LETTER_OR_DIGIT.search(ending) is not None:
                    joins.append(at)
                continue
            if joined:
                ending = f"{ending}_{tokens[at + 2]}"  # longer ones are not endings
            if ending in endings:
                joins.append(at)
    if not joins:
        return tokens
    verbs: list[str] = []
    done = 0
    while joins:
        first = last = joins.pop()
        while joins and joins[-1] == last + 1:
            last = joins.pop()
        verbs += tokens[done:first]
        done = last + 2
        verbs.append("_".join(tokens[first:done]))
    return verbs + tokens[done:]


def word_rewriter(lexicon: Lexicon) -> Callable[[str], str]:
    """Return a function of a token: `decrease_repeated_chars`, then `seperate_mi`."""
    words, verbs = lexicon.words, lexicon.verbs

    def shorten(run: re.Match[str]) -> str:
        word = run[0]
        if word in words or _STRETCH.search(word) is None:
            return word
        once, twice = _STRETCH.sub(r"\1", word), _STRETCH.sub(r"\1\1", word)
        return once if once in words and twice not in words else twice

    def separate(verb: re.Match[str]) -> str:
        apart = f"{verb[1]}{HALF_SPACE}{verb[2]}"
        return apart if apart in verbs else verb[0]

    def rewrite(token: str) -> str:
        if _STRETCH.search(token) is not None:
            token = _RUN.sub(shorten, token)
        if "می" in token:
            token = _MI.sub(separate, token)
        return token

    return rewrite
