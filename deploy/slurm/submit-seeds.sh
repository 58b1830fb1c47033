#!/usr/bin/env bash
# Submits a job that plans the trainings of several seeds, an array that does one in each task, and a job that takes the
# results when all have ended. Prints the number of the last job.
#   deploy/slurm/submit-seeds.sh SEEDS IMAGES STORE RUN [options of the training]
# IMAGES, STORE and RUN must be seen by all nodes. SBATCH_PARTITION, SBATCH_TIMELIMIT and the other variables of sbatch
# apply; GRAFT_CPUS is the number of processors of a task and of threads of a training (default: 1).
set -euo pipefail
if [ $# -lt 4 ]; then
  sed -n 's/^# *//;2,6p' "$0" >&2
  exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
seeds=$1 images=$2 store=$3 run=$4
shift 4
options=(--seeds "$seeds" --threads "${GRAFT_CPUS:-1}" "$@")

plan=$(sbatch --parsable "$here/plan.sbatch" "$images" "$store" "${options[@]}")
array=$(sbatch --parsable --array="0-$((seeds - 1))" --cpus-per-task="${GRAFT_CPUS:-1}" \
  --dependency="afterok:${plan%%;*}" --kill-on-invalid-dep=yes "$here/work.sbatch" "$store")
echo "array ${array%%;*}: $seeds trainings" >&2
# afterany: see submit.sh. The last job names what is missing.
sbatch --parsable --dependency="afterany:${array%%;*}" "$here/train.sbatch" "$images" "$store" "$run" "${options[@]}"
