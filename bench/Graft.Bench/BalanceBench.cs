using Graft.Infrastructure;
using Graft.Training;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.Metrics;
using Graft.Training.Plans;
using Graft.Training.Probe;
using Graft.Training.Run;

namespace Graft.Bench;

/// <summary>
/// Removes training images from every fourth class (at least one) and compares probes with and without class weights:
/// recall of the reduced classes, recall of the others, and accuracy. Shows from which ratio on balancing helps, and
/// how much of it.
/// </summary>
internal static class BalanceBench
{
    private static readonly double[] s_ratios = [1, 2, 3, 5, 10];
    private static readonly double[] s_powers = [0, 0.5, 1];

    public static void Run(string images, Settings settings)
    {
        int views = (int)settings.Number("views", 3);
        int seeds = (int)settings.Number("seeds", 5);
        TrainingOptions options = new() { Balance = Balance.None };
        TorchSetup.UseThreads(0);
        Silence<TrainingEvent> silence = new();
        TrainingData data = TrainingData.Read(images, DataPlan.Of(options), silence, default);
        TrainableBody body = TrainableBodyLoader.Load(options.ToBodyPlan());
        using ExtractedFeatures extraction = ExtractedFeatures.Extract(
            body,
            ExtractionPlans.Of(options, body.Model, [], views, data.Train.Count) with
            {
                Pooling = Pooling.Average,
                TestViews = 1,
            },
            data,
            null,
            silence,
            default
        );
        Console.WriteLine(
            "ratio power | recall of the small classes, of the others | accuracy on the test images, accuracy weighted "
                + "by the training classes, log-loss (means of the seeds)"
        );
        foreach (double ratio in s_ratios)
        {
            foreach (double power in s_powers)
            {
                double[][] figures =
                [
                    .. Enumerable.Range(1, seeds).Select(seed => Figures(data, extraction.All, ratio, power, seed)),
                ];
                double[] mean = [.. Enumerable.Range(0, 5).Select(i => figures.Average(one => one[i]))];
                Console.WriteLine(
                    $"{ratio,4} {power,4} | {mean[0]:0.000} {mean[1]:0.000} | "
                        + $"{mean[2]:0.000} {mean[3]:0.000} {mean[4]:0.000}"
                );
            }
        }
    }

    private static double[] Figures(TrainingData data, FeatureView extraction, double ratio, double power, int seed)
    {
        int every = Math.Min(4, data.ClassCount);
        HashSet<string> small = [.. data.Set.Classes.Where((_, c) => (c + seed) % every == 0)];
        LabelledImage[] kept = Reduced(data, small, ratio, seed);
        ProbeResult probe = Fit(data, extraction, kept, power, seed);
        float[] logits = ProbeFits.Logits(probe.Layer, extraction, data.Test);
        int[] truth = data.LabelsOf(data.Test);
        double[] right = [.. truth.Select((label, n) => AnswerOf(logits, n, data.ClassCount) == label ? 1.0 : 0)];
        bool[] isSmall = [.. data.Test.Select(image => small.Contains(image.Label))];
        double weighted = Enumerable
            .Range(0, truth.Length)
            .GroupBy(n => data.Set.Classes[truth[n]])
            .Sum(one => one.Average(n => right[n]) * kept.Count(image => image.Label == one.Key) / kept.Length);
        return
        [
            right.Where((_, n) => isSmall[n]).Average(),
            right.Where((_, n) => !isSmall[n]).DefaultIfEmpty(0).Average(),
            right.Average(),
            weighted,
            ValidationScore.Of(logits, truth).Loss,
        ];
    }

    private static LabelledImage[] Reduced(TrainingData data, HashSet<string> small, double ratio, int seed)
    {
        LabelledImage[] all = [.. data.Everything];
        int[] order = new CountedRandom((ulong)seed, RandomPurpose.Folds, 99).Permutation(all.Length);
        return
        [
            .. order
                .Select(i => all[i])
                .GroupBy(image => image.Label)
                .SelectMany(one =>
                    one.Take(small.Contains(one.Key) ? Math.Max(2, (int)Math.Round(one.Count() / ratio)) : int.MaxValue)
                )
                .OrderBy(image => image.Name, StringComparer.Ordinal),
        ];
    }

    private static ProbeResult Fit(
        TrainingData data,
        FeatureView extraction,
        LabelledImage[] kept,
        double power,
        int seed
    )
    {
        int views = extraction.Views;
        int[] rows = [.. kept.SelectMany(image => Enumerable.Range(extraction.FirstRows[image.Name], views))];
        int[] labels = [.. data.LabelsOf(kept).SelectMany(label => Enumerable.Repeat(label, views))];
        int[] folds =
        [
            .. ValidationScheme.FoldsOf(data, kept, seed, 5).SelectMany(fold => Enumerable.Repeat(fold, views)),
        ];
        double[] weights =
        [
            .. ClassWeights.Balanced(labels, data.ClassCount).Select(weight => Math.Pow(weight, power)),
        ];
        double scale = labels.Length / weights.Sum();
        ProbeTrainingSet problem = new(extraction.Features.Gather(rows), labels, data.ClassCount)
        {
            Weights = [.. weights.Select(weight => weight * scale)],
            IsScored = [.. Enumerable.Range(0, rows.Length).Select(row => row % views == 0)],
        };
        return ProbeSearch.Run(problem, folds, null, default);
    }

    private static int AnswerOf(float[] logits, int image, int classes) =>
        ProbabilityMatrix.IndexOfLargest<float>(logits.AsSpan(image * classes, classes));
}
