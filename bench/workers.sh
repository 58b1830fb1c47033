#!/usr/bin/env bash
# Seconds of two cross-validated default trainings, seeds 1 and 2, with two workers of one thread each, and with one
# process of one thread. The issue asks for at most 0.6 of the time. The models must have the same bytes.
# Needs no data, two free cores, and about an hour. Usage: bench/workers.sh [ROUNDS=1]
#   GRAFT           the program, if it is already built
#   IMAGES=FOLDER   other images than samples/parts
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
rounds=${1:-1}
images=${IMAGES:-$root/samples/parts}
graft=${GRAFT:-$root/src/Graft.Cli/bin/Release/net10.0/Graft.Cli}
[[ -x $graft ]] || dotnet build -c Release -v q "$root/src/Graft.Cli"
folder=$(mktemp -d "${TMPDIR:-/tmp}/graft-workers.XXXXXX")
trap 'rm -rf "$folder"' EXIT

# A validation part of so few images of a class makes three-fold cross-validation the choice.
seconds() { # NAME OPTIONS...: trains with an empty cache
  local name=$1 begun
  shift
  begun=$(date +%s.%N)
  GRAFT_CACHE=$folder/cache-$name "$graft" train "$images" --validation-share 0.05 --seeds 2 --quiet \
    --out "$folder/$name" "$@" > /dev/null
  awk -v from="$begun" -v to="$(date +%s.%N)" 'BEGIN { printf "%.1f", to - from }'
}

for ((i = 1; i <= rounds; i++)); do
  one=$(seconds "one-$i" --threads 1)
  two=$(seconds "two-$i" --threads 2 --workers 2)
  for seed in 1 2; do
    cmp "$folder/one-$i/seed-$seed/model.onnx" "$folder/two-$i/seed-$seed/model.onnx"
  done
  grep -q 'fold cross-validation' "$folder/one-$i/seed-1/log.jsonl" || echo "no cross-validation" >&2
  awk -v one="$one" -v two="$two" 'BEGIN { printf "one %.1f s, two workers %.1f s: %.2f\n", one, two, two / one }'
done
