using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Graft.Training;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.Plans;
using Graft.Training.Probe;
using Graft.Training.Run;

namespace Graft.Bench;

/// <summary>
/// Measures the four fits of a default training's probe, and prints the objective and a hash of each solution. Features
/// come from the cache, probes do not.
/// </summary>
internal static class ProbeBench
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
        BranchCuts found = BranchCuts.Of(body);
        IReadOnlyList<Graft.Onnx.CutPoint> cuts = found.Main;
        body = found.WithStages(body, from: null);
        int views = (int)
            settings.Number("views", ViewCount.Wanted(data.Train.Count, cuts[^1].MultiplyAddsBefore, isProbe: true));
        using ExtractedFeatures kept = ExtractedFeatures.Extract(
            body,
            ExtractionPlans.Of(options, body.Model, [], views, data.Train.Count) with
            {
                Pooling = Pooling.Auto,
            },
            data,
            cache,
            new Silence<TrainingEvent>(),
            default
        );
        FeatureView wide = kept.All with { Cache = null };
        FeatureView plain = wide.AveragesOnly;
        int[] foldsOfTrain = ValidationScheme.FoldsOf(data, data.Train, options.Seed, 5),
            foldsOfAll = ValidationScheme.FoldsOf(data, data.Everything, options.Seed, 5);
        ProbeResult ofTraining = Fit("last map, training images", plain, data.Train, foldsOfTrain, null);
        _ = Fit("last map, all", plain, data.Everything, foldsOfAll, ofTraining);
        ProbeResult wideOfTraining = Fit("more maps, training images", wide, data.Train, foldsOfTrain, ofTraining);
        _ = Fit("more maps, all", wide, data.Everything, foldsOfAll, wideOfTraining);

        ProbeResult Fit(
            string name,
            FeatureView extraction,
            IReadOnlyList<LabelledImage> some,
            int[] folds,
            ProbeResult? before
        )
        {
            Stopwatch watch = Stopwatch.StartNew();
            TimeSpan processor = Environment.CpuUsage.TotalTime;
            ProbeResult probe = ProbeFits.Fit(extraction, data, some, folds, default, null, before);
            processor = Environment.CpuUsage.TotalTime - processor;
            string bits = Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(probe.Layer.Weight.AsSpan())))[
                ..12
            ];
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name}: {some.Count * extraction.Views} x {extraction.FeatureCount}, "
                        + $"{watch.Elapsed.TotalSeconds:0.0} s ({processor.TotalSeconds:0.0} s of processor time); "
                        + $"C {probe.InverseL2:g3}, objective {probe.Objective:g12}"
                        + $"{(probe.IsConverged ? "" : " (not converged)")}, {bits}"
                )
            );
            foreach (ProbeTrial trial in probe.Trials)
            {
                Console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"  C {trial.InverseL2:g3}: loss {trial.MeanLossNats:0.00000} "
                            + $"+- {trial.LossStandardError:0.00000}, accuracy {trial.Accuracy:0.0000}, "
                            + $"{trial.Iterations} iterations"
                    )
                );
            }

            return probe;
        }
    }
}
