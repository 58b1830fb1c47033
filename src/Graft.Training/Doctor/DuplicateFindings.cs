using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Training.Data;
using Graft.Training.Extraction;
using TorchSharp;
using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Training.Doctor;

/// <summary>Images that are there more than once.</summary>
internal static class DuplicateFindings
{
    /// <summary>
    /// Above as many images all pairs of features are not compared: it would take longer than the training.
    /// </summary>
    public const int MostImages = 20_000;

    private const float LeastSimilarity = 0.9f;
    private const double ShareOfStrangers = 0.3;
    private const double StrangersQuantile = 0.95; // a few wrong labels make neighbours of one class strangers
    private const int RowsAtOnce = 1024; // squared, 4 MB of similarities
    private const double LeastLength = 1e-12; // of features: zeros stay zeros

    // of the sketches: cut-outs of one photograph still share much; 2 is nothing
    private const double MostDifference = 1.5;

    /// <summary>What the sketches show.</summary>
    public static IEnumerable<Finding> Of(Inspection inspection) =>
        inspection.Pairs.Select(pair =>
            Of(
                inspection.Set.Images[pair.First],
                inspection.Set.Images[pair.Second],
                Math.Round(pair.Difference, 4),
                pair.IsMirrored ? "mirrored, or nearly" : "encoded again, resized or nearly so"
            )
        );

    /// <summary>
    /// What the body's features show beyond it: cut-outs and turned copies of one photograph, by the cosine of their
    /// features. The threshold is calibrated on the set: images of different
    /// classes show different things, so that what the nearest of these reach says where sameness begins. Looked at on
    /// Flowers-17: every pair above it is one photograph.
    /// </summary>
    /// <param name="images">Of the inspection's set, with features.</param>
    /// <param name="features">Theirs.</param>
    /// <returns>The findings and the threshold; null where there are too many images.</returns>
    public static (IReadOnlyList<Finding> Findings, double? Threshold) OfFeatures(
        Inspection inspection,
        IReadOnlyList<LabelledImage> images,
        FeatureMatrix features,
        CancellationToken cancel
    )
    {
        int count = images.Count;
        if (count is < 2 or > MostImages)
        {
            return ([], null);
        }

        (float[] strangers, IReadOnlyList<ClosePair> close) = Compare(images, features, cancel);
        float[] ordered = [.. strangers.Order()];
        double threshold = Math.Max(
            LeastSimilarity,
            1 - (ShareOfStrangers * (1 - ordered[(int)(StrangersQuantile * (count - 1))]))
        );
        Dictionary<string, int> places = Enumerable
            .Range(0, inspection.Set.Images.Length)
            .ToDictionary(i => inspection.Set.Images[i].Name);
        HashSet<(int, int)> known = [.. inspection.Pairs.Select(pair => (pair.First, pair.Second))];
        Dictionary<int, PerceptualHash> sketches = [];
        PerceptualHash SketchOf(int place) =>
            sketches.TryGetValue(place, out PerceptualHash? sketch)
                ? sketch
                : sketches[place] = inspection.SketchOf(place);
        List<Finding> findings = [];
        foreach ((int first, int second, float similarity) in close.TakeWhile(pair => pair.Similarity >= threshold))
        {
            (int a, int b) = (places[images[first].Name], places[images[second].Name]);
            if (known.Contains((Math.Min(a, b), Math.Max(a, b))))
            {
                continue;
            }

            double difference = Math.Min(
                SketchOf(a).DifferenceTo(SketchOf(b), false),
                SketchOf(a).DifferenceTo(SketchOf(b), true)
            );
            if (difference <= MostDifference)
            {
                findings.Add(
                    Of(
                        images[first],
                        images[second],
                        Math.Round(1 - (double)similarity, 4),
                        "a cut-out of it, or a shot of the same moment"
                    )
                );
            }
        }

        return (findings, Math.Round(threshold, 4));
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
            PairScope.AcrossParts => "what is learnt leaks into what is judged",
            PairScope.AcrossClasses => "one of the labels is wrong",
            _ => "they stay on one side of a split",
        };
        return new(
            isCopy ? FindingKind.Copy : FindingKind.NearDuplicate,
            scope == PairScope.WithinClass ? Severity.Note : Severity.Warning,
            first.Name,
            $"{(isCopy ? "byte-identical with" : "shows the same as")} '{Printable.Text(second.Name)}'{(isCopy ? "" : $" ({how})")}: {consequence}"
        )
        {
            Other = second.Name,
            Scope = scope,
            Score = isCopy ? 0 : score,
        };
    }

    /// <summary>
    /// Each image's most similar one of another class (copies are no strangers, whatever their labels), and the pairs
    /// above the least similarity, the most similar first.
    /// </summary>
    internal static (float[] Strangers, IReadOnlyList<ClosePair> Close) Compare(
        IReadOnlyList<LabelledImage> images,
        FeatureMatrix features,
        CancellationToken cancel
    )
    {
        (int[] labels, int[] clusters) = (
            Numbered(images, image => image.Label),
            Numbered(images, image => image.Cluster)
        );
        float[] strangers = new float[images.Count];
        ClosePairs close = new(LeastSimilarity);
        for (int first = 0; first < images.Count; first += RowsAtOnce)
        {
            using DisposeScope outer = NewDisposeScope();
            Tensor some = Units(first); // [n,F]
            for (int second = first; second < images.Count; second += RowsAtOnce)
            {
                cancel.ThrowIfCancellationRequested();
                using DisposeScope inner = NewDisposeScope();
                Tensor others = second == first ? some : Units(second); // [m,F]
                AddTile(
                    MemoryMarshal.Cast<byte, float>(some.mm(others.t()).bytes),
                    (first, second),
                    labels,
                    clusters,
                    strangers,
                    close
                ); // [n,m]
            }
        }

        return (strangers, close.Ordered());

        Tensor Units(int from)
        {
            Tensor rows = features.Load(from, Math.Min(RowsAtOnce, images.Count - from));
            // in place: 12 MB of 3,072 features
            return rows.div_(rows.norm(1, keepdim: true).clamp_min_(Held(LeastLength)));
        }
    }

    // A number for each name.
    private static int[] Numbered(IReadOnlyList<LabelledImage> images, Func<LabelledImage, string> nameOf)
    {
        Dictionary<string, int> numbers = [];
        return
        [
            .. images
                .Select(nameOf)
                .Select(name => numbers.TryGetValue(name, out int known) ? known : numbers[name] = numbers.Count),
        ];
    }

    // A million pairs for a thousand images, mostly before the runtime would come to optimise it by itself.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddTile(
        ReadOnlySpan<float> similarities,
        (int First, int Second) at,
        int[] labels,
        int[] clusters,
        float[] strangers,
        ClosePairs close
    )
    {
        int width = Math.Min(RowsAtOnce, labels.Length - at.Second);
        for (int row = 0; row * width < similarities.Length; row++)
        {
            int image = at.First + row;
            // each pair from one side
            for (int other = Math.Max(at.Second, image + 1); other < at.Second + width; other++)
            {
                float similarity = similarities[(row * width) + other - at.Second];
                if (labels[other] != labels[image] && clusters[other] != clusters[image])
                {
                    strangers[image] = Math.Max(strangers[image], similarity);
                    strangers[other] = Math.Max(strangers[other], similarity);
                }

                close.Add(new(image, other, similarity));
            }
        }
    }
}
