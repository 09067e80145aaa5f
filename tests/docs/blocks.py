"""Runner of the shell blocks of a page, and of the outputs that the page shows.

    python -m tests.docs.blocks [PAGE]...    run pages, and write the outputs again

A `text` block right after a `bash` block is its output, stdout and stderr together.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"```bash\n(.*?)```\n(?:\n```text\n(.*?)```\n)?", re.DOTALL)
OWN = ("ALCLI_JOBS", "ALCLI_DEVICE", "KERAS_BACKEND")


def run(script: str, folder: Path) -> str:
    """Return the output of a script that is run in a folder; a failure is an error."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    kept = {name: value for name, value in os.environ.items() if name not in OWN}
    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", script],
        cwd=folder,
        env=kept | {"PATH": path, "ALCLI": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    text = done.stdout.decode()
    if done.returncode:
        raise AssertionError(f"status {done.returncode} of:\n{script}\n{text}")
    return text


def played(page: str, folder: Path) -> Iterator[tuple[re.Match[str], str]]:
    """Yield each shell block of a page, in order, with its output."""
    for block in BLOCK.finditer(page):
        yield block, run(block[1], folder)


def loosely(text: str) -> list[str]:
    """Return sorted lines without decimals and times, which differ by machine.

    >>> loosely('b 0.53 (3)\\n{"time":"2026-01-02T03:04:05Z"}\\na\\n')
    ['a', 'b # (3)', '{"time":"#"}']
    """
    text = re.sub(r'"time":"[^"]*"', '"time":"#"', text)
    text = re.sub(r"\d+\.\d+(e-?\d+)?", "#", text)
    return sorted(line.rstrip() for line in text.splitlines() if line.strip())


def rewritten(page: str, folder: Path) -> str:
    """Return the page with the outputs of now in its `text` blocks."""
    parts, end = [], 0
    for block, output in played(page, folder):
        parts.append(page[end : block.start()])
        whole = block[0]
        if block[2] is not None and loosely(output) != loosely(block[2]):
            whole = f"```bash\n{block[1]}```\n\n```text\n{output.rstrip()}\n```\n"
        parts.append(whole)
        end = block.end()
    return "".join([*parts, page[end:]])


def pages() -> list[Path]:
    """Return the pages of docs that show outputs."""
    found = sorted((ROOT / "docs").rglob("*.md"))
    return [
        path
        for path in found
        if any(block[2] for block in BLOCK.finditer(path.read_text("utf-8")))
    ]


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:] or pages()):
        with tempfile.TemporaryDirectory() as folder:
            text = rewritten(path.read_text("utf-8"), Path(folder))
        path.write_text(text, "utf-8")
