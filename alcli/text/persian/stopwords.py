"""Stop words, in the form of `tokens`."""

from alcli.core.inputs import read_text
from alcli.text.languages import normaliser
from alcli.text.persian.hazm_modules import hazm_module

STOPWORD_LISTS = ("persian", "none")  # any other name is a path


def load_stopwords(name: str) -> frozenset[str]:
    """Return the stop words of a list or file.

    Words of a file are normalised as Persian texts are, so that they match tokens; an
    entry of several tokens (آسیب پذیرند), which could not match, is dropped. hazm's are
    so already.

    name: "persian" (hazm's list), "none", or the path of a UTF-8 file with one word per
        line.

    Raises:
        InputError: the file is unreadable or not UTF-8.
    """
    if name == "none":
        return frozenset()
    if name == "persian":
        return frozenset(hazm_module("utils").stopwords_list())
    entries = map(normaliser("fa"), read_text(name).split("\n"))
    return frozenset(entry[0] for entry in entries if len(entry) == 1)
