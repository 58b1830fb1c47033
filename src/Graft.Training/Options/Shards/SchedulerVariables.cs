using System.Globalization;
using Graft.Infrastructure;

namespace Graft.Training;

/// <summary>The environment variables by which schedulers tell a process its share.</summary>
/// <param name="Scheduler">Name of the scheduler.</param>
/// <param name="Index">Variable with the number of the share.</param>
/// <param name="Count">Variable with the number of shares; null where the scheduler does not tell it.</param>
internal sealed record SchedulerVariables(string Scheduler, string Index, string? Count)
{
    private const string ArrayIndex = "SLURM_ARRAY_TASK_ID";
    private const string ArrayFirst = "SLURM_ARRAY_TASK_MIN";
    private const string ArrayStep = "SLURM_ARRAY_TASK_STEP";

    /// <summary>Variable of Slurm that is set in the processes of a step, and not in a batch script.</summary>
    private const string StepTask = "SLURM_STEP_NUM_TASKS";

    /// <summary>All schedulers, the innermost first: a process of MPI may run in a job of the others.</summary>
    public static IReadOnlyList<SchedulerVariables> All { get; } =
    [
        new("Open MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
        new("PMI (MPICH)", "PMI_RANK", "PMI_SIZE"),
        new("a Slurm array", ArrayIndex, "SLURM_ARRAY_TASK_COUNT"),
        new("a Slurm step", "SLURM_PROCID", StepTask),
        new("a Kubernetes Indexed Job", "JOB_COMPLETION_INDEX", null),
        new("AWS Batch", "AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE"),
        new("Google Batch", "BATCH_TASK_INDEX", "BATCH_TASK_COUNT"),
    ];

    /// <summary>The shard that the variables tell.</summary>
    /// <param name="variable">Gives the value of a variable; null where it is not set.</param>
    /// <param name="count">Number of shards where the caller knows it.</param>
    /// <exception cref="GraftException">They tell none, or several.</exception>
    public static Shard Find(Func<string, string?> variable, int? count)
    {
        // a step or an array of one process, within which another scheduler divides the work, tells nothing
        SchedulerVariables[] told = [.. All.Where(one => one.IsTold(variable))];
        SchedulerVariables[] dividing = [.. told.Where(one => one.CountOf(variable) != 1)];
        SchedulerVariables[] chosen = dividing.Length > 0 ? dividing : [.. told.Take(1)];
        return chosen switch
        {
            [] => throw Problem($"none of {string.Join(", ", All.Select(one => one.Index))} is set; name the shard"),
            [var one] => one.Of(variable, count),
            [var one, var other, ..] => throw Problem(
                $"both {one.Scheduler} ({one.Index}) and {other.Scheduler} ({other.Index}) tell one; name the shard"
            ),
        };
    }

    // SLURM_PROCID is 0 in a batch script too, which is no share of its steps.
    private bool IsTold(Func<string, string?> variable) =>
        variable(Index) is { Length: > 0 } && (Count != StepTask || variable(StepTask) is { Length: > 0 });

    private Shard Of(Func<string, string?> variable, int? count)
    {
        int index = Number(variable, Index)!.Value;
        if (count is null && Index == ArrayIndex)
        {
            index = (index - (Number(variable, ArrayFirst) ?? 0)) / Math.Max(1, Number(variable, ArrayStep) ?? 1);
        }

        int all = count
            ?? CountOf(variable)
            ?? throw Problem($"{Scheduler} sets {Index} but not the number of shards; give the number of shards");
        return new Shard(index, all) is { IsPossible: true } shard
            ? shard
            : throw Problem(
                $"{Index} is {index}, and the shards of {all} are numbered from 0 to {all - 1}; "
                    + "correct the array or the number of shards"
            );
    }

    private int? CountOf(Func<string, string?> variable) => Count is null ? null : Number(variable, Count);

    private static int? Number(Func<string, string?> variable, string name) =>
        variable(name) is not { Length: > 0 } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
        : throw Problem($"{name} is '{Printable.Text(text)}', which is no number; name the shard");

    private static GraftException Problem(string reason) =>
        new($"the shard of this process is not known: {reason}") { Option = nameof(Shard) };
}
