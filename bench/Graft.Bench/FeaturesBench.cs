using System.Diagnostics;
using System.Globalization;
using Graft.Onnx;
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
/// Fits probes to more features than the averages of the last map: its maxima and the averages of earlier maps. Trains
/// on random subsets and tests on all other images.
/// </summary>
internal static class FeaturesBench
{
    public static void Run(string images, Settings settings)
    {
        TrainingOptions options = new() { Seed = 1 };
        TorchSetup.UseThreads((int)settings.Number("threads", 0));
        using ActivationCache? cache = ActivationCache.Open(
            options.Cache,
            TimeProvider.System,
            Console.Error.WriteLine
        );
        TrainingData data = TrainingData.Read(
            images,
            DataPlan.Of(options),
            new Silence<TrainingEvent>(),
            default,
            InspectionCache.In(cache, options.Limits.Image)
        );
        TrainableBody body = TrainableBodyLoader.Load(options.ToBodyPlan());
        string[] edges = (settings.Text("edges") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
        int views = (int)settings.Number("views", 4);
        Stopwatch watch = Stopwatch.StartNew();
        (TrainableBody wide, List<(string Name, int Width)> blocks) = Widen(body, edges);
        using ExtractedFeatures extraction = ExtractedFeatures.Extract(
            wide,
            ExtractionPlans.Of(options, wide.Model, [], views, data.Train.Count) with
            {
                Pooling = Pooling.Average,
                TestViews = 1 + views,
            },
            data,
            cache,
            new Silence<TrainingEvent>(),
            default
        );
        Console.WriteLine(
            $"# {images}: {extraction.All.Features.Length} features in {watch.Elapsed.TotalSeconds:0} s: "
                + string.Join(", ", blocks)
        );
        foreach (int perClass in settings.Text("images")!.Split(',').Select(int.Parse))
        {
            foreach (int seed in Enumerable.Range((int)settings.Number("first", 1), (int)settings.Number("subsets", 3)))
            {
                (List<LabelledImage> training, List<LabelledImage> test) = StudyBench.Draw(
                    data,
                    perClass,
                    seed,
                    (int)settings.Number("test", 30)
                );
                int[] folds = ValidationScheme.FoldsOf(data, training, seed, 5);
                string[] lines =
                [
                    .. Choices(blocks)
                        .Select(choice => Fit(extraction.All, data, training, test, folds, blocks, choice)),
                ];
                Console.WriteLine(string.Join('\n', lines.Select(line => $"{perClass}\t{seed}\t{line}")));
            }
        }
    }

    // The averages of the last map, then those with each other block, then all.
    private static IEnumerable<int[]> Choices(List<(string Name, int Width)> blocks) =>
        [
            [0],
            .. Enumerable.Range(1, blocks.Count - 1).Select(b => (int[])[0, b]),
            [.. Enumerable.Range(0, blocks.Count).Where(b => b != 1)],
        ];

    private static string Fit(
        FeatureView extraction,
        TrainingData data,
        List<LabelledImage> training,
        List<LabelledImage> test,
        int[] folds,
        List<(string Name, int Width)> blocks,
        int[] choice
    )
    {
        int views = extraction.Views;
        Stopwatch watch = Stopwatch.StartNew();
        int[] rows = [.. training.SelectMany(image => Enumerable.Range(extraction.FirstRows[image.Name], views))];
        int[] labels = [.. data.LabelsOf(training).SelectMany(label => Enumerable.Repeat(label, views))];
        ProbeResult probe = ProbeSearch.Run(
            new(Columns(extraction, rows, blocks, choice), labels, data.ClassCount)
            {
                IsScored = [.. rows.Select((_, n) => n % views == 0)],
            },
            [.. folds.SelectMany(fold => Enumerable.Repeat(fold, views))],
            null,
            default
        );
        ProbeTrial trial = probe.Trials.First(t => t.InverseL2 == probe.InverseL2);
        float[] logits = Array.ConvertAll(
            probe.Layer.Logits(
                Columns(extraction, [.. test.Select(image => extraction.FirstRows[image.Name])], blocks, choice)
            ),
            logit => (float)logit
        );
        ValidationScore score = ValidationScore.Of(logits, data.LabelsOf(test));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{string.Join('+', choice.Select(b => blocks[b].Name))}\t{trial.Accuracy:0.0000}\t"
                + $"{trial.MeanLossNats:0.0000}\t{score.Accuracy:0.0000}\t{score.Loss:0.0000}\t"
                + $"{watch.Elapsed.TotalSeconds:0.0}"
        );
    }

    private static float[] Columns(
        FeatureView extraction,
        int[] rows,
        List<(string Name, int Width)> blocks,
        int[] choice
    )
    {
        float[] all = extraction.Features.Gather(rows);
        int width = extraction.Features.Length;
        List<float> chosen = new(all.Length);
        for (int n = 0; n < rows.Length; n++)
        {
            foreach (int block in choice)
            {
                chosen.AddRange(all.AsSpan((n * width) + blocks.Take(block).Sum(b => b.Width), blocks[block].Width));
            }
        }

        return [.. chosen];
    }

    public static (TrainableBody Body, List<(string Name, int Width)> Blocks) Widen(
        TrainableBody body,
        string[] edges,
        bool withMax = true
    )
    {
        OnnxModel model = body.Model.Clone();
        string[] all = withMax ? [body.Boundary.Edge, body.Boundary.Edge, .. edges] : [body.Boundary.Edge, .. edges];
        IReadOnlyDictionary<string, long[]> shapes = ShapeProbe.Measure(
            body.Model,
            [body.Boundary.Edge, .. edges],
            1,
            body.InputShape
        );
        NodeProto concat = new() { OpType = "Concat", Output = { "wide" } };
        for (int i = 0; i < all.Length; i++)
        {
            model.Graph.Node.Add(
                new NodeProto
                {
                    OpType = withMax && i == 1 ? "GlobalMaxPool" : "GlobalAveragePool",
                    Input = { all[i] },
                    Output = { $"wide.{i}" },
                }
            );
            concat.Input.Add($"wide.{i}");
        }

        model.Graph.Node.Add(concat.WithAttribute("axis", 1));
        model.Graph.Output.Clear();
        model.Graph.Output.Add(new ValueInfoProto { Name = "wide" });
        List<(string, int)> blocks =
        [
            .. all.Select(
                (edge, i) =>
                    (
                        i == 0 ? "average"
                        : withMax && i == 1 ? "max"
                        : edge,
                        (int)shapes[edge][1]
                    )
            ),
        ];
        return (body with { Model = model, Boundary = new("wide", FeatureKind.Vector, "") }, blocks);
    }
}
