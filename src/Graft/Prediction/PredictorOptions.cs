namespace Graft.Prediction;

/// <summary>How a <see cref="Predictor"/> works.</summary>
public sealed record PredictorOptions
{
    /// <summary>
    /// Processor threads of one call, 0 to 1024; 0: one a core. A server that answers many requests at once does best
    /// with 1.
    /// </summary>
    public int Threads { get; init; }

    /// <summary>What the model and one image may cost before they are refused.</summary>
    public Limits Limits { get; init; } = new();

    internal PredictorOptions Checked()
    {
        List<string> problems = [];
        if (Threads is < 0 or > 1024)
        {
            problems.Add($"'threads' cannot be {Threads}: it must lie between 0 and 1024");
        }

        problems.AddRange(Limits.FindProblems());
        return problems.Count == 0 ? this : throw new GraftException(string.Join("; ", problems));
    }
}
