namespace Graft.Prediction;

/// <summary>Settings of a <see cref="Predictor"/>.</summary>
public sealed record PredictorOptions
{
    /// <summary>
    /// Processor threads of one call, 0 to 1024. The default, 0, uses one per core. A server that answers many requests
    /// at once is fastest with 1.
    /// </summary>
    public int Threads { get; init; }

    /// <summary>Limits on the model file and on one image.</summary>
    public Limits Limits
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = new();

    internal PredictorOptions Checked()
    {
        List<OptionProblem> problems = [];
        if (Threads is < 0 or > 1024)
        {
            problems.Add(new(nameof(Threads), $"{Threads}", "it must lie between 0 and 1024"));
        }

        problems.AddRange(
            Limits.FindProblems().Select(problem => problem with { Property = $"{nameof(Limits)}.{problem.Property}" })
        );
        return problems.Count == 0 ? this : throw new OptionsException(problems);
    }
}
