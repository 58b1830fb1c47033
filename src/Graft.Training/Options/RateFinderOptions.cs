namespace Graft.Training;

/// <summary>Options of <see cref="LearningRateFinder"/>.</summary>
public sealed record RateFinderOptions
{
    /// <summary>Learning rate of the first step, 1e-9 to 1.</summary>
    public double LowestRate { get; init; } = 1e-6;

    /// <summary>Learning rate of the last step, above the lowest rate, at most 100.</summary>
    public double HighestRate { get; init; } = 10;

    /// <summary>
    /// Steps from the lowest to the highest rate, 20 to 1000. They may take several passes over the images.
    /// </summary>
    public int Steps { get; init; } = 100;

    /// <summary>
    /// Decay of the running mean of the loss per step, 0 to 0.99. The losses of single batches are noisy.
    /// </summary>
    public double Smoothing { get; init; } = 0.9;

    /// <summary>The search ends when the smoothed loss exceeds its minimum by this factor, 1.1 to 100.</summary>
    public double StopFactor { get; init; } = 4;

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">An option cannot be used. The exception names all of them.</exception>
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

    /// <summary>Learning rate of a step, counted from 0. It grows by the same factor at every step.</summary>
    internal double RateAt(int step) => LowestRate * Math.Pow(HighestRate / LowestRate, (double)step / (Steps - 1));
} // new RateFinderOptions(): RateAt(0) = 1e-6, RateAt(33) = 0.000215, RateAt(99) = 10
