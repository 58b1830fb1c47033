namespace Graft.Training;

/// <summary>How a learning rate is looked for (<see cref="LearningRateFinder"/>).</summary>
public sealed record RateFinderOptions
{
    /// <summary>Of the first step, 1e-9 to 1.</summary>
    public double LowestRate { get; init; } = 1e-6;

    /// <summary>Of the last step, above the first one's, at most 100.</summary>
    public double HighestRate { get; init; } = 10;

    /// <summary>Steps from the one to the other, 20 to 1000, over as many passes as that takes.</summary>
    public int Steps { get; init; } = 100;

    /// <summary>How much of the loss's running mean stays a step, 0 to 0.99: single batches say little.</summary>
    public double Smoothing { get; init; } = 0.9;

    /// <summary>The search ends where the smoothed loss is above so many times its least, 1.1 to 100.</summary>
    public double StopFactor { get; init; } = 4;

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">At least one option cannot be used. The exception names all of them.</exception>
    public void Validate()
    {
        OptionProblems problems = new();
        problems.Range(nameof(LowestRate), LowestRate, 1e-9, 1);
        problems.Range(nameof(HighestRate), HighestRate, LowestRate * 1.1, 100);
        problems.Range(nameof(Steps), Steps, 20, 1000);
        problems.Range(nameof(Smoothing), Smoothing, 0, 0.99);
        problems.Range(nameof(StopFactor), StopFactor, 1.1, 100);
        problems.ThrowIfAny();
    }

    /// <summary>The rate of a step, counted from 0: it grows by the same factor every step.</summary>
    internal double RateAt(int step) => LowestRate * Math.Pow(HighestRate / LowestRate, (double)step / (Steps - 1));
} // new RateFinderOptions(): RateAt(0) = 1e-6, RateAt(33) = 0.000215, RateAt(99) = 10
