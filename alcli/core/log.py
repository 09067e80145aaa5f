"""Log of library code, and its progress bars.

Library code logs to `log`, the standard logger `alcli`. The command line prints its
lines on stderr after the command's name; `-q` keeps errors only.
"""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

log = logging.getLogger("alcli")


@contextmanager
def progress(
    title: str = "", total: int | None = None, unit: str = "records"
) -> Iterator[Callable[..., object]]:
    """Show a progress bar if stderr is a terminal; yield its update function.

    The function takes the number of records done since its last call, and optionally
    a note for the end of the bar.
    """
    if not (sys.stderr.isatty() and log.isEnabledFor(logging.INFO)):
        yield lambda done, note="": None
        return
    from tqdm import tqdm

    with tqdm(
        desc=title or None,
        total=total,
        unit=f" {unit}",
        unit_scale=unit == "records",
        leave=False,
        delay=0.5,
    ) as bar:

        def update(done: int, note: str = "") -> None:
            bar.set_postfix_str(note, refresh=False)
            bar.update(done)

        yield update
