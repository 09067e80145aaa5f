"""Select the records to label next.

Memory: O(n x strata), whatever the size of the pool, and 24 bytes for each excluded id
and text; strategies that compare records: 4 d bytes a record and more by their formula.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from alcli.cli import options
from alcli.cli.options.settings import from_settings
from alcli.query.settings import SelectionFiles, SelectionSettings
from alcli.query.strategies import summaries

if TYPE_CHECKING:
    from alcli.core.run_options import RunOptions


@options.command("select", epilog=summaries())
@options.inputs
@options.output
@from_settings(SelectionSettings)
@from_settings(SelectionFiles, parameter="inputs")
@options.params
@options.run_options()
def command(
    files: tuple[str, ...],
    output: str,
    settings: SelectionSettings,
    inputs: SelectionFiles,
    params: tuple[str, ...],
    run: RunOptions,
) -> None:
    """Select the records to label next, best first.

    \b
      alcli select pool.jsonl -s random -n 1000 -o batch.jsonl
      alcli select scored.jsonl -s lda -n 1000 --exclude votes.jsonl -o batch.jsonl

    Of records with equal `tokens` (equal `text`, where there are none) one is selected,
    and none if a record of --labelled or --exclude has the same; strategies that
    relabel ignore that. Status 6: no record is left (the output is empty).

    Memory: O(n x strata), and 24 bytes for each excluded id and text. Strategies that
    compare vectors of d numbers: 4 d + 80 bytes for each record, its id, and what their
    formulas say, which is checked before.
    """
    if not inputs.vectors:
        # pointwise strategies multiply no matrices: the threads of a BLAS would take
        # longer to start than the rest of NumPy
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from alcli.query.selection.select import select_files

    select_files(files, output, settings, inputs, params, run)
