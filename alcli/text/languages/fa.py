"""Language `fa`: hazm's normaliser and word tokeniser, several times faster.

The tokens are those of `WordTokenizer().tokenize(Normalizer().normalize(text))`, with
hazm's default settings, but for an auxiliary (خواهم) before a mark or at the end: hazm
joins it to the mark, or loses it. Presentation forms of letters are folded first.

hazm applies some forty patterns to each text, and most change nothing. Here each stage
first tests cheaply whether it applies, and results that depend on one word are cached.
Texts that hazm's patterns for affixes and punctuation would change are rare: the same
patterns are applied to them (`_apply_hazm_patterns`).

The time is linear in the length of any text; hazm's is not.
"""

import re
from collections.abc import Callable
from itertools import chain

from alcli.text.memo import Memo
from alcli.text.persian.hazm_modules import hazm_module
from alcli.text.persian.letters import (
    normalise_letters,
    pair_quotes,
    replace_ligatures,
    to_persian_digits,
)
from alcli.text.persian.lexicon import lexicon
from alcli.text.persian.morphology import formaliser, lemmatiser
from alcli.text.persian.spacing import join_halves, join_verbs, word_rewriter

_MARKS = r"؟!?\d.:،؛»\])}\"«\[({/\\"
_TOKEN = re.compile(rf"[؟!?]+|[\d.:]+|[،؛»\])}}\"«\[({{/\\]|[^ \n\t{_MARKS}]+")
_ANY_MARK = re.compile(rf"[\t{_MARKS}]")
# A space over which hazm joins marks. (Begins with a literal: fast.)
_BETWEEN_MARKS = re.compile(r" (?:(?<=[؟!?] )[؟!]|(?<=[\d.:] )[.:])")
_AFFIXES = {"می", "نمی", "تر", "تری", "ترین", "گر", "گری", "ها", "های"}
_AFFIXES |= {"ی", "ام", "ایم", "اش", "اند", "ای", "اید", "ات"}
_HAZM = hazm_module("constants")
_JOIN_AFFIXES, _SPACE_MARKS = (
    [(re.compile(pattern), new) for pattern, new in patterns]
    for patterns in (_HAZM.AFFIX_SPACING_PATTERNS, _HAZM.PUNCTUATION_SPACING_PATTERNS)
)


class Persian:
    """Persian by hazm.

    forms: function from a token to its replacements, such as its lemma.
    """

    split_letters = True  # digits are separate tokens even beside letters, as in hazm

    def __init__(self, forms: Callable[[str], tuple[str, ...]] | None = None) -> None:
        self._lexicon = lexicon()
        self._split = Memo(_tokens)
        self._rewritten = Memo(word_rewriter(self._lexicon))
        self._forms = Memo(forms) if forms is not None else None
        self.number = Memo(to_persian_digits).__getitem__

    def prepare(self, text: str) -> str:
        """Pair the quotation marks; a quotation may contain protected spans."""
        return pair_quotes(text)

    def tag(self, tag: str) -> str:
        """Return a hashtag, mention or name; digits of ASCII ones are unchanged."""
        if tag.isascii():
            return tag
        text, unfinished = normalise_letters(tag)
        if unfinished:
            text = replace_ligatures(text)
        return text.replace(" ", "")

    def words(self, text: str, *, cut: bool = False) -> list[str]:
        """Return the tokens of a prepared text, or of a part of it (`cut`)."""
        if cut:  # beside an emoji, these characters have no effect
            text = text.strip(" \u200c\u200d\ufe0f")
        text, unfinished = normalise_letters(text)
        lines = [
            join_halves(self._tokens(line), self._lexicon) for line in text.split("\n")
        ]
        tokens = lines[0] if len(lines) == 1 else [*chain.from_iterable(lines)]
        if unfinished or _marks_move(text):
            tokens = _apply_hazm_patterns(lines, _JOIN_AFFIXES + _SPACE_MARKS)
        elif not _AFFIXES.isdisjoint(tokens) or "هها" in text:
            tokens = _apply_hazm_patterns(lines, _JOIN_AFFIXES)
        tokens = [*map(self._rewritten.__getitem__, tokens)]
        tokens = join_verbs(tokens, self._lexicon)
        if self._forms is not None:
            tokens = [*chain.from_iterable(map(self._forms.__getitem__, tokens))]
        return tokens

    def _tokens(self, line: str) -> list[str]:
        line = line.strip(" ")
        if line and _ANY_MARK.search(line) is None:
            return line.split(" ")
        return [*chain.from_iterable(map(self._split.__getitem__, line.split(" ")))]


def build(*, informal: bool, lemmatize: bool) -> Persian:
    """Return the language; the options load more of hazm (seconds, 300 MB)."""
    if not (informal or lemmatize):
        return Persian()
    stages = [formaliser()] * informal + [lemmatiser()] * lemmatize

    def forms(token: str) -> tuple[str, ...]:
        words = [token]
        for stage in stages:
            words = [part for word in words for part in stage(word).split(" ") if part]
        return tuple(words)

    return Persian(forms)


def _tokens(text: str) -> list[str]:
    found: list[str] = _TOKEN.findall(text)
    return found


def _marks_move(text: str) -> bool:
    """Check whether hazm would join marks over a space, or split them (`!?`).

    Always true with tabs, which are rare.
    """
    return (
        "!?" in text
        or "؟?" in text
        or "\t" in text
        or (
            (" !" in text or " ؟" in text or " ." in text or " :" in text)
            and _BETWEEN_MARKS.search(text) is not None
        )
    )


def _apply_hazm_patterns(
    lines: list[list[str]], patterns: list[tuple[re.Pattern[str], str]]
) -> list[str]:
    """Apply the rest of hazm's normaliser with its own patterns, then tokenise."""
    text = "\n".join(map(" ".join, lines))
    for pattern, new in patterns:
        text = pattern.sub(new, text)
    return _tokens(replace_ligatures(text))
