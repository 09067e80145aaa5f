"""Words that say little, in the form that they have in `tokens`."""

from pathlib import Path

from alcli.core.errors import InputError
from alcli.text.languages import normaliser

STOPWORD_LISTS = ("persian", "none")  # any other name is a file's


def load_stopwords(name: str, *, language: str = "fa") -> frozenset[str]:
    """Return the stop words called `name`.

    `name`: "persian" (hazm's list), "none", or the path of a UTF-8 file, one word on a
    line. Words pass through the normaliser of `language`, so that they match; an entry
    of several tokens (آسیب پذیرند) could match none and is left out.

    Raises:
        InputError: the file cannot be read, or is not UTF-8.
    """
    if name == "none":
        return frozenset()
    tokens = normaliser(language)
    entries = map(
        tokens, _hazm_stopwords() if name == "persian" else _read_lines(Path(name))
    )
    return frozenset(entry[0] for entry in entries if len(entry) == 1)


def _hazm_stopwords() -> list[str]:
    from hazm.utils import stopwords_list

    words: list[str] = stopwords_list()
    return words


def _read_lines(path: Path) -> list[str]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read: {error.strerror}", source=path) from error
    try:
        return data.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError("not UTF-8", source=path, line=line) from error
