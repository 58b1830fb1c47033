#!/usr/bin/env bash
# Trains the toy data of the tests once without interruption. Then trains again, killed (SIGKILL) after random times and
# resumed until it ends, each session with another number of decoding threads, until KILLS kills have hit.
# model.onnx and evaluation.json (except its seconds) must have the same bytes each time. Prints where the kills hit.
# Usage: bench/kill-resume.sh [KILLS=50] [SEED=1]
#   GRAFT names a program that is already built. Needs no data.
set -euo pipefail
cd "$(dirname "$0")/.."
kills=${1:-50}
RANDOM=${2:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[[ -n ${GRAFT:-} ]] || dotnet build -c Release src/Graft.Cli -v quiet --nologo
dotnet run -c Release --project bench/Graft.Bench -- toy "$work"
graft=${GRAFT:-src/Graft.Cli/bin/Release/net10.0/Graft.Cli}
options=(--body "$work/toy.onnx" --views 1 --train 0.6 --head 32 --dropout 0.1 --start random
  --head-optimizer adam --head-epochs 6 --head-training-rate 0.02 --epochs 10
  --body-rate 0.1 --batch 8 --threads 1 --seed 60)   # with this seed fine-tuning beats the probe

begin=$(date +%s%N)
"$graft" train "$work/images" --out "$work/reference" "${options[@]}" --checkpoint-minutes 0 > "$work/reference.log"
whole=$(( ($(date +%s%N) - begin) / 1000000 ))
grep -E "^Shipped" "$work/reference.log"
echo "uninterrupted: $whole ms"

scores() { sed '/^  "seconds": {/,$d' "$1/evaluation.json"; }   # without its last member

done_kills=0 runs=0 different=0
while (( done_kills < kills )); do
  runs=$((runs + 1))
  run=$work/run$runs
  while :; do
    threads=$((1 + RANDOM % 8))
    if [[ -f $run/options.json ]]; then
      command=(resume "$run")
    else
      rm -rf "$run"
      command=(train "$work/images" --out "$run" "${options[@]}")
    fi
    "$graft" "${command[@]}" --decode-threads "$threads" --checkpoint-minutes 0 > "$run.log" 2>&1 &
    pid=$!
    delay=$(( 300 + (RANDOM * 32768 + RANDOM) % whole ))
    sleep "$(printf '%d.%03d' $((delay / 1000)) $((delay % 1000)))"
    if (( done_kills < kills )) && kill -9 "$pid" 2> /dev/null; then
      wait "$pid" 2> /dev/null || true
      if [[ -f $run/evaluation.json && ! -d $run/checkpoints ]]; then break; fi   # it had already ended
      done_kills=$((done_kills + 1))
      beside=$( { find "$run" -name '*.part' 2> /dev/null || true; } | wc -l)
      phase=$(grep -oE '"(PhaseStarted|PhaseEnded|EpochEnded)","phase":"[^"]*"' "$run/log.jsonl" 2> /dev/null |
        tail -n 1 | cut -d'"' -f2,6 | tr '"' ' ' || true)
      writing=$( (( beside > 0 )) && echo ', while writing a file' || true)
      echo "kill $done_kills: after $delay ms, ${phase:-before the first phase}$writing"
    else
      wait "$pid" || { cat "$run.log"; exit 1; }
      break
    fi
  done
  if cmp "$work/reference/model.onnx" "$run/model.onnx" && cmp <(scores "$work/reference") <(scores "$run"); then
    echo "run $runs: the same bytes"
  else
    different=$((different + 1))
  fi
  rm -rf "$run"
done
echo "$done_kills kills in $runs runs; $different ended with different bytes"
(( different == 0 ))
