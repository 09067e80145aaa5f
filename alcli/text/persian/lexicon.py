"""Lexicon of Persian words from hazm, indexed for fast lookup.

hazm's `Normalizer` and `WordTokenizer` read the word list three times together, and
keep 300,000 verb forms of several words, which no token can equal. Here the list is
read once, and compounds are indexed by their right half.
"""

import os
from collections.abc import Container
from dataclasses import dataclass
from functools import cache

from alcli.text.persian.hazm_modules import hazm_module

HALF_SPACE = "\u200c"  # ZERO WIDTH NON-JOINER: between the halves of a compound


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words and verbs, read-only."""

    words: Container[str]
    verbs: Container[str]  # inflected forms that are one token
    lefts: dict[str, set[str]]  # right half -> left halves of its compounds
    suffixes: frozenset[str]  # right halves of any known word
    auxiliaries: frozenset[str]  # joined to the next verb: خواهد_رفت
    endings: frozenset[str]  # joined to the participle before: رفته_است
    verb_parts: frozenset[str]  # auxiliaries and participles


@cache
def lexicon() -> Lexicon:
    """Read hazm's files (half a second; once per process)."""
    suffixes = frozenset(hazm_module("constants").SUFFIXES)
    tokenizer = hazm_module("word_tokenizer").WordTokenizer(os.devnull)
    conjugate = hazm_module("lemmatizer").Conjugation().get_all
    verbs = {
        form
        for root in tokenizer.verbs
        for form in conjugate(root)
        if " " not in form  # a token contains no space
    }
    counts = _word_counts()
    pairs = {word for word, count in counts.items() if count != "0"} | verbs
    lefts: dict[str, set[str]] = {suffix: set() for suffix in suffixes}
    for pair in pairs:
        cut = pair.find(HALF_SPACE)
        while cut >= 0:
            lefts.setdefault(pair[cut + 1 :], set()).add(pair[:cut])
            cut = pair.find(HALF_SPACE, cut + 1)
    return Lexicon(
        words=frozenset(counts),
        verbs=frozenset(verbs),
        lefts=lefts,
        suffixes=suffixes,
        auxiliaries=frozenset(tokenizer.before_verbs),
        endings=frozenset(tokenizer.after_verbs),
        verb_parts=frozenset(tokenizer.before_verbs | tokenizer.verbe),
    )


def _word_counts() -> dict[str, str]:
    """Return hazm's words and their counts; `words_list` takes six times as long."""
    text = hazm_module("utils").default_words.read_text("utf-8")
    rows = (line.split("\t") for line in text.split("\n"))
    return {row[0]: row[1] for row in rows if len(row) == 3}
