#!/usr/bin/env bash
# One run, in a folder of its own beside the pool's files: run.sh KIND WHAT SEED.
#   paper ARCH, strong ARCH     a model of all labels: the study's way, or with early stopping
#   a, b, c STRATEGY            a loop, with one reading of "the newest labels first"
# May be killed and started again at any moment.
set -euo pipefail
kind=$1 what=$2 seed=$3
tail=(--validation tail=0.2)             # Keras' way: the file's end is held back
study=(--epochs "$EPOCHS" --batch-size 512 --class-weight none)  # the study has no class weights

commit() {                               # of the code, + where it is not as committed
  code=(:/alcli :/examples ':(top,exclude)*.jsonl' ':(top,exclude)*.md')
  git -C "$HERE" diff --quiet HEAD -- "${code[@]}" 2> /dev/null && changed= || changed=+
  echo "$(git -C "$HERE" rev-parse --short HEAD 2> /dev/null)$changed" >> commits
}

same() {                                 # FILE SETTINGS WHAT: others would be mixed in
  [ "$(< "$1")" = "$2" ] ||
    { echo "$3 has $(< "$1"), not $2: give that, or remove its folder" >&2; exit 2; }
}

with() {                                 # what shapes this run, wherever it ends
  [ -s settings ] || echo "$*" > settings
  same settings "$*" "this run"
}

full() {
  commit
  [ -s model ] || alcli train pool.jsonl --vocabulary-from pool.jsonl --arch "$what" --seed "$seed" "$@" -o model
  alcli evaluate test.jsonl -m model --append curve.jsonl
}

loop() {
  with "SHARE=$SHARE EPOCHS=$EPOCHS"
  commit
  share=$SHORT
  [ "$kind" != a ] || [[ " $LONG_RUNS " != *" $what "* ]] || share=$LONG
  ln -sf "../start-$seed.model" init.model
  N=$(((records * SHARE + 50) / 100)) STRATEGY=$what SEED=$seed TRAIN=$* \
    UNTIL=labels=$((N * share / SHARE)) PREPARE=false \
    LABEL='alcli label --with gold --gold pool.jsonl' "$HERE/../loop/loop.sh"
}

ln -sf ../pool.jsonl ../test.jsonl ../split.stop.jsonl .
[ ! -s ../settings ] || same ../settings "STOP=$STOP" "the pool"
records=$(wc -l < pool.jsonl)
case $kind.$what in
  paper.*)       with "EPOCHS=$EPOCHS"; full "${study[@]}" "${tail[@]}" ;;
  strong.logreg) full ;;
  strong.*)      full --epochs 30 --patience 3 --validation 0.1 ;;
  a.*)           NEWEST=first loop "${study[@]}" "${tail[@]}" ;;
  b.*)           NEWEST=first loop "${study[@]}" --order file ;;
  c.*)           NEWEST=last loop "${study[@]}" --order file ;;
  *)             echo "$kind.$what: no such run" >&2; exit 2 ;;
esac
commit
