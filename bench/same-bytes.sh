#!/usr/bin/env bash
# Proves that a refactoring changes no behaviour.
# It trains with the program of the commit BASE and with that of the working tree, and compares the runs.
# Graph and weights must be the same bit by bit. So must every value of the card, the evaluation, the doctor's
# report, the options, the log and the splits. Only the differences in bench/same-bytes-renames.txt are allowed.
# Usage: bench/same-bytes.sh [BASE=HEAD~1]; needs no data.
#   CASES=probe,hidden   some of: probe hidden crossvalidated from resume toy default;
#                        or quick (probe, hidden, crossvalidated)
#   BASE_RUNS=FOLDER     keeps the runs of BASE, so they are trained only once
#   BASE_GRAFT, GRAFT    the programs (Graft.Cli.dll), if they are already built
#   BENCH                Graft.Bench.dll, if it is already built
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
base=$(git rev-parse --short "${1:-HEAD~1}")
base_runs=${BASE_RUNS:-${TMPDIR:-/tmp}/graft-same-bytes-$base}
cases=${CASES:-probe,hidden,crossvalidated,from,resume,toy,default}
[[ $cases != quick ]] || cases=probe,hidden,crossvalidated
mkdir -p "$base_runs/before"
base_runs=$(cd "$base_runs" && pwd)
images=$base_runs/images
after=$(mktemp -d "$base_runs/after.XXXXXX")
tree=
trap 'rm -rf "$after"/cache; [[ -z $tree ]] || git worktree remove --force "$tree"' EXIT

# Options have the names of the first commit; later commits keep them as hidden aliases.
small=(--size 96 --views 1 --threads 2)
hidden=("${small[@]}" --head 32 --start random --dropout 0.1 --warm-up-epochs 4 --epochs 3)
case_probe() { graft probe "$images/parts" --size 96 --views 0 --threads 2 --out probe; }
case_default() { graft train "$images/parts" --threads 2 --out default; }
case_hidden() { graft train "$images/parts" "${hidden[@]}" --out hidden; }
case_crossvalidated() {   # ships weights between the probe and the trained ones
  graft train "$images/few" "${small[@]}" --epochs 4 --seed 4 --out crossvalidated
}
case_from() {   # continues from a probe with more images of one class and a new class
  rm -rf first &&
    graft probe "$images/five" --size 96 --views 0 --threads 2 --out first &&
    graft train "$images/more" --from first --views 1 --epochs 2 --threads 2 --out from
}
case_resume() {   # killed while the head is trained, then within an epoch of fine-tuning
  killed epoch:3 train "$images/parts" "${hidden[@]}" --seed 2 --checkpoint-minutes 0 --out resume &&
    killed batch:12 resume resume --checkpoint-minutes 0 &&
    graft resume resume
}
case_toy() {   # the network is a file; most of it is trained
  graft train "$images/toy/images" --body "$images/toy/toy.onnx" --views 1 --train 0.6 --head 32 --dropout 0.1 \
    --start random --optimizer adam --warm-up-epochs 6 --warm-up-rate 0.02 --epochs 10 --body-rate 0.1 \
    --batch 8 --threads 2 --seed 60 --out toy
}

graft() { if [[ $program == *.dll ]]; then dotnet "$program" "$@"; else "$program" "$@"; fi; }

# A training that kills itself (SIGKILL) at a test point; see FaultPoint.
killed() {
  local code=0
  GRAFT_FAULT=$1 graft "${@:2}" || code=$?
  if (( code != 137 )); then echo "ended with $code before the test point $1"; return 1; fi
  if [[ ! -d resume/checkpoints ]]; then echo "no checkpoint at $1"; return 1; fi
}

# Runs CASE by PROGRAM in FOLDER: run_case CASE PROGRAM FOLDER. Only the name of FOLDER differs between runs.
run_case() (
  program=$2
  export GRAFT_CACHE=$3/cache
  cd "$3"
  rm -rf "$1" "$GRAFT_CACHE"
  begin=$(date +%s%N)
  if ! "case_$1" > "$1.out" 2>&1; then
    tail -n 20 "$1.out"
    echo "$1: $2 failed; $3/$1.out"
    exit 1
  fi
  rm -rf "$GRAFT_CACHE"
  seconds=$(( ($(date +%s%N) - begin) / 1000000000 ))
  printf '%-15s %4d s  %s\n' "$1" "$seconds" "$(grep -E '^Shipped' "$1.out" | tail -n 1 || true)"
)

make_images() {
  [[ ! -d $images ]] || return 0
  local made=$images.part class
  rm -rf "$made"
  mkdir -p "$made"
  cp -r samples/parts "$made/parts"
  for class in bearing bolt gear nut spring washer; do
    take() { mkdir -p "$made/$1/$class"; cp "${@:2}" "$made/$1/$class"; }
    local all=("samples/parts/$class"/*.jpg)
    take few "${all[@]:0:6}"
    [[ $class == washer ]] || take five "${all[@]:0:15}"
    case $class in nut | washer) take more "${all[@]:30:12}" ;; esac
  done
  dotnet "$bench" toy "$made/toy"
  mv "$made" "$images"
}

# A case runs again if its definition or the options above have changed.
case_text() { { declare -f "case_$1" killed; echo "${hidden[@]}"; } | sha256sum; }

base_graft=${BASE_GRAFT:-}
build_base() {
  [[ -z $base_graft ]] || return 0
  tree=$(mktemp -d)
  git worktree add -q --detach "$tree" "$base"
  # build servers stay alive and would keep the lock
  dotnet build -c Release "$tree/src/Graft.Cli" -v quiet --nologo 9>&-
  base_graft=$tree/src/Graft.Cli/bin/Release/net10.0/Graft.Cli.dll
}

[[ -n ${GRAFT:-} ]] || dotnet build -c Release src/Graft.Cli -v quiet --nologo
[[ -n ${BENCH:-} ]] || dotnet build -c Release bench/Graft.Bench -v quiet --nologo
graft=$(realpath "${GRAFT:-src/Graft.Cli/bin/Release/net10.0/Graft.Cli.dll}")
bench=$(realpath "${BENCH:-bench/Graft.Bench/bin/Release/net10.0/Graft.Bench.dll}")

(   # other processes that use the same folder wait
  flock 9
  make_images
) 9> "$base_runs/lock"
different=()
for case in ${cases//,/ }; do
  exec 9> "$base_runs/lock"
  flock 9
  if [[ $(cat "$base_runs/before/$case.done" 2> /dev/null) != $(case_text "$case") ]]; then
    build_base
    line=$(run_case "$case" "$(realpath "$base_graft")" "$base_runs/before") || { echo "$line"; exit 1; }
    echo "before: $line"
    case_text "$case" > "$base_runs/before/$case.done"
  fi
  exec 9>&-
  line=$(run_case "$case" "$graft" "$after") || { echo "$line"; exit 1; }
  echo "after:  $line"
  runs=("$case")
  [[ $case != from ]] || runs=(first from)
  for run in "${runs[@]}"; do
    if dotnet "$bench" same "$base_runs/before/$run" "$after/$run" bench/same-bytes-renames.txt; then
      echo "        the same: $run"
    else
      echo "        DIFFERENT: $run"
      different+=("$run")
    fi
  done
done
if (( ${#different[@]} > 0 )); then
  echo "different from $base: ${different[*]}; see $base_runs/before and $after"
  exit 1
fi
rm -rf "$after"
echo "all the same as $base"
