"""Bounded cache of a function of strings, as fast as a dictionary.

Words repeat (Zipf), so results for one text serve the next ones. `__missing__` is
called for new keys only, and `map(memo.__getitem__, keys)` stays in C.
`functools.lru_cache` is as fast, but cannot exclude long keys.
"""

from collections.abc import Callable

MAX_ENTRIES = 100_000  # some 30 MB at most; a full cache is cleared
# longer keys are not cached: otherwise the number of entries would not bound memory
MAX_KEY_LENGTH = 64


class Memo[T](dict[str, T]):
    """Cache in which `memo[key]` is `function(key)`.

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
