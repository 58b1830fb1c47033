#!/usr/bin/env bash
# A Slurm of one node on loopback, without systemd and cgroups, for tests.
#   local-slurm.sh start FOLDER PORT     uses PORT and the next one; then SLURM_CONF=FOLDER/slurm.conf
#   local-slurm.sh stop FOLDER
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin
folder=$2
export SLURM_CONF=$folder/slurm.conf

if [ "$1" = stop ]; then
  for name in slurmd slurmctld munged; do
    if [ -s "$folder/$name.pid" ]; then
      process=$(cat "$folder/$name.pid")
      kill "$process" 2> /dev/null || continue
      for _ in $(seq 100); do kill -0 "$process" 2> /dev/null || break; sleep 0.1; done
    fi
  done
  exit 0
fi

mkdir -p "$folder/state" "$folder/spool"
head -c 128 /dev/urandom > "$folder/munge.key"
chmod 600 "$folder/munge.key"
munged --force --key-file="$folder/munge.key" --socket="$folder/munge.sock" --pid-file="$folder/munged.pid" \
  --log-file="$folder/munged.log" --seed-file="$folder/munge.seed"
host=$(hostname -s)
# cred_expire: a task that is queued again waits as long as its first credential is valid, and 1 s more. A task that is
# made to start sooner can fail with "Job credential revoked". Less time is risky on a busy machine: a task that does not
# start within it fails.
cat > "$SLURM_CONF" << CONF
ClusterName=graft
SlurmctldHost=$host(127.0.0.1)
AuthType=auth/munge
AuthInfo=socket=$folder/munge.sock,cred_expire=15
SlurmUser=root
SlurmctldPort=$3
SlurmdPort=$(($3 + 1))
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MailProg=/bin/true
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
slurmctld -c
slurmd
for _ in $(seq 60); do
  if sinfo -h -o %T 2> /dev/null | grep -q idle; then exit 0; fi
  sleep 0.5
done
tail -n 20 "$folder/slurmctld.log" "$folder/slurmd.log" >&2
exit 1
