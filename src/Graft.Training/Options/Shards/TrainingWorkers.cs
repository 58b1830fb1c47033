using System.Diagnostics;

namespace Graft.Training;

/// <summary>Processes that train at the same time on this machine.</summary>
/// <param name="Count">Number of processes, 1 to 256.</param>
/// <param name="Start">
/// How a process is started that does a share: gets the folder of the planned trainings and the share. The process
/// calls <see cref="TrainingUnits.Work"/> with these. It ends with exit code 0 when that has returned, with 75
/// where a <see cref="StoreException"/> may pass, otherwise with another one. What it writes to its
/// standard error is reported as warnings.
/// </param>
public sealed record TrainingWorkers(int Count, Func<string, Shard, ProcessStartInfo> Start)
{
    internal const int Most = 256;
}
