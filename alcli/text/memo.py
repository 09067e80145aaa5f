"""A function's answers, kept while there is room.

Words repeat (Zipf), so what was worked out for one text need not be worked out for
the next. A lookup costs what a dictionary costs, because it is one: `__missing__` is
called for new keys only, and `map(memo.__getitem__, keys)` stays in C.
"""

from collections.abc import Callable

MAX_ENTRIES = 100_000  # some 30 MB at most; then everything is forgotten and relearned
MAX_KEY_LENGTH = (
    64  # longer keys are answered but not kept, or the bound would bound nothing
)


class Memo[T](dict[str, T]):
    """`memo[key]` is `function(key)`.

    >>> lengths = Memo(len)
    >>> lengths["book"], lengths["x" * 1000], list(lengths)
    (4, 1000, ['book'])
    """

    def __init__(
        self, function: Callable[[str], T], *, entries: int = MAX_ENTRIES
    ) -> None:
        super().__init__()
        self._function, self._entries = function, entries

    def __missing__(self, key: str) -> T:
        value = self._function(key)
        if len(key) <= MAX_KEY_LENGTH:
            if len(self) >= self._entries:
                self.clear()
            self[key] = value
        return value
