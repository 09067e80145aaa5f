"""Characters that nobody sees: some are dropped, others separate words as a space does.

Texts from web pages and phones contain marks of direction, soft hyphens, byte-order
marks and a dozen kinds of space. In a token they would make two words of one. Those
with a meaning inside words or emoji are kept: half-spaces, joiners, variation
selectors, and the tags of flags.
"""

import re

_DROPPED = (
    "\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0001"
)
_FLAGS = "\U0001f3f4\U000e0020-\U000e007f"  # a black flag and tags after it
_BREAKS = "\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029"
_SPACES = (
    "\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u00a0\u1680\u2000-\u200a\u202f\u205f"
    "\u2800\u3000\u3164\uffa0"
)
_UNSEEN = re.compile(
    f"(?P<dropped>[{_DROPPED}]|(?<![{_FLAGS}])[\U000e0020-\U000e007f]++)"
    f"|(?P<line>\r\n|[{_BREAKS}])|[{_SPACES}]"
)
_ANY_UNSEEN = re.compile(f"[{_DROPPED}{_BREAKS}{_SPACES}\U000e0001-\U000e007f]")


def replace_unseen(text: str) -> str:
    r"""Return a text without invisible characters, and with spaces of one kind.

    Tabs and newlines stay; other line breaks become newlines.

    >>> replace_unseen("so\u00adon\u200f \ufeffgood\u00a0day\u2028bye")
    'soon good day\nbye'
    """
    if _ANY_UNSEEN.search(text) is None:
        return text
    return _UNSEEN.sub(_replacement, text)


def _replacement(found: re.Match[str]) -> str:
    if found.lastgroup == "dropped":
        return ""
    return "\n" if found.lastgroup == "line" else " "
