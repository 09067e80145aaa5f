"""The yardstick of near duplicates: `datasketch`, record by record, as its pages show.

The same trigrams, bands and minima as ours; without our check of what it finds.
"""

import sys

import orjson
from datasketch import MinHash, MinHashLSH

BANDS, ROWS = 16, 6  # as `alcli.text.dedup.near_duplicates` has them at 0.8

lsh = MinHashLSH(params=(BANDS, ROWS), num_perm=BANDS * ROWS)
start = MinHash(num_perm=BANDS * ROWS)
with open(sys.argv[1], "rb") as lines, open(sys.argv[2], "wb") as kept:
    for number, line in enumerate(lines):
        text = f" {orjson.loads(line)['tokens']} "
        minima = start.copy()
        grams = {text[i : i + 3] for i in range(len(text) - 2)}
        minima.update_batch([gram.encode() for gram in grams])
        if not lsh.query(minima):
            lsh.insert(number, minima)
            kept.write(line)
