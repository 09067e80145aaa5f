"""Tokens of hazm, for comparison, and texts."""

import gzip
import json
import random
from collections.abc import Callable

import pytest

from alcli.text.languages import normaliser
from alcli.text.protect import span_finder

# pieces that hazm treats specially, alone or beside each other
PIECES = [
    *' \n\t.:!؟?،؛«»"()[]{}/\\،یهءأة…%-_#@+*',
    *("\u200c", "\u200c\u200c", "\u200c ", " \u200c", "\u200d", "\u200e", "\u00a0"),
    *("ـ", "\r", "\r\n", "\n\n\n", "  ", "\x0b", "\x1f", "\x85", "\u2028", "\ue000"),
    *("\u064b", "\u064e", "\u0651", "\u0670", "\u06d4", "ﷲ", "﷽", "ﻻ", "ﻙ", "(ﷰ|ﷹ)"),
    *("ي", "ك", "ى", "ۀ", "ە", "ہ", "“", "”", "...", " ...", "!?", "؟!", "? !", "+.+"),
    *("می ", "نمی ", " ها", " های", " تر", " ترین", " ی ", " ام", " اند", " گری"),
    *("هها", "ه ای ", " می‌", "نمیدانم", "میرود", "عالییییی", "خخخخ", "سلاممم"),
    *("رفته", " است", " خواهم", "خواهد ", " شده", " باشد ", "گفته شده است", "_"),
    *("کتاب ها", "بچه ها ی", "زمین لرزه ای", "یک", "و", "خوب", "hello", "A", "é", "中"),
]

WORDS = """
این گوشی واقعا خوب بود و از خرید آن راضی هستم ولی کیفیت صفحه نمایش کم است
بچه کتاب خانه زمین می رود رفته گفته خواهد کرد همکار دانش آموزان بی نظیر
"""


@pytest.fixture(scope="session")
def hazm_tokens() -> Callable[[str], list[str]]:
    """Return a function: `WordTokenizer().tokenize(Normalizer().normalize(text))`."""
    from hazm.normalizer import Normalizer
    from hazm.word_tokenizer import WordTokenizer

    normalise, tokenise = Normalizer().normalize, WordTokenizer().tokenize
    return lambda text: tokenise(normalise(text))


@pytest.fixture(scope="session")
def fa() -> Callable[[str], list[str]]:
    return normaliser("fa")


@pytest.fixture(scope="session")
def any_language() -> Callable[[str], list[str]]:
    return normaliser("any")


@pytest.fixture(scope="session")
def eligible() -> Callable[[str], bool]:
    """Return a predicate for texts without protected spans: there hazm is right."""
    find = span_finder(split_letters=True)
    return lambda text: not find(text)


@pytest.fixture(scope="session")
def texts(data) -> Callable[[str], list[str]]:
    def read(path: str) -> list[str]:
        with gzip.open(data(path), "rb") as lines:
            return [json.loads(line)["text"] for line in lines]

    return read


@pytest.fixture(scope="session")
def fuzzed() -> Callable[..., list[str]]:
    """Return a function that makes n texts of pieces between words, or alone."""
    words = WORDS.split()

    def make(n: int, *, seed: int) -> list[str]:
        rng = random.Random(seed)
        made = []
        for _ in range(n):
            text = [] if rng.random() < 0.3 else list(" ".join(rng.choices(words, k=9)))
            for _ in range(rng.randint(1, 10)):
                text.insert(rng.randint(0, len(text)), rng.choice(PIECES))
            made.append("".join(text))
        return made

    return make
