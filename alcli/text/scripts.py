"""Script of a text: that of more than half of its letters."""

import re
from collections.abc import Callable

from alcli.core.errors import UnknownName

# letters only: no digits, marks, half-spaces or punctuation
_LETTERS = {
    "fa": "\u0620-\u064a\u066e\u066f\u0671-\u06d3\u06d5\u06e5\u06e6\u06ee\u06ef"
    "\u06fa-\u06fc\u06ff\u0750-\u077f\u0870-\u0887\u0889-\u088e\u08a0-\u08c9"
    "\ufb50-\ufbb1\ufbd3-\ufd3d\ufd50-\ufd8f\ufd92-\ufdc7\ufdf0-\ufdfb\ufe70-\ufefc",
    "latin": "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u1d00-\u1d25"
    "\u1d2c-\u1d5c\u1d62-\u1d65\u1d6b-\u1dbe\u1e00-\u1eff\u2071\u207f\u2090-\u209c"
    "\u2c60-\u2c7f\ua722-\ua787\ua78b-\ua7ff\uab30-\uab5a\ufb00-\ufb06\uff21-\uff3a"
    "\uff41-\uff5a",
}
SCRIPTS = (*_LETTERS, "any")
_ADDRESS = re.compile(r"://|(?i:www)\.|@")  # in tokens that are addresses


def in_script(name: str) -> Callable[[str], bool]:
    """Return a predicate that checks whether a text is in a script.

    A text is in a script unless more than half of its letters are of others. A text
    without letters (emoji, digits) is in every script. Letters of web and mail
    addresses are ignored.

    name: "fa" (the Arabic script, of Persian and other languages), "latin" or "any".

    >>> persian = in_script("fa")
    >>> list(map(persian, ["گوشی آیفون iPhone", "خوب but too small", "👍 ۲۰"]))
    [True, False, True]

    Raises:
        UnknownName: no such script.
    """
    if name not in SCRIPTS:
        raise UnknownName("script", name, SCRIPTS)
    if name == "any":
        return lambda text: True
    own = re.compile(f"[{_LETTERS[name]}]+")

    def fits(text: str) -> bool:
        if _ADDRESS.search(text) is not None:
            text = " ".join(t for t in text.split(" ") if _ADDRESS.search(t) is None)
        rest = own.sub("", text)
        letters = len(text) - len(rest)
        # the first test suffices for most texts, and is fast
        return len(rest) <= letters or sum(map(str.isalpha, rest)) <= letters

    return fits
