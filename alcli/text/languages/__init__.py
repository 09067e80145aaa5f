"""Normalisation of texts to tokens, by language.

    tokens = normaliser("fa")        # reads the word list: half a second
    tokens("غذا عالی بود :)")        # ['غذا', 'عالی', 'بود', ':)']

A language is one file with a function `build(*, informal, lemmatize)` that returns a
`Language`, and its line in `LANGUAGES`. Emoji, emoticons, addresses, hashtags, mentions
and numbers are one token each in all languages; see `alcli.text.protect`. Invisible
characters are no part of tokens, and all white space separates them; see
`alcli.text.characters`.

Tokens are never empty and contain no white space, so `" ".join(tokens)` can be split
again at U+0020.
"""

import re
from collections.abc import Callable, Collection
from importlib import import_module
from typing import Protocol

from alcli.core.errors import UnknownName
from alcli.text.characters import replace_unseen
from alcli.text.protect import span_finder

LANGUAGES = {"fa": "alcli.text.languages.fa", "any": "alcli.text.languages.any"}
DROPPABLE_KINDS = ("numbers", "punctuation")


class Language(Protocol):
    """Normalisation of the text between protected spans, for one language."""

    split_letters: bool  # whether digits that touch letters are numbers

    def prepare(self, text: str) -> str:
        """Apply changes that need the whole text, before protected spans are found."""

    def words(self, text: str, *, cut: bool = False) -> list[str]:
        """Return the tokens of a prepared text, or of a part of it (`cut`)."""

    def number(self, number: str) -> str:
        """Return a number in the digits of the language."""

    def tag(self, tag: str) -> str:
        """Return a hashtag, mention or name in the letters of the language's words."""


def normaliser(
    language: str,
    *,
    informal: bool = False,
    lemmatize: bool = False,
    drop: Collection[str] = frozenset(),
) -> Callable[[str], list[str]]:
    """Return a function from a text to its tokens.

    The function caches results per word, in bounded memory; its time is linear in the
    length of a text. It is not thread-safe.

    language: "fa" (Persian, by hazm) or "any" (Unicode).
    informal: whether colloquial forms become formal ones (نمیدونم: نمی‌دانم).
    lemmatize: whether words become their lemmas (کتاب‌ها: کتاب).
    drop: kinds of tokens to drop: "numbers", "punctuation" (tokens without a letter or
        digit, other than emoji and emoticons), or both.

    Raises:
        UnknownName: an unknown language or kind of token.
        UsageError: the language does not support an option.
    """
    if language not in LANGUAGES:
        raise UnknownName("language", language, LANGUAGES)
    for name in drop:
        if name not in DROPPABLE_KINDS:
            raise UnknownName("kind of token", name, DROPPABLE_KINDS)
    build = import_module(LANGUAGES[language]).build
    plugin: Language = build(informal=informal, lemmatize=lemmatize)
    find = span_finder(split_letters=plugin.split_letters)
    prepare, number, tag = plugin.prepare, plugin.number, plugin.tag
    words = (
        _without_punctuation(plugin.words) if "punctuation" in drop else plugin.words
    )
    keep_numbers = "numbers" not in drop

    def normalise(text: str) -> list[str]:
        text = prepare(replace_unseen(text))
        spans = find(text)
        if not spans:
            return words(text)
        tokens: list[str] = []
        at = 0
        for start, end, kind in spans:
            if at < start:
                tokens += words(text[at:start], cut=True)
            span = text[start:end]
            if kind == "tag":
                tokens.append(tag(span))
            elif kind != "number":
                tokens.append(span)
            elif keep_numbers:
                tokens.append(number(span))
            at = end
        return tokens + words(text[at:], cut=True)

    return normalise


def _without_punctuation(words: Callable[..., list[str]]) -> Callable[..., list[str]]:
    """Return a function of the tokens with a letter or digit."""
    letter_or_digit = re.compile(r"[^\W_]").search

    def filtered(text: str, *, cut: bool = False) -> list[str]:
        return [t for t in words(text, cut=cut) if letter_or_digit(t) is not None]

    return filtered
