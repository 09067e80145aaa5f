"""Stop words, in the form of `tokens`."""

from alcli.core.inputs import read_text
from alcli.text.languages import normaliser

STOPWORD_LISTS = ("persian", "none")  # any other name is a path


def load_stopwords(name: str) -> frozenset[str]:
    """Return the stop words of a list or file.

    Words are normalised as Persian texts are, so that they match tokens; an entry of
    several tokens (آسیب پذیرند), which could not match, is dropped.

    name: "persian" (hazm's list), "none", or the path of a UTF-8 file with one word per
        line.

    Raises:
        InputError: the file is unreadable or not UTF-8.
    """
    if name == "none":
        return frozenset()
    tokens = normaliser("fa")
    lines = _hazm_stopwords() if name == "persian" else read_text(name).split("\n")
    entries = map(tokens, lines)
    return frozenset(entry[0] for entry in entries if len(entry) == 1)


def _hazm_stopwords() -> list[str]:
    from hazm.utils import stopwords_list

    words: list[str] = stopwords_list()
    return words
