"""Record command lines, or check that they do as recorded: `python -m tests.golden`.

    python -m tests.golden record --keep before
    python -m tests.golden check --keep before --words

`lines.toml` is the list, `recorded.json` the hashes of outputs and written files.
Status 1: statuses, stdout or files differ; stderr and help too, but for `--words`.
"""

from __future__ import annotations

import argparse
import difflib
import hashlib
import json
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.golden import lines as listed
from tests.golden.lines import HERE, ROOT, Line, Outcome

RECORDED = HERE / "recorded.json"
PACKAGES = ("numpy", "scipy", "scikit-learn", "tensorflow", "keras", "hazm", "pyarrow")
LONGEST = 30  # lines of a diff


def main() -> int:
    """Run the lines, and write or compare."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.golden",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("action", choices=["record", "check"])
    parser.add_argument("--only", metavar="NAME", action="append", help="or a pattern")
    parser.add_argument(
        "--keep",
        metavar="FOLDER",
        type=Path,
        help="record: write the outputs here; check: show diffs with those here",
    )
    parser.add_argument("--words", action="store_true", help="stderr and help may vary")
    args = parser.parse_args()
    if not listed.DATA.is_dir():
        parser.exit(2, f"no real data: {listed.DATA} (ALCLI_DATA names their folder)\n")
    lines, _, _ = listed.read()
    known = json.loads(RECORDED.read_text()) if RECORDED.exists() else {"lines": {}}
    if args.only:
        chosen = {n.name for n in lines for p in args.only if fnmatch(n.name, p)}
        if not chosen:
            parser.exit(2, "no such line\n")
        lines = listed.needed(lines, chosen, known["lines"])
    start = time.monotonic()
    if args.action == "record" and args.only and not same_place(known):
        parser.exit(2, "recorded on another machine: record all lines here\n")
    if args.action == "record":
        failed = record(lines, known, args.keep, whole=not args.only)
    else:
        failed = check(lines, known, args.keep, words=args.words)
    print(f"{time.monotonic() - start:.0f} seconds")
    return failed


def record(
    lines: list[Line], known: dict[str, Any], keep: Path | None, *, whole: bool
) -> int:
    """Write `recorded.json`; a frozen line that differs stays as it was: status 1.

    On another machine than before frozen lines are recorded as all others.
    """
    old, new, failed = known["lines"], {}, 0
    for line, outcome in listed.run(lines):
        new[line.name] = outcome.hashes()
        if keep:
            put(keep, line, outcome)
        before = old.get(line.name)
        if line.frozen and before and same_place(known):
            new[line.name] = before
            if serious(line, differing(before, outcome.hashes())):
                print(f"{line.name}: frozen, and differs: kept as it was")
                failed = 1
    facts = {"commit": commit(), "machine": machine(), "versions": versions()}
    if not whole:  # what most lines were recorded with stays
        facts = {key: known[key] for key in facts}
        new = old | new
    names = [line.name for line in listed.read()[0] if line.name in new]
    found = {name: new[name] for name in names}
    text = json.dumps({**facts, "lines": found}, indent=1, ensure_ascii=False)
    RECORDED.write_text(text + "\n")
    print(f"{len(lines)} command lines recorded")
    return failed


def check(
    lines: list[Line], known: dict[str, Any], keep: Path | None, *, words: bool
) -> int:
    """Print what differs, name by name, and return the status."""
    same_machine = same_place(known)
    if not same_machine:
        print("another machine or other packages: some figures are not compared")
    equal = failed = 0
    for line, outcome in listed.run(lines):
        before, after = known["lines"].get(line.name), outcome.hashes()
        if before is None:
            print(f"{line.name}: not recorded")
            failed = 1
            continue
        if line.machine and not same_machine:
            before, after = shape(before), shape(after)
        parts = differing(before, after)
        equal += not parts
        bad = serious(line, parts)
        if bad or (parts and not words):
            failed = 1
        if parts:
            mark = "" if bad else " (words)"
            print(f"{line.name}: {', '.join(parts)}{mark}\n  $ {line.command}")
            print(*diffs(keep, line, outcome, parts), sep="\n", end="")
        sys.stdout.flush()
    print(f"{len(lines)} command lines, {equal} equal")
    return failed


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the names of what differs: status, stdout, stderr, and files."""
    names = [*before, *(name for name in after if name not in before)]
    return [name for name in names if before.get(name) != after.get(name)]


def serious(line: Line, parts: list[str]) -> bool:
    """Say whether more than words for people differs."""
    for_people = {"stderr", "stdout"} if line.words else {"stderr"}
    return not set(parts) <= for_people


def shape(hashes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the status and which files were written."""
    return {k: v if k == "status" else "" for k, v in hashes.items()}


# --- Outputs that were kept, and diffs with them ---


def put(keep: Path, line: Line, outcome: Outcome) -> None:
    """Write the outputs of a line into its folder."""
    for part, text in outcome.texts.items():
        path = keep / file_name(line.name) / file_name(part)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)


def diffs(
    keep: Path | None, line: Line, outcome: Outcome, parts: list[str]
) -> Iterator[str]:
    """Yield unified diffs with what was kept."""
    for part in parts:
        path = keep and keep / file_name(line.name) / file_name(part)
        if path and part in outcome.texts and path.exists():
            old, new = path.read_bytes(), outcome.texts[part]
            found = difflib.unified_diff(*map(shown, (old, new)), lineterm="", n=0)
            rows = [row[:400] for row in found][2:]
            yield f"  {part}:"
            yield from (f"    {row}" for row in rows[:LONGEST])
            if len(rows) > LONGEST:
                yield f"    ... {len(rows) - LONGEST} more"
    yield ""


def shown(text: bytes) -> list[str]:
    """Return the lines of a text, and the fields of a JSON object as lines."""
    return re.split(r'\n|(?<=,) ?(?=")', text.decode(errors="backslashreplace"))


def file_name(name: str) -> str:
    return name.replace("/", "%").replace(": ", ".").replace(" ", "-")


# --- Where it was recorded ---


def machine() -> str:
    """Return the processor: sums of floats may differ on another."""
    found = [platform.machine()]
    info = Path("/proc/cpuinfo")
    for line in info.read_text().splitlines() if info.exists() else ():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            found.append(value.strip())
        if name.strip() == "flags":
            found.append(hashlib.sha256(value.encode()).hexdigest()[:8])
            break
    return ", ".join(found)


def versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {p: version(p) for p in PACKAGES}


def same_place(known: dict[str, Any]) -> bool:
    """Say whether it was recorded with such a processor and the same packages."""
    return (machine(), versions()) == (known.get("machine"), known.get("versions"))


def commit() -> str:
    """Return the commit of the tree; "+" if there is more in it."""

    def git(*args: str) -> str:
        done = subprocess.run(["git", *args], cwd=ROOT, capture_output=True, text=True)
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--", "alcli")
    return git("rev-parse", "--short", "HEAD") + ("+" if changed else "")


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main())
