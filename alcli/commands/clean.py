"""Drop repeated records, and texts of unsuitable length or script.

Memory: 32 bytes per record (16 for its id, 16 for its tokens), and 32 for its label.
With near duplicates also 148 bytes per kept record (276 for thresholds under 0.78, 532
under 0.7), and 4 for each different trigram of its characters, 1,024 at most.
"""

from __future__ import annotations

from alcli.cli import options
from alcli.cli.options.settings import from_settings
from alcli.core.run_options import RunOptions
from alcli.text.settings import CleaningSettings


@options.command("clean")
@options.inputs
@options.output
@from_settings(CleaningSettings)
@options.run_options()
def command(
    files: tuple[str, ...],
    output: str,
    settings: CleaningSettings,
    run: RunOptions,
) -> None:
    """Drop records with a repeated id or repeated `tokens`, and unsuitable texts.

    \b
      alcli clean tokens.jsonl -o pool.jsonl
      alcli clean tokens.jsonl --min-tokens 3 --script fa --near-duplicates 0.8 \\
        -o pool.jsonl

    The first of equal records is kept; `alcli normalize` makes the `tokens`. The number
    of dropped records is logged on stderr, by reason, and of those with another label
    than the kept record of equal tokens.

    Near duplicates are found by MinHash (--seed is that of its hashes): of texts that
    share exactly SHARE of their trigrams 98 %, of more similar ones nearly all, of less
    similar ones none (by an estimate for texts of more than 256 different trigrams).

    Memory: 32 bytes per record, 64 with a label. With --near-duplicates also 148 bytes
    per kept record (276 for a SHARE under 0.78, 532 under 0.7), and
    4 per different trigram, 1,024 at most.
    """
    from alcli.text.clean import clean_files

    clean_files(files, output, settings, run)
