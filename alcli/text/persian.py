"""Language `fa`: hazm's normaliser and word tokeniser, several times faster.

The tokens are those of `WordTokenizer().tokenize(Normalizer().normalize(text))`, with
hazm's default settings. hazm runs some forty patterns over each text, and nearly all
change nothing. So characters that could matter are looked for first, all in one search
or with `in`, and what is not there is not worked on; what depends on one word alone is
worked out once and remembered. Texts that hazm's patterns for affixes and punctuation
would change are rare: these go through the very same patterns (`_by_the_book`).

The time is linear in the length of the text, whatever is in it. (hazm's is not.)
"""

import re
from collections.abc import Callable
from itertools import chain

from hazm.constants import (
    AFFIX_SPACING_PATTERNS,
    DIACRITICS_PATTERNS,
    NUMBERS_DST,
    NUMBERS_SRC,
    PERSIAN_STYLE_PATTERNS,
    PUNCTUATION_SPACING_PATTERNS,
    SPECIAL_CHARS_PATTERNS,
    TRANSLATION_DST,
    TRANSLATION_SRC,
    UNICODE_REPLACEMENTS,
)

from alcli.text.lexicon import HALF_SPACE, lexicon
from alcli.text.memo import Memo
from alcli.text.spacing import join_halves, join_verbs, rewriter

_BMP = "".join(map(chr, range(0x10000)))
_VOWELS, _SPECIALS = (
    set(re.findall(patterns[0][0], _BMP))
    for patterns in (DIACRITICS_PATTERNS, SPECIAL_CHARS_PATTERNS)
)
_DIGITS = dict(zip(NUMBERS_SRC, NUMBERS_DST, strict=True))
# None of the replacements is itself replaced, so they may be made in any order.
_REPLACED = (
    dict(zip(TRANSLATION_SRC, TRANSLATION_DST, strict=True))
    | _DIGITS
    | dict.fromkeys(_VOWELS, "")
)
# hazm handles these last, on the spaced text; the brackets are ordinary.
_LATE = _SPECIALS | {char for old, _ in UNICODE_REPLACEMENTS for char in old}
_LATE -= set("(|)")
_DROPPED = {"ـ", "\r"}  # kashida; but only once half-spaces are settled
_ODD = re.compile(f"[{re.escape(''.join({*_REPLACED, *_LATE, *_DROPPED}))}]")

_SPECIAL = re.compile(SPECIAL_CHARS_PATTERNS[0][0])

_QUOTES, _POINT, _DOTS = (
    (re.compile(pattern), new) for pattern, new in PERSIAN_STYLE_PATTERNS
)
_MAYBE_POINT = re.compile(r"\.(?<=[\d+]\.)(?=[\d+])")  # begins with a literal: fast

# A half-space belongs between two letters. hazm drops it beside a space and at one end
# of a word; between two punctuation marks it stays.
_SPACES = re.compile(" {2,}")
_HALF_SPACES = re.compile(f"{HALF_SPACE}+")
_STRAY = re.compile(
    rf"(?<=[\w ]){HALF_SPACE}(?!\w)|(?<!\w){HALF_SPACE}(?=[\w ])",
)
_MAYBE_STRAY = re.compile(rf"{HALF_SPACE}(?:(?!\w)|(?<!\w{HALF_SPACE}))")

_MARKS = r"؟!?\d.:،؛»\])}\"«\[({/\\"
_TOKEN = re.compile(rf"[؟!?]+|[\d.:]+|[،؛»\])}}\"«\[({{/\\]|[^ \n\t{_MARKS}]+")
_ANY_MARK = re.compile(rf"[\t{_MARKS}]")
# A space over which hazm pulls marks together. (Begins with a literal, too.)
_BETWEEN_MARKS = re.compile(r" (?:(?<=[؟!?] )[؟!]|(?<=[\d.:] )[.:])")
_AFFIXES = {"می", "نمی", "تر", "تری", "ترین", "گر", "گری", "ها", "های"}
_AFFIXES |= {"ی", "ام", "ایم", "اش", "اند", "ای", "اید", "ات"}
_JOIN_AFFIXES, _SPACE_MARKS = (
    [(re.compile(pattern), new) for pattern, new in patterns]
    for patterns in (AFFIX_SPACING_PATTERNS, PUNCTUATION_SPACING_PATTERNS)
)


class Persian:
    """The plug-in: `prepare` a whole text, then take the `words` of its parts."""

    # Digits are tokens of their own, whatever letters they touch, as they are in hazm.
    split_letters = True

    def __init__(self, forms: Callable[[str], tuple[str, ...]] | None = None) -> None:
        self._lexicon = lexicon()
        self._split = Memo(_tokens)
        self._rewritten = Memo(rewriter(self._lexicon))
        self._forms = Memo(forms) if forms is not None else None
        self.number = Memo(_number).__getitem__

    def prepare(self, text: str) -> str:
        """Put quotation marks that come in pairs into « and ».

        Done on the whole text, because a quotation may hold a number or a smiley.
        """
        if "“" in text or "”" in text:
            text = text.replace("“", '"').replace("”", '"')
        if '"' in text:
            text = _QUOTES[0].sub(_QUOTES[1], text)
        return text

    def words(self, text: str, *, cut: bool = False) -> list[str]:
        """Return the tokens of a prepared text, or of a part of one (`cut`)."""
        if cut:  # beside an emoji, these join nothing and choose no picture
            text = text.strip(" \u200c\u200d\ufe0f")
        text, late = _cleaned(text)
        lines = [
            join_halves(self._tokens(line), self._lexicon) for line in text.split("\n")
        ]
        tokens = lines[0] if len(lines) == 1 else [*chain.from_iterable(lines)]
        if late or _marks_move(text):
            tokens = _by_the_book(lines, _JOIN_AFFIXES + _SPACE_MARKS)
        elif not _AFFIXES.isdisjoint(tokens) or "هها" in text:
            tokens = _by_the_book(lines, _JOIN_AFFIXES)
        tokens = [*map(self._rewritten.__getitem__, tokens)]
        tokens = join_verbs(tokens, self._lexicon, cut=cut)
        if self._forms is not None:
            tokens = [*chain.from_iterable(map(self._forms.__getitem__, tokens))]
        return tokens

    def _tokens(self, line: str) -> list[str]:
        line = line.strip(" ")
        if line and _ANY_MARK.search(line) is None:
            return line.split(" ")
        return [*chain.from_iterable(map(self._split.__getitem__, line.split(" ")))]


def build(*, informal: bool, lemmatize: bool) -> Persian:
    """Make the plug-in; the options load more of hazm."""
    if not (informal or lemmatize):
        return Persian()
    from alcli.text.forms import formal, lemma

    stages = [formal()] * informal + [lemma()] * lemmatize

    def forms(token: str) -> tuple[str, ...]:
        words = [token]
        for stage in stages:
            words = [part for word in words for part in stage(word).split(" ") if part]
        return tuple(words)

    return Persian(forms)


def _number(number: str) -> str:
    """Use Persian digits and percent sign, and ٫ for the point of a decimal."""
    for char in set(number) & _DIGITS.keys():
        number = number.replace(char, _DIGITS[char])
    if number.count(".") == 1 and not {"/", ":"} & set(number):
        number = number.replace(".", "٫")
    return number


def _tokens(text: str) -> list[str]:
    found: list[str] = _TOKEN.findall(text)
    return found


def _cleaned(text: str) -> tuple[str, bool]:
    """Put characters and half-spaces right, as hazm does before it looks at words.

    Also say whether there are characters that must wait until the words are spaced.
    """
    if "ي" in text:  # by far the commonest: half of the Persian that is typed has it
        text = text.replace("ي", "ی")
    if "." in text:
        if _MAYBE_POINT.search(text) is not None:
            text = _POINT[0].sub(_POINT[1], text)
        if "..." in text:
            text = _DOTS[0].sub(_DOTS[1], text)
    odd = _ODD.search(text) is not None and set(_ODD.findall(text))
    if odd:
        for char in odd & _REPLACED.keys():
            text = text.replace(char, _REPLACED[char])
    if text.endswith("\n"):  # hazm's ` +$` matches before a last line break, too
        text = text[:-1].rstrip(" ")
    text = text.strip(" ")
    if HALF_SPACE in text and _MAYBE_STRAY.search(text) is not None:
        text = _STRAY.sub("", _HALF_SPACES.sub(HALF_SPACE, text))
    if odd:
        for char in odd & _DROPPED:
            text = text.replace(char, "")
    if "  " in text:
        text = _SPACES.sub(" ", text)
    return text, bool(odd) and not odd.isdisjoint(_LATE)


def _marks_move(text: str) -> bool:
    """Say whether hazm would join marks over a space, or part them: `!?` is two tokens.

    With tabs it might, and they are rare enough to say yes.
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


def _by_the_book(
    lines: list[list[str]], patterns: list[tuple[re.Pattern[str], str]]
) -> list[str]:
    """Do the rest of hazm's normaliser with its own patterns, then tokenise again."""
    text = "\n".join(map(" ".join, lines))
    for pattern, new in patterns:
        text = pattern.sub(new, text)
    for old, new in UNICODE_REPLACEMENTS:
        text = text.replace(old, new)
    return _tokens(_SPECIAL.sub("", text))
