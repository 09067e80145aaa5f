"""Protected spans: addresses, tags, emoji, emoticons, numbers.

Tokenisers split `:)` and `12.5`. So these spans are found first, and each becomes one
token; only the text between them is normalised by the language.

- url: with `http://`, `https://`, `ftp://` or `www.`, then also with letters of other
  alphabets; or a host with a common suffix (`digikala.com/x`), or a rarer one and a
  path (`t.me/x`). Upper case is the same. A full stop, comma or bracket at its end
  belongs to the sentence.
- email: `name@host.tld`.
- tag: `#hashtag`, `@mention`, and names with a low line and a digit (`user_123`). A
  hashtag may have hyphens, a mention full stops.
- emoji: one token each, with its skin tone, variation selector, ZWJ sequence, flag or
  keycap. Symbols that are text by default (©, ↔, ™) count where U+FE0F follows.
- emoticon: `:) ;-) =D :'( :| :/ :* :P xD <3 </3`, with any number of mouths; `؛)`;
  mirrored `(:`; `^_^ ^^ -_- o_O T_T >_<`. It is unchanged: `:)))`.
- number: digits, joined by `. , ٫ ٬ / :` (12.5, 1,200, 12:30, 1399/02/03), and a
  percent sign on either side (50%, ٪۵۰). Hyphens and signs are separate: 2-3 is two.

Not emoticons, but punctuation:

- `:)` where a bracket is open: (مثلا :). Of `:))` the last mouth closes the bracket.
- `:(` before a digit, or where the next bracket closes it: قیمت:(۱۲), موارد:(الف).
- `:/` before a slash or word, `:[` before anything but a space or the end, and letters
  as mouths inside words and paths: `a:p`, `C:D`.
- `):`, which in prose is the end of a bracket and a colon: (رنگ): آبی.
"""

import re
from collections.abc import Callable
from typing import Literal, NamedTuple, cast

type SpanKind = Literal["url", "email", "tag", "emoji", "emoticon", "number"]


class ProtectedSpan(NamedTuple):
    """Span `text[start:end]` of one token."""

    start: int
    end: int
    kind: SpanKind


# Each span has at least one of these characters; most texts have none.
_TRIGGER = re.compile(
    r"[\dA-Za-z:;=؛^<_#@\u20e3\ufe0f\u231a-\u23ff\u2600-\u27bf\u2b00-\u2bff"
    r"\U0001f000-\U0001faff]"
)
# And it begins with one of these, not inside a run of Latin letters: elsewhere the
# patterns need not be tried.
_FIRST = (
    r"(?=[\dA-Za-z:;=؛^<>(%٪#@*\-©®\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff"
    r"\u24c2\u25a0-\u27bf\u2934\u2935\u2b00-\u2bff\u3030\u303d\u3297\u3299"
    r"\U0001f000-\U0001faff])(?:(?<![A-Za-z])|(?![A-Za-z])|(?=(?i:https?|ftp)://))"
)

# A text may be a megabyte of anything, so no pattern may match the same characters
# repeatedly: repeats are bounded, or possessive (`++`), or begin at the start of a run
# of their characters (by a look-behind).

_PATH = r"""(?:[/?#](?:[^\s<>"«»]*[^\s<>"«».,:;!?…'()\[\]{}،؛؟])?)?"""
_LABELS = r"(?:[A-Za-z0-9-]{1,63}+\.){1,8}"
_ENDINGS = "com|org|net|edu|gov|info|biz|ir|io|co|uk|ru|tr|ae|cn|jp"  # no plain words
_PATH_ENDINGS = "me|ly|be|gl|tv|to|gg|app|dev|link|site|shop|xyz|ai|de|fr|af|tj|us|in"
# A letter may have combining marks, which `\w` lacks; a word, half-spaces.
_MARKS = (
    r"\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    r"\u06d6-\u06ed\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e\u0eb1-\u0ece\u0f18-\u0fbc"
    r"\u102b-\u109d\u17b4-\u17d3\u3099\u309a"
)
_WORD = rf"(?:[\w{_MARKS}]|\u200c(?=\w))"
# A label is of one alphabet: in `http://x.irبود` a word follows.
_LABEL = (
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?"
    rf"|[^\W_A-Za-z](?:(?![A-Za-z_]){_WORD}|-(?=\w))*+)"
)
_HOST = rf"{_LABEL}(?:[.:@]{_LABEL})*+"
_URL = (
    r"(?:(?i:https?|ftp)://|(?<![A-Za-z0-9.@_-])(?i:www)\.)"
    rf"{_HOST}{_PATH}"
    rf"|(?<![A-Za-z0-9.@_-]){_LABELS}(?:(?i:{_ENDINGS})"
    rf"(?![A-Za-z0-9@_-]|\.[A-Za-z0-9])(?::\d{{1,5}}+)?{_PATH}"
    rf"|(?i:{_PATH_ENDINGS})(?=/[A-Za-z0-9@+_]){_PATH})"
)
_EMAIL = (
    r"(?<![A-Za-z0-9_%+-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}+"
    rf"@{_LABELS}[A-Za-z]{{2,24}}+(?![A-Za-z0-9@])"
)

_TAG = (
    rf"(?<![^\W_])#(?=[\d_]*+[^\W\d_]){_WORD}++(?:-{_WORD}++)*+"
    r"|(?<![A-Za-z0-9_.%+@-])@(?=[\d_]*+[^\W\d_])"
    rf"(?:[A-Za-z0-9_]++(?:\.[A-Za-z0-9_]++)*+|(?<!\w@){_WORD}++)"
    r"|(?<![A-Za-z0-9_])[A-Za-z](?=[A-Za-z0-9_]*\d)[A-Za-z0-9]*+_[A-Za-z0-9_]*+"
)

_PICTURE = (
    r"(?:[\u231a\u231b\u23e9-\u23f3\u23f8-\u23fa\u2600-\u27bf\u2b05-\u2b07\u2b1b\u2b1c"
    r"\u2b50\u2b55\U0001f000-\U0001f1e5\U0001f200-\U0001faff]"
    r"|[©®\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25a0-\u25ff\u2934"
    r"\u2935\u2b00-\u2bff\u3030\u303d\u3297\u3299](?=\ufe0f))"
    r"[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]{0,2}+[\U000e0020-\U000e007f]*+"
)
_EMOJI = (
    rf"{_PICTURE}(?:\u200d{_PICTURE})*+"
    r"|[\U0001f1e6-\U0001f1ff]{1,2}+"
    r"|[0-9#*]\ufe0f?\u20e3"
)

_CLOSED = r"[^()\n]*(?<![:;=؛])(?<![:;=][-'’])\)"  # the next bracket is a plain closing
_EMOTICON = (
    r"[:;=][-'’]?+(?:\)++|\({2}+\(*+|\((?!\d)(?!" + _CLOSED + r"))"
    r"|؛(?:\)++|\((?![\w ]))"
    r"|(?:(?<![A-Z0-9])|(?<=[:;=][DP]))[:;=][-'’]?+(?:D++|P++)(?![^\W_])"
    r"|(?<![A-Za-z0-9])[:;=][-'’]?+p++(?![^\W_])"
    r"|(?<!\w):[-'’]?+[OoXxSs](?![^\W_])"
    r"|(?<!\w)[:=]-?+[\[\]{}]++(?!\S)"
    r"|[:=][-'’]?+\|++(?![^\W_])"
    r"|:-?+(?:\*++(?!\w)|/(?![\w/])|\\(?!\w))"
    r"|(?<!\()\(++[-']?+[:;=](?!\S)"
    r"|(?:(?<![A-Za-z\d])|(?<=<3)|(?<=/3))</?3++(?![A-Za-z\d])"
    r"|(?<![A-Za-z\d])\^[_.-]{0,5}+\^(?![A-Za-z\d])"
    r"|-_{1,5}+-|>_{1,5}+<"
    r"|(?<![A-Za-z\d_])(?:[Oo]_{1,5}+[Oo]|T_{1,5}+T|[Xx]D++)(?![A-Za-z\d_])"
)

_JOINED = r"(?:[.,٫٬/:]\d++)"
_NUMBER = rf"[%٪]?\d++{_JOINED}*+[%٪]?"
# Where digits may be part of a word (mp3, 19th, covid-19, v1.2), such words are no
# numbers, but 12.5 is one even before a unit (12.5kg).
_NUMBER_APART = (
    r"(?<![^\W_])[%٪]?(?<![^\W_])(?<![^\W\d_][.'’-])(?<!\d\.)"
    rf"(?:\d++{_JOINED}++|\d++(?![^\W_]|[-'’][^\W\d_]))[%٪]?"
)


def span_finder(*, split_letters: bool) -> Callable[[str], list[ProtectedSpan]]:
    """Return a function that finds the protected spans of a text, from left to right.

    split_letters: whether digits that touch letters are a number, too (5تا).

    >>> find = span_finder(split_letters=True)
    >>> text = "عالی بود:)) ۱۲٫۵ تومان"
    >>> [text[span.start : span.end] for span in find(text)]
    [':))', '۱۲٫۵']
    """
    kinds = {
        "url": _URL,
        "email": _EMAIL,
        "tag": _TAG,
        "emoji": _EMOJI,
        "emoticon": _EMOTICON,
        "number": _NUMBER if split_letters else _NUMBER_APART,
    }
    either = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in kinds.items())
    matches = re.compile(f"{_FIRST}(?:{either})").finditer

    def find(text: str) -> list[ProtectedSpan]:
        if _TRIGGER.search(text) is None:
            return []
        spans = [
            ProtectedSpan(*m.span(), cast(SpanKind, m.lastgroup)) for m in matches(text)
        ]
        if "(" in text and any(span.kind == "emoticon" for span in spans):
            spans = _without_closing_brackets(text, spans)
        return spans

    return find


def _without_closing_brackets(
    text: str, spans: list[ProtectedSpan]
) -> list[ProtectedSpan]:
    """Remove the last mouth of emoticons that close an open bracket."""
    kept = []
    opened = seen = 0  # brackets open at `seen`
    for span in spans:
        if span.kind == "emoticon":
            opened += text.count("(", seen, span.start)
            opened = max(0, opened - text.count(")", seen, span.start))
            seen = span.end
            if opened and text[span.end - 1] == ")":
                seen -= 1
                if text[span.end - 2] != ")":
                    continue
                span = span._replace(end=span.end - 1)
        kept.append(span)
    return kept
