"""Records in JSON Lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

type Record = dict[str, Any]


def read_records(path: Path) -> list[Record]:
    """Return the records of a file; a last line without its newline is ignored."""
    # a run killed while writing leaves such a line
    return [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]
