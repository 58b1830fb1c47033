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
/// Takes training images from every fourth class (at least one) until it has a share of what it had, and looks at the
/// probe's answers with and without weights: recall of the classes that were
/// robbed, of the others, and the accuracy. For choosing from which ratio on classes are balanced by default, and how
/// far.
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
            "ratio power | recall of the small, of the others | accuracy on the test images; on test images weighed as the training images are; log-loss (mean of the seeds)"
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
                    $"{ratio, 4} {power, 4} | {mean[0]:0.000} {mean[1]:0.000} | {mean[2]:0.000} {mean[3]:0.000} {mean[4]:0.000}"
                );
            }
        }
    }

    private static double[] Figures(TrainingData data, FeatureView extraction, double ratio, double power, int seed)
    {
        int classes = data.ClassCount;
        HashSet<string> small =
        [
            .. Enumerable
                .Range(0, classes)
                .Where(c => (c + seed) % Math.Min(4, classes) == 0)
                .Select(c => data.Set.Classes[c]),
        ];
        CountedRandom random = new((ulong)seed, RandomPurpose.Folds, 99);
        LabelledImage[] all = [.. data.Everything];
        int[] order = random.Permutation(all.Length);
        LabelledImage[] kept =
        [
            .. order
                .Select(i => all[i])
                .GroupBy(image => image.Label)
                .SelectMany(one =>
                    one.Take(small.Contains(one.Key) ? Math.Max(2, (int)Math.Round(one.Count() / ratio)) : int.MaxValue)
                )
                .OrderBy(image => image.Name, StringComparer.Ordinal),
        ];

        int views = extraction.Views;
        int[] rows = [.. kept.SelectMany(image => Enumerable.Range(extraction.FirstRows[image.Name], views))];
        int[] labels = [.. data.LabelsOf(kept).SelectMany(label => Enumerable.Repeat(label, views))];
        int[] folds =
        [
            .. ValidationScheme.FoldsOf(data, kept, seed, 5).SelectMany(fold => Enumerable.Repeat(fold, views)),
        ];
        double[] weights = [.. ClassWeights.Balanced(labels, classes).Select(weight => Math.Pow(weight, power))];
        double scale = labels.Length / weights.Sum();
        ProbeTrainingSet problem = new(extraction.Features.Gather(rows), labels, classes)
        {
            Weights = [.. weights.Select(weight => weight * scale)],
            IsScored = [.. Enumerable.Range(0, rows.Length).Select(row => row % views == 0)],
        };
        ProbeResult probe = ProbeSearch.Run(problem, folds, null, default);

        float[] logits = ProbePhase.Logits(probe.Layer, extraction, data.Test);
        int[] truth = data.LabelsOf(data.Test);
        bool[] right =
        [
            .. truth.Select(
                (label, n) => ProbabilityMatrix.IndexOfLargest<float>(logits.AsSpan(n * classes, classes)) == label
            ),
        ];
        bool[] isSmall = [.. data.Test.Select(image => small.Contains(image.Label))];
        double natural = 0;
        foreach (IGrouping<int, int> one in Enumerable.Range(0, truth.Length).GroupBy(n => truth[n]))
        {
            natural +=
                one.Average(n => right[n] ? 1.0 : 0)
                * kept.Count(image => image.Label == data.Set.Classes[one.Key])
                / kept.Length;
        }

        return
        [
            Enumerable.Range(0, truth.Length).Where(n => isSmall[n]).Average(n => right[n] ? 1.0 : 0),
            Enumerable
                .Range(0, truth.Length)
                .Where(n => !isSmall[n])
                .DefaultIfEmpty(0)
                .Average(n => right[n] ? 1.0 : 0),
            right.Average(one => one ? 1.0 : 0),
            natural,
            ValidationScore.Of(logits, truth).Loss,
        ];
    }
}
