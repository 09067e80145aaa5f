#!/usr/bin/env bash
# The reference loop: ask, label, train, measure, until enough. Run it in a folder of its
# own; kill it at any moment and start it again: no record is ever asked twice.
set -euo pipefail                        # a failed step ends the night with its own status

# UNTIL, MERGE, TRAIN and LABEL are words as in a shell: LABEL='... --class "very good"'
N=${N:-100}                              # records asked in a round
STRATEGY=${STRATEGY:-margin}             # alcli select --help lists them
SEED=${SEED:-0}
UNTIL=${UNTIL:-plateau labels=5000}      # criteria of alcli proceed: any of them ends it
NEWEST=${NEWEST:-first}                  # where the newest labels stand in the training file
MERGE=${MERGE:-}                         # more options of alcli merge-labels
TRAIN=${TRAIN:-}                         # more options of alcli train
LABEL=${LABEL:?the labelling step: LABEL BATCH --append LEDGER}
PREPARE=${PREPARE:-$(dirname "$0")/prepare.sh}  # makes pool, test and stop sets, init.model
eval "until=($UNTIL) merge=($MERGE) train=($TRAIN) label=($LABEL)"
until=("${until[@]/#/--until=}")

exec 9> loop.lock; flock -n 9 || exit 0  # cron may start it again: one at a time
: >> votes.jsonl; : >> curve.jsonl       # the ledgers
[ -s init.model ] || "$PREPARE"          # what it makes last is init.model
[ -s batch.jsonl ] || alcli select pool.jsonl -s random -n "$N" --seed "$SEED" --exclude votes.jsonl -o batch.jsonl ||
  { s=$?; [ $s -eq 6 ] && exit 0; exit $s; }  # 6: all of the pool has been asked

while :; do
  alcli proceed curve.jsonl "${until[@]}" || { s=$?; [ $s -eq 1 ] && break; exit $s; }  # 1: enough
  "${label[@]}" batch.jsonl --append votes.jsonl
  alcli merge-labels votes.jsonl --records pool.jsonl --newest "$NEWEST" "${merge[@]}" -o labelled.jsonl
  alcli train labelled.jsonl --init init.model "${train[@]}" --seed "$SEED" -o round.model
  alcli evaluate test.jsonl -m round.model --stop-set split.stop.jsonl --batch batch.jsonl --labelled labelled.jsonl --append curve.jsonl
  alcli score pool.jsonl -m round.model --exclude votes.jsonl -o scored.jsonl
  alcli select scored.jsonl -s "$STRATEGY" -n "$N" --seed "$SEED" --exclude votes.jsonl -o batch.jsonl || { s=$?; [ $s -eq 6 ] && break; exit $s; }  # 6: nothing left to ask
done
