"""Commit of the code, as records name it."""

from __future__ import annotations

import subprocess
from pathlib import Path

# results and their tables change with every run: they are no code
CODE = (":/alcli", ":/examples", ":(top,exclude)*.jsonl", ":(top,exclude)*.md")


def commit() -> str:
    """Return the short commit of the code, with a + if it has uncommitted changes.

    The string is empty outside a repository.
    """
    git = ["git", "-C", str(Path(__file__).parent)]
    call = [*git, "rev-parse", "--short", "HEAD"]
    found = subprocess.run(call, capture_output=True, text=True)
    if found.returncode:
        return ""
    changed = subprocess.run([*git, "diff", "--quiet", "HEAD", "--", *CODE]).returncode
    return found.stdout.strip() + ("+" if changed else "")
