using System.Globalization;

namespace Graft.Training;

/// <summary>How a set is divided where the data do not say.</summary>
public sealed record SplitOptions
{
    /// <summary>
    /// Decides which images go where. The same seed and images give the same split, wherever the files lie.
    /// </summary>
    public long Seed { get; init; } = 1;

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
            Seed = plan.Seed,
            TestShare = plan.TestShare,
            ValidationShare = plan.ValidationShare,
        };

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">At least one option cannot be used. The exception names all of them.</exception>
    public void Validate()
    {
        OptionProblems problems = new();
        CheckShare(problems, nameof(TestShare), TestShare);
        CheckShare(problems, nameof(ValidationShare), ValidationShare);
        problems.ThrowIfAny();
    }

    private static void CheckShare(OptionProblems problems, string property, double share)
    {
        if (!(share is > 0 and <= 0.5))
        {
            problems.Add(property, share.ToString(CultureInfo.InvariantCulture), "it must lie above 0, at most 0.5");
        }
    }
}
