using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Training.Data;
using Graft.Training.Extraction;

namespace Graft.Training.Doctor;

/// <summary>Finds images that show the same picture.</summary>
internal static class DuplicateFindings
{
    /// <summary>
    /// Largest set whose features are compared. Comparing all pairs of a larger one would take longer than training.
    /// </summary>
    public const int MaxImages = 20_000;

    private const float MinSimilarity = 0.9f;
    private const double StrangerShare = 0.3; // of the distance to the nearest image of another class
    private const double StrangerQuantile = 0.95; // wrong labels put a few images of one class into two

    // Of the perceptual hashes. Crops of one photograph still have much in common; unrelated images differ by 2.
    private const double MaxHashDifference = 1.5;

    /// <summary>The pairs that the perceptual hashes show.</summary>
    public static IEnumerable<Finding> Of(Inspection inspection) =>
        inspection.Pairs.Select(pair =>
            Of(
                inspection.Set.Images[pair.First],
                inspection.Set.Images[pair.Second],
                Math.Round(pair.Difference, 4),
                pair.IsMirrored ? "mirrored" : "encoded again, resized or slightly changed"
            )
        );

    /// <summary>
    /// The pairs that only the body's features show: crops and turned copies of one photograph. Images of different
    /// classes show different things, so the similarity of the nearest ones calibrates the threshold on each set. On
    /// Flowers-17 every pair above it is one photograph (checked by eye).
    /// </summary>
    /// <param name="inspection">The inspected set.</param>
    /// <param name="images">The N images of the set that have features.</param>
    /// <param name="features">[N,F] their features.</param>
    /// <param name="cancel">Stops the comparison.</param>
    /// <returns>The findings, and the smallest cosine of a pair; null above <see cref="MaxImages"/> images.</returns>
    public static (IReadOnlyList<Finding> Findings, double? Threshold) OfFeatures(
        Inspection inspection,
        IReadOnlyList<LabelledImage> images,
        FeatureMatrix features,
        CancellationToken cancel
    )
    {
        int count = images.Count;
        if (count is < 2 or > MaxImages)
        {
            return ([], null);
        }

        (float[] strangers, IReadOnlyList<ClosePair> close) = FeatureComparison.Run(
            images,
            features,
            MinSimilarity,
            cancel
        );
        float[] ordered = [.. strangers.Order()];
        double threshold = Math.Max(
            MinSimilarity,
            1 - (StrangerShare * (1 - ordered[(int)(StrangerQuantile * (count - 1))]))
        );
        return (PairsOf(inspection, images, close, threshold), Math.Round(threshold, 4));
    }

    private static List<Finding> PairsOf(
        Inspection inspection,
        IReadOnlyList<LabelledImage> images,
        IReadOnlyList<ClosePair> close,
        double threshold
    )
    {
        Dictionary<string, int> places = Enumerable
            .Range(0, inspection.Set.Images.Length)
            .ToDictionary(i => inspection.Set.Images[i].Name);
        HashSet<(int, int)> known = [.. inspection.Pairs.Select(pair => (pair.First, pair.Second))];
        Dictionary<int, PerceptualHash> hashes = [];
        List<Finding> findings = [];
        foreach ((int first, int second, float similarity) in close.TakeWhile(pair => pair.Similarity >= threshold))
        {
            (int a, int b) = (places[images[first].Name], places[images[second].Name]);
            if (known.Contains((Math.Min(a, b), Math.Max(a, b))))
            {
                continue;
            }

            double difference = Math.Min(
                HashOf(a).DifferenceTo(HashOf(b), false),
                HashOf(a).DifferenceTo(HashOf(b), true)
            );
            if (difference <= MaxHashDifference)
            {
                double score = Math.Round(1 - (double)similarity, 4);
                findings.Add(Of(images[first], images[second], score, "a crop, or a shot of the same moment"));
            }
        }

        return findings;

        PerceptualHash HashOf(int place) =>
            hashes.TryGetValue(place, out PerceptualHash? hash) ? hash : hashes[place] = inspection.HashOf(place);
    }

    private static Finding Of(LabelledImage first, LabelledImage second, double score, string how)
    {
        PairScope scope =
            first.Part != second.Part ? PairScope.AcrossParts
            : first.Label != second.Label ? PairScope.AcrossClasses
            : PairScope.WithinClass;
        bool isCopy = first.ContentHash == second.ContentHash;
        string consequence = scope switch
        {
            PairScope.AcrossParts => "a training image leaks into the evaluation",
            PairScope.AcrossClasses => "one of the labels is wrong",
            _ => "a split keeps them together",
        };
        string relation = isCopy ? "byte-identical with" : "shows the same as";
        string explanation = isCopy ? "" : $" ({how})";
        return new(
            isCopy ? FindingKind.Copy : FindingKind.NearDuplicate,
            scope == PairScope.WithinClass ? Severity.Note : Severity.Warning,
            first.Name,
            $"{relation} '{Printable.Text(second.Name)}'{explanation}: {consequence}"
        )
        {
            Other = second.Name,
            Scope = scope,
            Score = isCopy ? 0 : score,
        };
    }
}
