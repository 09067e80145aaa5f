"""Tab-separated values with a header; parameters as for CSV."""

from dataclasses import replace
from functools import partial

from alcli.data.formats import formats

_csv = formats.builtin("csv")
assert _csv.settings is not None

tsv = replace(_csv, settings=partial(_csv.settings, delimiter="\t"))
