#!/usr/bin/env bash
# Snappfood: its own training part is the pool, its own test part the test set.
set -euo pipefail
DATA=${DATA:?the folder with train.jsonl.gz and test.jsonl.gz}

if [ ! -s split.rest.jsonl ]; then
  alcli normalize "$DATA/train.jsonl.gz" | alcli clean -o clean.jsonl
  alcli split clean.jsonl --share "stop=${STOP:-2000}" --share rest -o 'split.{}.jsonl'
fi
alcli normalize "$DATA/test.jsonl.gz" -o test.jsonl
[ -s topics.model ] && [ -s pool.jsonl ] || alcli topics split.stop.jsonl split.rest.jsonl --save topics.model -o pool.jsonl
alcli train --epochs 0 --vocabulary-from pool.jsonl --class negative --class positive --arch "${ARCH:-logreg}" -o init.model
