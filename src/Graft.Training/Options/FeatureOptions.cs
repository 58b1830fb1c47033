namespace Graft.Training;

/// <summary>How <see cref="FeatureExtractor"/> computes features.</summary>
public sealed record FeatureOptions
{
    /// <summary>
    /// How the feature map becomes a vector. <see cref="Pooling.Auto"/> gives the averages and everything else that the
    /// probe of a training could choose from.
    /// </summary>
    public Pooling Pooling { get; init; } = Pooling.Average;

    /// <summary>What computes the network; null: chosen by the processor and the body.</summary>
    public Engine? Engine { get; init; }

    /// <summary>Threads that decode images and run the network, 0 to 1024; 0: one for each core.</summary>
    public int Threads { get; init; }

    /// <summary>What images and models may cost before they are refused.</summary>
    public Limits Limits
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = new();

    /// <summary>Where features are kept between runs.</summary>
    public CacheOptions Cache
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = new();

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">At least one option cannot be used. The exception names all of
    /// them.</exception>
    public void Validate()
    {
        OptionProblems problems = new();
        problems.Range(nameof(Threads), Threads, 0, 1024);
        if (Engine == Training.Engine.Int8)
        {
            problems.Add(nameof(Engine), "int8", "its ranges are those of one training; choose another engine");
        }

        foreach (OptionProblem problem in Limits.FindProblems())
        {
            problems.Within(nameof(Limits)).Add(problem);
        }

        Cache.Check(problems.Within(nameof(Cache)));
        problems.ThrowIfAny();
    }
}
