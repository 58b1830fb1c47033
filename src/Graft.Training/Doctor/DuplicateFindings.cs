using System.Numerics.Tensors;
using Graft.Data;

namespace Graft.Training.Doctor;

/// <summary>Images that are there more than once.</summary>
internal static class DuplicateFindings
{
    /// <summary>Above as many images all pairs of features are not compared: it would take longer than the training.</summary>
    public const int MostImages = 20_000;

    private const double LeastSimilarity = 0.9;
    private const double ShareOfStrangers = 0.3;
    private const double StrangersQuantile = 0.95;    // a few wrong labels make neighbours of one class strangers
    private const double MostDifference = 1.5;     // of the sketches: cut-outs of one photograph still share much; 2 is nothing

    /// <summary>What the sketches show.</summary>
    public static IEnumerable<Finding> Of(Inspection inspection) =>
        inspection.Pairs.Select(pair => Of(inspection.Set.Images[pair.First], inspection.Set.Images[pair.Second], Math.Round(pair.Difference, 4), pair.IsMirrored ? "mirrored, or nearly" : "encoded again, resized or nearly so"));

    /// <summary>
    /// What the body's features show beyond it: cut-outs and turned copies of one photograph, by the cosine of their features. The threshold is calibrated on the set: images of different
    /// classes show different things, so that what the nearest of these reach says where sameness begins. Looked at on Flowers-17: every pair above it is one photograph.
    /// </summary>
    /// <param name="images">Of the inspection's set, with features.</param>
    /// <param name="features">[N,F], not changed.</param>
    /// <returns>The findings and the threshold; null where there are too many images.</returns>
    public static (IReadOnlyList<Finding> Findings, double? Threshold) OfFeatures(Inspection inspection, IReadOnlyList<LabelledImage> images, float[] features, CancellationToken cancel)
    {
        int count = images.Count;
        if (count is < 2 or > MostImages)
        {
            return ([], null);
        }

        float[] units = Units(features, count);
        (double[] strangers, List<(int First, int Second, double Similarity)> close) = Compare(images, units, cancel);   // copies are no strangers, whatever their labels
        double[] ordered = [.. strangers.Order()];
        double threshold = Math.Max(LeastSimilarity, 1 - (ShareOfStrangers * (1 - ordered[(int)(StrangersQuantile * (count - 1))])));
        Dictionary<string, int> places = Enumerable.Range(0, inspection.Set.Images.Length).ToDictionary(i => inspection.Set.Images[i].Path);
        HashSet<(int, int)> known = [.. inspection.Pairs.Select(pair => (pair.First, pair.Second))];
        List<Finding> findings = [];
        foreach ((int first, int second, double similarity) in close.Where(pair => pair.Similarity >= threshold).OrderByDescending(pair => pair.Similarity))
        {
            (int a, int b) = (places[images[first].Path], places[images[second].Path]);
            double difference = Math.Min(inspection.Traits[a].Sketch.DifferenceTo(inspection.Traits[b].Sketch, false), inspection.Traits[a].Sketch.DifferenceTo(inspection.Traits[b].Sketch, true));
            if (difference <= MostDifference && !known.Contains((Math.Min(a, b), Math.Max(a, b))))
            {
                findings.Add(Of(images[first], images[second], Math.Round(1 - similarity, 4), "a cut-out of it, or a shot of the same moment"));
            }
        }

        return (findings, Math.Round(threshold, 4));
    }

    private static Finding Of(LabelledImage first, LabelledImage second, double score, string how)
    {
        PairScope scope = first.Part != second.Part ? PairScope.AcrossParts : first.Label != second.Label ? PairScope.AcrossClasses : PairScope.WithinClass;
        bool isCopy = first.ContentHash == second.ContentHash;
        string consequence = scope switch
        {
            PairScope.AcrossParts => "what is learnt leaks into what is judged",
            PairScope.AcrossClasses => "one of the labels is wrong",
            _ => "they stay on one side of a split",
        };
        return new(isCopy ? FindingKind.Copy : FindingKind.NearDuplicate, scope == PairScope.WithinClass ? Severity.Note : Severity.Warning, first.Path, $"{(isCopy ? "byte-identical with" : "shows the same as")} '{Printable.Text(second.Path)}'{(isCopy ? "" : $" ({how})")}: {consequence}")
        {
            Other = second.Path,
            Scope = scope,
            Score = isCopy ? 0 : score,
        };
    }

    private static float[] Units(float[] features, int count)
    {
        float[] units = [.. features];
        int length = units.Length / count;
        for (int i = 0; i < count; i++)
        {
            Span<float> unit = units.AsSpan(i * length, length);
            float norm = TensorPrimitives.Norm<float>(unit);
            TensorPrimitives.Divide(unit, norm > 0 ? norm : 1, unit);
        }

        return units;
    }

    /// <summary>Each image's most similar one of another class, and all pairs above the least similarity.</summary>
    private static (double[] Strangers, List<(int, int, double)> Close) Compare(IReadOnlyList<LabelledImage> images, float[] units, CancellationToken cancel)
    {
        int length = units.Length / images.Count;
        double[] strangers = new double[images.Count];
        List<(int, int, double)>[] close = new List<(int, int, double)>[images.Count];
        Parallel.For(0, images.Count, new ParallelOptions { CancellationToken = cancel }, i =>
        {
            close[i] = [];
            ReadOnlySpan<float> own = units.AsSpan(i * length, length);
            for (int j = 0; j < images.Count; j++)
            {
                bool isStranger = images[j].Label != images[i].Label && images[j].Cluster != images[i].Cluster;
                double similarity = isStranger || j > i ? TensorPrimitives.Dot(own, units.AsSpan(j * length, length)) : -1;
                strangers[i] = isStranger ? Math.Max(strangers[i], similarity) : strangers[i];
                if (j > i && similarity >= LeastSimilarity)
                {
                    close[i].Add((i, j, similarity));
                }
            }
        });
        return (strangers, [.. close.SelectMany(pairs => pairs)]);
    }
}
