using System.Globalization;

namespace Graft.Training;

/// <summary>A share of the work of an extraction: one of several shards.</summary>
/// <param name="Index">Its number, from 0 to <paramref name="Count"/> - 1.</param>
/// <param name="Count">Number of shards, 1 to 1,000,000.</param>
public sealed record Shard(int Index, int Count)
{
    private const int Most = 1_000_000;

    /// <summary>The whole work.</summary>
    public static Shard Whole { get; } = new(0, 1);

    /// <summary>Reads "I/N", such as "0/4".</summary>
    /// <param name="text">The text.</param>
    /// <returns>The shard; null where the text is none.</returns>
    public static Shard? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return
            text.Split('/') is [var index, var count]
            && int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out int i)
            && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int n)
            && new Shard(i, n) is { IsPossible: true } shard
            ? shard
            : null;
    }

    /// <summary>
    /// Finds out from the environment variables of a scheduler which shard this process is: Open MPI, MPICH and other
    /// process managers with PMI, Slurm arrays and steps, Kubernetes Indexed Jobs, AWS Batch and Google Batch.
    /// </summary>
    /// <param name="count">Number of shards, for schedulers that do not tell it. It takes precedence over a number that
    /// they tell. Null: none.</param>
    /// <exception cref="GraftException">No scheduler or several tell a shard, or it does not fit.</exception>
    public static Shard Detect(int? count = null) => SchedulerVariables.Find(Environment.GetEnvironmentVariable, count);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Index}/{Count}");

    internal bool IsPossible => Count is >= 1 and <= Most && Index >= 0 && Index < Count;
}
