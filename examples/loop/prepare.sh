#!/usr/bin/env bash
# Makes what the loop needs from one file of records: test.jsonl, split.stop.jsonl,
# pool.jsonl, init.model. May be started again at any point; what is done stays.
set -euo pipefail

RAW=${RAW:?a file of records with text}
LABEL=${LABEL:?the labelling step: LABEL BATCH --append LEDGER}
CLASSES=${CLASSES:-$'negative\nneutral\npositive'}  # one per line
ARCH=${ARCH:-logreg}
TEST=${TEST:-1000}                       # records to measure on, never in the pool
STOP=${STOP:-2000}                       # records for stopping criteria; they stay in the pool
MIN_TOKENS=${MIN_TOKENS:-3}
LANGUAGE_OF_TEXT=${LANGUAGE_OF_TEXT:-fa}

eval "label=($LABEL)"                    # words as in a shell: quotes hold
classes=(); while IFS= read -r name; do [ -z "$name" ] || classes+=(--class "$name"); done <<< "$CLASSES"
if [ ! -s split.rest.jsonl ]; then       # rest is written last
  alcli normalize "$RAW" --language "$LANGUAGE_OF_TEXT" | alcli clean --min-tokens "$MIN_TOKENS" -o clean.jsonl
  alcli split clean.jsonl --share "test=$TEST" --share "stop=$STOP" --share rest -o 'split.{}.jsonl'
fi
"${label[@]}" split.test.jsonl --append test-votes.jsonl
alcli merge-labels test-votes.jsonl --records split.test.jsonl -o test.jsonl
[ -s topics.model ] && [ -s pool.jsonl ] || alcli topics split.stop.jsonl split.rest.jsonl --save topics.model -o pool.jsonl
alcli train --epochs 0 --vocabulary-from pool.jsonl "${classes[@]}" --arch "$ARCH" -o init.model
