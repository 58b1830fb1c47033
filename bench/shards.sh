#!/usr/bin/env bash
# Seconds of an extraction by one MPI rank with one thread, and by two ranks with one thread each, in turns. The goal is
# 1.8 times as fast. Both stores must merge to the same bytes. Needs Open MPI or MPICH and two free cores.
#   bench/shards.sh IMAGES [ROUNDS=3] [options of the training]
#   GRAFT   the program, if it is already built
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
images=$(realpath "$1")
rounds=${2:-3}
shift $(($# < 2 ? $# : 2))
graft=${GRAFT:-$root/src/Graft.Cli/bin/Release/net10.0/Graft.Cli}
[[ -x $graft ]] || dotnet build -c Release -v q "$root/src/Graft.Cli"
folder=$(mktemp -d "${TMPDIR:-/tmp}/graft-shards.XXXXXX")
trap 'rm -rf "$folder"' EXIT
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

extract() { # RANKS STORE OPTIONS...
  local ranks=$1 store=$2 begun
  shift 2
  begun=$(date +%s.%N)
  GRAFT_CACHE=$store-cache mpirun -n "$ranks" "$graft" extract "$images" --shard auto --threads 1 --out "$store" "$@" \
    > "$store.log" 2>&1 || { cat "$store.log" >&2; return 1; }
  awk -v from="$begun" -v to="$(date +%s.%N)" 'BEGIN { printf "%.1f", to - from }'
}

merged() { "$graft" merge "$1" | grep SHA-256; }

for ((i = 1; i <= rounds; i++)); do
  one=$(extract 1 "$folder/one-$i" "$@")
  two=$(extract 2 "$folder/two-$i" "$@")
  [[ $(merged "$folder/one-$i") == "$(merged "$folder/two-$i")" ]] || { echo "the stores differ" >&2; exit 1; }
  awk -v one="$one" -v two="$two" \
    'BEGIN { printf "one rank %.1f s, two ranks %.1f s: %.2f times as fast\n", one, two, one / two }'
done
