"""Tokens of hazm, for comparison, and texts."""

import gzip
import json
import random
import re
import unicodedata
from collections.abc import Callable

import pytest

from alcli.text.characters import replace_unseen
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
    """Return a function: `WordTokenizer().tokenize(Normalizer().normalize(text))`.

    But invisible characters and odd spaces are replaced, and presentation forms folded,
    before; and verbs are joined only between marks, and without a last auxiliary.
    """
    from hazm.normalizer import Normalizer
    from hazm.word_tokenizer import WordTokenizer

    normalise, tokenizer = Normalizer().normalize, WordTokenizer()
    joined, auxiliaries = tokenizer.join_verb_parts, tokenizer.before_verbs
    apart = WordTokenizer(join_verb_parts=False).tokenize

    def tokens(text: str) -> list[str]:
        text = replace_unseen(text).replace("\u200d", "")
        found: list[str] = []  # backwards
        part: list[str] = []
        for token in reversed(apart(normalise(folded(text)))):
            if not part and token in auxiliaries:
                found.append(token)
            elif any(map(str.isalnum, token)):
                part.insert(0, token)
            else:
                found += [*reversed(joined(part)), token]
                part = []
        return [*joined(part), *reversed(found)]

    return tokens


def folded(text: str) -> str:
    """Return a text whose presentation forms are letters, or missing if marks."""

    def letters(form: re.Match[str]) -> str:
        found = unicodedata.normalize("NFKC", form[0])
        return "" if " " in found else found.replace("ـ", "")

    return re.sub("[\ufb50-\ufdff\ufe70-\ufefe]", letters, text)


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
    return lambda text: not find(replace_unseen(text))


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
