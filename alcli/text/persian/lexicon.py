"""Lexicon of Persian words from hazm, indexed for fast lookup.

hazm's `Normalizer` and `WordTokenizer` read the word list three times between them and
keep 300,000 verb forms of several words, which no token can ever equal. Here the list
is read once, and halves that are written together are found from their right half.
"""

from collections.abc import Container
from dataclasses import dataclass
from functools import cache

from hazm.constants import SUFFIXES
from hazm.lemmatizer import Conjugation
from hazm.word_tokenizer import WordTokenizer

HALF_SPACE = "\u200c"  # ZERO WIDTH NON-JOINER: joins two halves of one Persian word


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words and verbs; all of it read-only."""

    words: Container[str]
    verbs: Container[str]  # inflected forms that are one token
    lefts: dict[str, set[str]]  # right half -> left halves it is written together with
    suffixes: frozenset[str]  # right halves that go with any known word
    auxiliaries: frozenset[str]  # join the verb that follows: خواهد_رفت
    endings: frozenset[str]  # are joined by the participle before: رفته_است
    verb_parts: frozenset[str]  # auxiliaries and participles


@cache
def lexicon() -> Lexicon:
    """Read hazm's files (half a second; once in a process)."""
    tokenizer = WordTokenizer()
    conjugate = Conjugation().get_all
    verbs = {
        form
        for root in tokenizer.verbs
        for form in conjugate(root)
        if " " not in form  # a token holds no space
    }
    pairs = {word for word, (count, _) in tokenizer.words.items() if count > 0} | verbs
    lefts: dict[str, set[str]] = {suffix: set() for suffix in SUFFIXES}
    for pair in pairs:
        cut = pair.find(HALF_SPACE)
        while cut >= 0:
            lefts.setdefault(pair[cut + 1 :], set()).add(pair[:cut])
            cut = pair.find(HALF_SPACE, cut + 1)
    return Lexicon(
        words=frozenset(tokenizer.words),
        verbs=frozenset(verbs),
        lefts=lefts,
        suffixes=frozenset(SUFFIXES),
        auxiliaries=frozenset(tokenizer.before_verbs),
        endings=frozenset(tokenizer.after_verbs),
        verb_parts=frozenset(tokenizer.before_verbs | tokenizer.verbe),
    )
