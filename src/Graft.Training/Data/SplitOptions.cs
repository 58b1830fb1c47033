namespace Graft.Training;

/// <summary>How a set is divided where the data do not say.</summary>
public sealed record SplitOptions
{
    /// <summary>
    /// Decides which images go where. The same seed and images give the same split, wherever the files lie.
    /// </summary>
    public ulong Seed { get; init; }

    /// <summary>The share of a class that becomes its test part, if the data give none. Above 0, at most 0.5.</summary>
    public double TestShare { get; init; } = 0.15;

    /// <summary>
    /// The share of what is left for training that becomes the validation part, if the data give none. Above 0, at most
    /// 0.5.
    /// </summary>
    public double ValidationShare { get; init; } = 0.15;

    internal static SplitOptions Of(DataPlan plan) =>
        new()
        {
            Seed = (ulong)plan.Seed,
            TestShare = plan.TestShare,
            ValidationShare = plan.ValidationShare,
        };

    internal void Check()
    {
        if (!(TestShare is > 0 and <= 0.5) || !(ValidationShare is > 0 and <= 0.5))
        {
            throw new GraftException(
                $"'split' cannot be test {TestShare}, validation {ValidationShare}: both are shares above 0, at most 0.5; correct the options"
            );
        }
    }
}
