#!/usr/bin/env bash
# SentiPers: its own training part is the pool, its own test part the test set.
set -euo pipefail
DATA=${DATA:?the folder with train.jsonl.gz and test.jsonl.gz}

[ -s pool.jsonl ] || alcli normalize "$DATA/train.jsonl.gz" | alcli clean -o pool.jsonl
alcli split pool.jsonl --share stop=1000 --share rest -o 'split.{}.jsonl'
alcli normalize "$DATA/test.jsonl.gz" -o test.jsonl
alcli train --epochs 0 --vocabulary-from pool.jsonl --class negative --class neutral --class positive --arch logreg -o init.model
