"""Add normalised `tokens` to every record, and an `id` where there is none.

Memory: streams.
"""

from __future__ import annotations

from alcli.cli import options
from alcli.cli.options.settings import from_settings
from alcli.core.run_options import RunOptions
from alcli.text.settings import NormalisationSettings


@options.command("normalize")
@options.inputs
@options.output
@from_settings(NormalisationSettings)
@options.run_options(jobs_too=True)
def command(
    files: tuple[str, ...],
    output: str,
    settings: NormalisationSettings,
    run: RunOptions,
) -> None:
    """Add normalised `tokens`, and an `id` (a hash of the text) where there is none.

    \b
      alcli normalize comments.jsonl -o tokens.jsonl
      alcli normalize news.jsonl --join title,text --jobs 4 | alcli clean -o pool.jsonl

    The text is that of the field `text`, or of the fields of --join, which are joined
    by newlines; no field is changed. Memory: streams.
    """
    from alcli.text.normalize import normalize_files

    normalize_files(files, output, settings, run)
