using Graft.Infrastructure;

namespace Graft.Prediction;

/// <summary>Checks the values of a card, whoever wrote them.</summary>
internal static class ModelCardCheck
{
    public const int MostLabels = 10_000;
    public const int LabelLength = 200;
    private const int TextLength = 4000;
    private const int MostBodies = 16;
    private const int MostOutputs = 16;

    /// <summary>Returns <paramref name="card"/>, or throws an exception that lists all problems.</summary>
    public static ModelCard Check(ModelCard card, string name)
    {
        List<string> problems = [];
        CheckLabels(card.Labels, problems);
        CheckBodies(card.Bodies, problems);
        CheckOutputs(card.Outputs, problems);
        CheckThresholds(card, problems);
        CheckNumbers(card, problems);
        CheckSelfTest(card, problems);
        try
        {
            _ = card.Preprocessing.Checked();
        }
        catch (GraftException error)
        {
            problems.Add(error.Message);
        }

        return problems.Count == 0
            ? card
            : throw new ModelCardException(
                name,
                $"its card is damaged: {string.Join("; ", problems)}; train or export the model again with Graft"
            );
    }

    private static void CheckLabels(IReadOnlyList<string> labels, List<string> problems)
    {
        if (labels.Count is < 2 or > MostLabels)
        {
            problems.Add($"{labels.Count:N0} labels are outside 2 to {MostLabels:N0}");
            return;
        }

        if (labels.Any(label => string.IsNullOrWhiteSpace(label) || label.Length > LabelLength))
        {
            problems.Add($"a label is empty or longer than {LabelLength} characters");
            return;
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        string? twice = labels.FirstOrDefault(label => !seen.Add(label));
        if (twice is not null)
        {
            problems.Add($"the label '{Printable.Text(twice)}' is there twice");
        }
    }

    private static void CheckBodies(IReadOnlyList<BodyCard> bodies, List<string> problems)
    {
        if (bodies.Count is < 1 or > MostBodies || bodies.Any(body => body is null))
        {
            problems.Add($"{bodies.Count:N0} bodies are outside 1 to {MostBodies}, or one is null");
            return;
        }

        string?[] texts = [.. bodies.SelectMany(body => new[] { body.Name, body.License, body.Origin })];
        if (bodies.Any(body => string.IsNullOrWhiteSpace(body.Name)) || texts.Any(text => text?.Length > TextLength))
        {
            problems.Add($"a body's name, licence or origin is empty or longer than {TextLength:N0} characters");
        }

        if (!bodies.All(body => IsSha256OrNull(body.WeightsSha256)))
        {
            problems.Add("the weights' SHA-256 is not 64 hexadecimal digits");
        }
    }

    private static void CheckOutputs(IReadOnlyList<OutputCard> outputs, List<string> problems)
    {
        bool areUsable =
            outputs.Count is >= 1 and <= MostOutputs
            && outputs.All(output => IsText(output?.Name) && IsText(output!.Meaning))
            && outputs.Any(output => output.Name == ClassifierEdges.Probabilities);
        if (!areUsable)
        {
            problems.Add(
                $"its outputs are not 1 to {MostOutputs} with a name and a meaning, '{ClassifierEdges.Probabilities}' "
                    + "among them"
            );
        }

        static bool IsText(string? text) => !string.IsNullOrWhiteSpace(text) && text.Length <= TextLength;
    }

    private static void CheckThresholds(ModelCard card, List<string> problems)
    {
        bool areUsable = card.Task switch
        {
            ClassificationTask.SingleLabel => card.Thresholds is null,
            ClassificationTask.MultiLabel => card.Thresholds?.Count == card.Labels.Count
                && card.Thresholds.All(threshold => threshold is >= 0 and <= 1),
            _ => false,
        };
        if (!areUsable)
        {
            problems.Add("its thresholds are not one of 0 to 1 for each label, and only for several labels a picture");
        }
    }

    private static void CheckNumbers(ModelCard card, List<string> problems)
    {
        if (card.Version is < ModelCard.OldestVersion or > ModelCard.CurrentVersion)
        {
            problems.Add($"version {card.Version} is outside {ModelCard.OldestVersion} to {ModelCard.CurrentVersion}");
        }

        if (string.IsNullOrWhiteSpace(card.CreatedBy) || card.CreatedBy.Length > TextLength)
        {
            problems.Add("it does not say which program made it");
        }

        if (!IsSha256OrNull(card.DataFingerprint))
        {
            problems.Add("the data fingerprint is not 64 hexadecimal digits");
        }

        if (!(card.Temperature is > 0 and <= 1e6))
        {
            problems.Add($"the temperature {card.Temperature} is outside 0 to 1,000,000");
        }

        double?[] shares = [card.UnsureBelow, card.Scores.ValidationAccuracy, card.Scores.TestAccuracy];
        if (
            shares.Any(share => share is not (null or (>= 0 and <= 1)))
            || Math.Min(card.Images.Train, Math.Min(card.Images.Validation, card.Images.Test)) < 0
        )
        {
            problems.Add("a score or threshold is outside 0 to 1, or a number of images is below 0");
        }
    }

    private static void CheckSelfTest(ModelCard card, List<string> problems)
    {
        if (card.SelfTest.Expected.Count != card.Labels.Count)
        {
            problems.Add(
                $"the self-test expects {card.SelfTest.Expected.Count:N0} probabilities "
                    + $"for {card.Labels.Count:N0} labels"
            );
        }

        if (
            card.SelfTest.Expected.Any(p => !(p is >= 0 and <= 1))
            || card.SelfTest.Image is < 0 or >= SelfTest.CandidateImages
            || !IsSha256(card.SelfTest.PixelsSha256)
        )
        {
            problems.Add("the self-test's image or probabilities make no sense");
        }
    }

    private static bool IsSha256OrNull(string? text) => text is null || IsSha256(text);

    private static bool IsSha256(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigit);
}
