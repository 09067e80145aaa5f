"""The plain way to tokenise Persian with hazm: normalise, tokenise, text by text."""

from hazm import Normalizer, WordTokenizer

_normalizer = Normalizer()
_tokenizer = WordTokenizer()


def tokens(text: str) -> list[str]:
    """Return the tokens of one text, as hazm's documentation shows it."""
    found: list[str] = _tokenizer.tokenize(_normalizer.normalize(text))
    return found
