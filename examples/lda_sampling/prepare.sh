#!/usr/bin/env bash
# Makes test.jsonl, split.stop.jsonl and, last, pool.jsonl with topics, out of a folder
# with a training and a test file, or of one file.
set -euo pipefail
[ -s pool.jsonl ] && exit 0
[ -e "${DATA:?a folder or a file of labelled records}" ] || { echo "$DATA: no such data" >&2; exit 3; }

if [ -d "$DATA" ]; then
  alcli normalize "$DATA"/train.jsonl* | alcli clean -o train.jsonl
  alcli normalize "$DATA"/test.jsonl* -o test.jsonl
else
  alcli normalize "$DATA" | alcli clean -o clean.jsonl
  alcli split clean.jsonl --share test=0.2 --share train -o '{}.jsonl'
fi
alcli split train.jsonl --share "stop=$STOP" --share rest -o 'split.{}.jsonl'
echo "STOP=$STOP" > settings
alcli topics split.stop.jsonl split.rest.jsonl --save topics.model -o pool.jsonl
