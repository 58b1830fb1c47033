using System.Diagnostics;
using System.Globalization;
using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Torch;
using Graft.Training;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.FineTuning;
using Graft.Training.Metrics;
using Graft.Training.Plans;
using Graft.Training.Probe;
using Graft.Training.Run;

namespace Graft.Bench;

/// <summary>
/// Compares recipes on many random subsets of one set, so no default is tuned on a single test set. Each subset trains
/// with a number of images of each class; all other images test. One extraction serves all. Prints one line for each
/// subset and recipe, with tabs: optionally the score of a three-fold cross-validation, and the test score.
/// </summary>
internal sealed class StudyBench(
    TrainableBody body,
    CutPoint cut,
    FeatureView extraction,
    TrainingData data,
    Settings settings
)
{
    private const int Folds = 3;
    private static readonly Silence<TrainingEvent> s_silence = new();

    public static void Run(string images, string recipes, Settings settings)
    {
        TrainingOptions options = new()
        {
            FineTune = new() { Train = Settings.Part(settings.Text("share")) },
            Seed = 1,
        };
        TorchSetup.UseThreads((int)settings.Number("threads", 0));
        using ActivationCache? cache = ActivationCache.Open(
            options.Cache,
            TimeProvider.System,
            Console.Error.WriteLine
        );
        TrainingData data = TrainingData.Read(
            images,
            DataPlan.Of(options),
            s_silence,
            default,
            InspectionCache.In(cache, options.Limits.Image)
        );
        // with its old head, for recipes with co-tuning
        TrainableBody body = TrainableBodyLoader.Load(options.ToBodyPlan() with { KeepsPretrainedHead = true });
        CutPoint cut = CutSelector.Choose(CutPoints.Find(body.Model, body.InputShape), options.FineTune.Train);
        if (settings.Text("wide") is string edges)
        {
            body = FeaturesBench.Widen(body, edges.Split(','), withMax: false).Body;
        }

        int views = (int)settings.Number("views", 8);
        Stopwatch watch = Stopwatch.StartNew();
        using ExtractedFeatures extraction = ExtractedFeatures.Extract(
            body,
            ExtractionPlans.Of(options, body.Model, [cut], views, data.Train.Count) with
            {
                Pooling = Pooling.Average,
                TestViews = 1 + views,
            },
            data,
            cache,
            s_silence,
            default
        );
        Console.WriteLine(
            $"# {images}: {data.Split.Images.Length} images, {views} views at {cut.Edge}: "
                + $"{watch.Elapsed.TotalSeconds:0} s"
        );
        StudyBench bench = new(body, cut, extraction.All, data, settings);
        Recipe[] all =
        [
            .. File.ReadLines(recipes).Where(line => line.Length > 0 && line[0] != '#').Select(Recipe.Parse),
        ];
        foreach (int perClass in settings.Text("images")!.Split(',').Select(int.Parse))
        {
            foreach (int seed in Enumerable.Range((int)settings.Number("first", 1), (int)settings.Number("subsets", 3)))
            {
                bench.Subset(perClass, seed, all);
            }
        }
    }

    private void Subset(int perClass, int seed, Recipe[] recipes)
    {
        (List<LabelledImage> training, List<LabelledImage> test) = Draw(
            data,
            perClass,
            seed,
            (int)settings.Number("test", 30)
        );
        int[] labels = data.LabelsOf(test);
        int[] folds = ValidationScheme.FoldsOf(data, training, seed, Folds);
        ProbeResult probe = ProbeFits.Fit(extraction, data, training, folds, default);
        float[] probeLogits = ProbeFits.Logits(probe.Layer, extraction, test);
        int[] heldOut = [.. Enumerable.Range(0, training.Count).Where(n => folds[n] != StratifiedFolds.NeverHeldOut)];
        int[] heldOutLabels = data.LabelsOf([.. heldOut.Select(n => training[n])]);
        float[] outOfFold =
        [
            .. heldOut
                .SelectMany(n =>
                    probe.OutOfFoldLogits.AsSpan(n * extraction.Views * data.ClassCount, data.ClassCount).ToArray()
                )
                .Select(v => (float)v),
        ];
        string place = $"{perClass}\t{seed}";
        Print(
            place,
            "probe",
            ModelCandidate.CalibratedScore(outOfFold, heldOutLabels),
            probeLogits,
            labels,
            null,
            TimeSpan.Zero
        );
        foreach (Recipe recipe in recipes)
        {
            int epochs =
                recipe.FineTune.Epochs > 0
                    ? recipe.FineTune.Epochs
                    : FineTuningPlanBuilder.EpochsOf(new FineTuneOptions(), training.Count);
            Stopwatch watch = Stopwatch.StartNew();
            ValidationScore? crossed = settings.Text("cross") is null
                ? null
                : CrossValidate(recipe, epochs, probe, training, folds, heldOutLabels);
            (float[] logits, OnnxModel tuned) = TrainAll(recipe, epochs, probe, training, test);
            Print(place, recipe.Text, crossed, logits, labels, probeLogits, watch.Elapsed);
            if (settings.Text("line") is not null)
            {
                PrintInterpolation(
                    place,
                    recipe,
                    tuned,
                    probe,
                    TemperatureOf(outOfFold, heldOutLabels),
                    TemperatureOf(logits, labels),
                    test,
                    labels
                );
            }
        }
    }

    /// <summary>Draws training and test images. Near duplicates of a training image do not test.</summary>
    public static (List<LabelledImage> Training, List<LabelledImage> Test) Draw(
        TrainingData data,
        int perClass,
        int seed,
        int testOfClass
    )
    {
        List<LabelledImage> training = [];
        List<LabelledImage> rest = [];
        foreach (IGrouping<string, LabelledImage> group in data.Split.Images.GroupBy(image => image.Label))
        {
            LabelledImage[] members = [.. group];
            int[] order = new CountedRandom((ulong)seed, RandomPurpose.Split, 0, (ulong)perClass).Permutation(
                members.Length
            );
            training.AddRange(order.Take(perClass).Select(i => members[i]));
            rest.AddRange(order.Skip(perClass).Select(i => members[i]).Take(testOfClass));
        }

        HashSet<string> seen = [.. training.Select(image => image.Cluster)];
        return (training, [.. rest.Where(image => !seen.Contains(image.Cluster))]);
    }

    private ValidationScore CrossValidate(
        Recipe recipe,
        int epochs,
        ProbeResult probe,
        List<LabelledImage> training,
        int[] folds,
        int[] heldOutLabels
    )
    {
        List<float[]> logits = [];
        for (int fold = 0; fold <= folds.Max(); fold++)
        {
            logits.Add(
                Train(
                    recipe,
                    epochs,
                    probe,
                    [.. training.Where((_, n) => folds[n] != fold)],
                    [.. training.Where((_, n) => folds[n] == fold)]
                )
            );
        }

        int[] next = new int[logits.Count];
        List<float> joined = [];
        foreach (int fold in folds.Where(fold => fold != StratifiedFolds.NeverHeldOut))
        {
            joined.AddRange(logits[fold].AsSpan(next[fold]++ * data.ClassCount, data.ClassCount));
        }

        return ModelCandidate.CalibratedScore([.. joined], heldOutLabels);
    }

    private float[] Train(
        Recipe recipe,
        int epochs,
        ProbeResult probe,
        List<LabelledImage> training,
        List<LabelledImage> test
    ) => TrainAll(recipe, epochs, probe, training, test).Logits;

    private (float[] Logits, OnnxModel Network) TrainAll(
        Recipe recipe,
        int epochs,
        ProbeResult probe,
        List<LabelledImage> training,
        List<LabelledImage> test
    )
    {
        OnnxModel network = NetworkFactory.WithHead(body, recipe.Head, recipe.Scaled(probe), 1);
        EpochLoopPlan plan = recipe.FineTune with
        {
            Epochs = epochs,
            StopAfter = epochs,
            ValidatesEpochs = false,
            EndsWithEma = true,
            CoTuning = recipe.CoTuning is double factor ? new(factor, body.PretrainedHead!) : null,
        };
        if (recipe.HeadTraining is not null)
        {
            TailTrainer.Run(
                network,
                HeadBuilder.Features,
                body.InputShape,
                recipe.HeadTraining with
                {
                    ValidatesEpochs = false,
                },
                extraction.Rows(extraction.Features, data, training),
                extraction.Rows(extraction.Features, data, []),
                s_silence,
                default
            );
        }

        try
        {
            float[] logits = TailTrainer
                .Run(
                    network,
                    cut.Edge,
                    body.InputShape,
                    plan,
                    extraction.Rows(extraction.At(cut), data, training),
                    extraction.Rows(extraction.At(cut), data, test),
                    s_silence,
                    default
                )
                .Logits;
            return (logits, network);
        }
        catch (GraftException)
        {
            return (new float[test.Count * data.ClassCount], network); // diverged
        }
    }

    // Weight interpolation between the probe's network and the trained one (Wortsman et al. 2022, "Robust fine-tuning
    // of zero-shot models"), both heads calibrated.
    private void PrintInterpolation(
        string place,
        Recipe recipe,
        OnnxModel tuned,
        ProbeResult probe,
        double probeTemperature,
        double temperature,
        List<LabelledImage> test,
        int[] labels
    )
    {
        OnnxModel start = NetworkFactory.WithProbe(body, Pooling.Average, probe);
        foreach (double share in (double[])[0.25, 0.5, 0.75, 0.9])
        {
            OnnxModel mixed = tuned.Clone();
            foreach (
                TensorProto target in mixed.Graph.Initializer.Where(tensor =>
                    tensor.DataType == (int)TensorProto.Types.DataType.Float
                )
            )
            {
                TensorProto origin = start.Graph.Initializer.First(tensor => tensor.Name == target.Name);
                bool isHead = target.Name.StartsWith(HeadBuilder.Prefix, StringComparison.Ordinal);
                float[] from = TensorValues.ToSingles(origin);
                float[] to = TensorValues.ToSingles(target);
                double one = (1 - share) / (isHead ? probeTemperature : 1);
                double two = share / (isHead ? temperature : 1);
                TensorProto made = TensorValues.FromSingles(
                    target.Name,
                    [.. target.Dims],
                    [.. from.Zip(to, (x, y) => (float)((one * x) + (two * y)))]
                );
                target.RawData = made.RawData;
            }

            using TorchSharp.DisposeScope scope = TorchSharp.torch.NewDisposeScope();
            using TorchGraph tail = new(Subgraph.Tail(mixed, cut.Edge, body.InputShape));
            ValidationScore score = ValidationScore.Of(
                TailEvaluation.Logits(tail, extraction.Rows(extraction.At(cut), data, test), 32),
                labels
            );
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{place}\tline {share} {recipe.Text}\t\t\t{score.Accuracy:0.0000}\t{score.Loss:0.0000}"
                )
            );
        }
    }

    // Prints the score of a recipe, and that of the mean with the probe's answers, both calibrated.
    private static void Print(
        string place,
        string recipe,
        ValidationScore? crossed,
        float[] logits,
        int[] labels,
        float[]? others,
        TimeSpan time
    )
    {
        ValidationScore score = ModelCandidate.CalibratedScore(logits, labels);
        string both = others is null
            ? ""
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{ModelCandidate.CalibratedScore(Mean(logits, others, labels), labels).Accuracy:0.0000}"
            );
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{place}\t{recipe}\t{crossed?.Accuracy:0.0000}\t{crossed?.Loss:0.0000}\t{score.Accuracy:0.0000}\t"
                    + $"{score.Loss:0.0000}\t{both}\t{time.TotalSeconds:0}"
            )
        );
    }

    private static float[] Mean(float[] first, float[] second, int[] labels)
    {
        float[] a = Calibrated(first, labels);
        float[] b = Calibrated(second, labels);
        return [.. a.Zip(b, (x, y) => MathF.Log((x + y) / 2 + 1e-12f))];
    }

    private static double TemperatureOf(float[] logits, int[] labels) =>
        Temperature.Fit(Array.ConvertAll(logits, v => (double)v), labels, logits.Length / labels.Length).Value;

    private static float[] Calibrated(float[] logits, int[] labels)
    {
        double[] values = Array.ConvertAll(logits, v => (double)v);
        int classes = logits.Length / labels.Length;
        return Temperature.Probabilities(values, classes, Temperature.Fit(values, labels, classes).Value);
    }
}
