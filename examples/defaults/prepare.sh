#!/usr/bin/env bash
# Pool and test set of five data sets, normalised; MR's test set is a random share.
set -euo pipefail
for part in train test; do
  "$ALCLI" normalize "$DATA/snappfood/$part.jsonl.gz" -q -o "snappfood.$part.jsonl"
  "$ALCLI" normalize "$DATA/sentipers/$part.jsonl.gz" -q -o "sentipers.$part.jsonl"
  "$ALCLI" normalize --join title,text "$DATA/product_reviews/$part.jsonl.gz" -q -o "product.$part.jsonl"
  "$ALCLI" normalize --language any "$DATA/english/trec-$part.jsonl.gz" -q -o "trec.$part.jsonl"
done
"$ALCLI" normalize --language any "$DATA/english/mr.jsonl.gz" -q -o mr.jsonl
"$ALCLI" split mr.jsonl --share test=2000 --share train -q -o 'mr.{}.jsonl'
for set in snappfood sentipers product trec mr; do
  "$ALCLI" clean "$set.train.jsonl" -q -o "$set.pool.jsonl"
done
