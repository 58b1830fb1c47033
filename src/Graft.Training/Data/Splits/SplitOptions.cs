using System.Globalization;

namespace Graft.Training;

/// <summary>Options of a split, for parts that the data do not give.</summary>
public sealed record SplitOptions
{
    /// <summary>
    /// Seed of the random split. The same seed and the same images give the same split, wherever the files lie.
    /// </summary>
    public long Seed { get; init; } = 1;

    /// <summary>
    /// Share of each class for the test part, above 0, at most 0.5. Used where the data give no test part.
    /// </summary>
    public double TestShare { get; init; } = 0.15;

    /// <summary>
    /// Share of the remaining images for the validation part, above 0, at most 0.5. Used where the data give no
    /// validation part.
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
    /// <exception cref="OptionsException">An option cannot be used. The exception names all of them.</exception>
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
