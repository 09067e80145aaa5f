"""Options of `normaliser`, and properties of every language."""

import subprocess
import sys

import pytest

from alcli.core.errors import UnknownName, UsageError
from alcli.text.languages import LANGUAGES, normaliser
from alcli.text.memo import MAX_KEY_LENGTH, Memo


def test_the_import_loads_nothing_heavy():
    code = (
        "import sys, alcli.text.languages;"
        "heavy = {'hazm', 'nltk', 'numpy', 'scipy', 'sklearn'};"
        "sys.exit(', '.join(heavy & sys.modules.keys()) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_messages_for_unknown_names_list_the_known_ones():
    with pytest.raises(UnknownName, match=r"language 'xx'.*fa, any"):
        normaliser("xx")
    with pytest.raises(UnknownName, match=r"'smileys'.*numbers, punctuation"):
        normaliser("any", drop={"smileys"})


@pytest.mark.parametrize("option", ["informal", "lemmatize"])
def test_language_any_rejects_options_of_persian(option):
    with pytest.raises(UsageError, match=option):
        normaliser("any", **{option: True})


TEXT = "(12.5 تومان!) عالی :)) 👍🏽 ، ٪ x_y #a http://x.ir/1 a@b.com — 50%"


@pytest.mark.parametrize("language", LANGUAGES)
def test_dropped_kinds_are_missing(language):
    everything = normaliser(language)(TEXT)
    numbers = {"12.5", "۱۲٫۵", "50%", "۵۰٪"}
    marks = {*"()!،٪—#"}
    assert numbers & {*everything}
    assert normaliser(language, drop={"numbers"})(TEXT) == [
        token for token in everything if token not in numbers
    ]
    assert normaliser(language, drop={"punctuation"})(TEXT) == [
        token for token in everything if token not in marks
    ]
    both = normaliser(language, drop={"numbers", "punctuation"})(TEXT)
    assert both == [t for t in everything if t not in numbers | marks]
    assert {":))", "👍🏽", "http://x.ir/1", "a@b.com", "عالی"} <= {*both}


@pytest.mark.parametrize("drop", [[], ["numbers", "punctuation"]])
@pytest.mark.parametrize("language", LANGUAGES)
def test_tokens_are_never_empty_and_contain_no_space(language, drop, fuzzed):
    normalise = normaliser(language, drop=drop)
    items = (
        ":)",
        "😂",
        "12.5",
        "5",
        " http://x.ir ",
        "a@b.com",
        "1\ufe0f",
        "\u0301",
        "¨",
    )
    for text in ["", " ", "\n\t", "😂", *fuzzed(2_000, seed=4)]:
        middle = len(text) // 2
        for item in ("", items[len(text) % len(items)]):
            mixed = text[:middle] + item + text[middle:]
            tokens = normalise(mixed)
            assert all(tokens)
            assert not any(" " in token for token in tokens)
            assert tokens == normalise(mixed)
            if item in (":)", "😂") and mixed.strip(" \n\t") == item:
                assert tokens == [item]


def test_no_character_is_reserved(fa):
    """Protected spans have no placeholders, so private characters are safe."""
    private = "".join(map(chr, range(0xE000, 0xF900)))
    assert fa(f"{private} :) {private}") == [private, ":)", private]


@pytest.fixture(scope="module")
def informal():
    return normaliser("fa", informal=True)


@pytest.mark.parametrize(
    ("spoken", "written"),
    [
        ("نمیدونم", ["نمی‌دانم"]),
        ("اینو", ["این", "را"]),
        ("خوبه", ["خوب", "است"]),
        ("اومده", ["آمده", "است"]),
        ("اصن", ["اصلا"]),  # without the tanvin, as elsewhere
        ("نون", ["نان"]),
        ("شدم", ["شدم"]),
        ("می‌روم", ["می‌روم"]),
        ("کیبورد :) 5", ["کیبورد", ":)", "۵"]),
    ],
)
def test_colloquial_forms_become_formal(spoken, written, informal):
    assert informal(spoken) == written


@pytest.fixture(scope="module")
def lemmas():
    return normaliser("fa", lemmatize=True)


@pytest.mark.parametrize(
    ("word", "lemma"),
    [
        ("کتاب‌ها", "کتاب"),
        ("می‌روم", "رفت"),
        ("خواهد رفت", "رفت"),
        ("نچشیده است", "چشید"),
        ("هستم", "هست"),  # has no past root
        ("شد", "شد"),
        ("#کتاب‌ها", "#کتاب‌ها"),
        (":)", ":)"),
        ("۱۲", "۱۲"),
    ],
)
def test_words_become_lemmas(word, lemma, lemmas):
    assert lemmas(word) == [lemma]


def test_lemmas_are_those_of_formal_forms():
    both = normaliser("fa", informal=True, lemmatize=True, drop={"punctuation"})
    assert both("نمیدونم! کتاباشو :)")[0] == "دانست"
    assert both("نمیدونم! :)") == ["دانست", ":)"]


def test_memo_is_bounded():
    calls = []

    def double(key):
        calls.append(key)
        return 2 * key

    memo = Memo(double, entries=3)
    assert [memo[key] for key in "abcabca"] == [2 * key for key in "abcabca"]
    assert calls == ["a", "b", "c"]
    assert memo["d"] == "dd"
    assert list(memo) == ["d"]
    long = "x" * (MAX_KEY_LENGTH + 1)
    assert memo[long] == 2 * long
    assert long not in memo
