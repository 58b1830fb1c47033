#!/usr/bin/env bash
# Submits an array that extracts, and a job that merges when all of it has ended. Prints the number of the last job.
#   deploy/slurm/submit.sh SHARDS IMAGES STORE [options of the training]
# IMAGES and STORE must be seen by all nodes. SBATCH_PARTITION, SBATCH_TIMELIMIT and the other variables of sbatch apply;
# GRAFT_CPUS is the number of processors of a task (default: 1).
set -euo pipefail
if [ $# -lt 3 ]; then
  sed -n 's/^# *//;2,5p' "$0" >&2
  exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
shards=$1 images=$2 store=$3
shift 3

array=$(sbatch --parsable --array="0-$((shards - 1))" --cpus-per-task="${GRAFT_CPUS:-1}" \
  "$here/extract.sbatch" "$images" "$store" "$@")
echo "array ${array%%;*}: $shards shards" >&2
# Not afterok: a merge after any end names the shards that are missing; a cancelled one says nothing.
sbatch --parsable --dependency="afterany:${array%%;*}" "$here/merge.sbatch" "$store"
