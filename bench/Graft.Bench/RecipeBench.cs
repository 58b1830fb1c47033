using System.Diagnostics;
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
using TorchSharp;

namespace Graft.Bench;

/// <summary>
/// Compares fine-tuning recipes on one extraction. Trains on all training images and evaluates on the test images,
/// which a training by Graft never does. It helps to choose defaults; `graft train` with other seeds measures them.
/// </summary>
internal sealed class RecipeBench(
    TrainableBody body,
    CutPoint cut,
    FeatureView extraction,
    TrainingData data,
    Pooling pooling
)
{
    private const long Seed = 1;
    private ProbeResult? _plainProbe; // shared by all recipes

    /// <param name="images">A folder or CSV file.</param>
    /// <param name="recipes">A file with one recipe on each line. "-" reads the lines from standard input, so one
    /// extraction serves many experiments.</param>
    /// <param name="settings">Body, views and pooling.</param>
    public static void Compare(string images, string recipes, Settings settings)
    {
        RecipeBench bench = Prepare(images, settings);
        bench.Probes();
        using TextReader reader = recipes == "-" ? Console.In : File.OpenText(recipes);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
            {
                bench.Run(Recipe.Parse(line));
            }
        }
    }

    private static RecipeBench Prepare(string images, Settings settings)
    {
        int views = (int)settings.Number("views", 6);
        TrainingOptions options = new()
        {
            Body = settings.Body(),
            FineTune = new() { Train = TrainedPart.LastShare(settings.Number("share", 0.4)) },
            Seed = Seed,
        };
        TorchSetup.UseThreads(0);
        Silence<TrainingEvent> silence = new();
        TrainingData data = TrainingData.Read(images, DataPlan.Of(options), silence, default);
        TrainableBody body = TrainableBodyLoader.Load(options.ToBodyPlan());
        CutPoint cut = CutSelector.Choose(CutPoints.Find(body.Model, body.InputShape), options.FineTune.Train);
        Stopwatch watch = Stopwatch.StartNew();
        Pooling pooling = settings.Choice("pooling", Pooling.Average);
        ExtractedFeatures extraction = ExtractedFeatures.Extract(
            body,
            ExtractionPlans.Of(options, body.Model, [cut], views, data.Train.Count) with
            {
                Pooling = pooling,
                TestViews = 1,
            },
            data,
            null,
            silence,
            default
        );
        Console.WriteLine(
            $"{body.Card.Name} cut at {cut.Edge} ({cut.ShareAfter:P0} trained), {views} views: "
                + $"extracted in {watch.Elapsed.TotalSeconds:0} s"
        );
        return new(body, cut, extraction.All, data, pooling);
    }

    /// <summary>The probe on plain views and on all views.</summary>
    private void Probes()
    {
        foreach (int views in (int[])[1, extraction.Views])
        {
            ProbeResult probe = ProbeFits.Fit(
                extraction with
                {
                    Views = views,
                },
                data,
                data.Everything,
                ValidationScheme.FoldsOf(data, data.Everything, Seed, 5),
                default
            );
            ValidationScore score = ValidationScore.Of(
                ProbeFits.Logits(probe.Layer, extraction, data.Test),
                data.LabelsOf(data.Test)
            );
            Console.WriteLine(
                $"probe on {views} views: accuracy {score.Accuracy:0.0000}, loss {score.Loss:0.000}, "
                    + $"C {probe.InverseL2:g3}"
            );
        }
    }

    private void Run(Recipe recipe)
    {
        _plainProbe ??= ProbeFits.Fit(
            extraction with
            {
                Views = 1,
            },
            data,
            data.Everything,
            ValidationScheme.FoldsOf(data, data.Everything, Seed, 5),
            default
        );
        OnnxModel network = NetworkFactory.WithHead(
            body,
            recipe.Head with
            {
                Pooling = pooling,
            },
            recipe.Scaled(_plainProbe),
            Seed
        );
        Stopwatch watch = Stopwatch.StartNew();
        if (recipe.HeadTraining is not null)
        {
            Train(network, HeadBuilder.Features, extraction.Features, recipe.HeadTraining);
        }

        ValidationScore score = Train(network, cut.Edge, extraction.At(cut), recipe.FineTune);
        Console.WriteLine(
            $"{recipe.Text}: accuracy {score.Accuracy:0.0000}, loss {score.Loss:0.000}, "
                + $"{watch.Elapsed.TotalSeconds:0} s"
        );
    }

    // Prints the test score after every epoch. Only experiments may look at test images during training.
    private ValidationScore Train(OnnxModel network, string edge, IActivationSource source, EpochLoopPlan plan)
    {
        LabelledActivations training = extraction.Rows(source, data, data.Everything);
        LabelledActivations test = extraction.Rows(source, data, data.Test);
        using DisposeScope scope = torch.NewDisposeScope();
        OnnxModel tailModel = Subgraph.Tail(network, edge, body.InputShape);
        using TorchGraph tail = new(tailModel);
        IReadOnlyList<ParameterGroup> groups = ParameterGroup.Of(tailModel, tail.Parameters, plan.QuarterDecay);
        using TrainedWeights weights = new(plan, groups);
        EpochLoop loop = EpochLoopFactory.Create(
            plan,
            tail,
            weights,
            training,
            test with
            {
                FirstRows = [],
                Labels = [],
            },
            data.ClassCount,
            new EpochLines(() => TailEvaluation.Score(tail, test, plan.Batch))
        );
        loop.Run(default);
        tail.WriteWeights(network);
        return TailEvaluation.Score(tail, test, plan.Batch);
    }

    private sealed class EpochLines(Func<ValidationScore> score) : IProgress<TrainingEvent>
    {
        public void Report(TrainingEvent value)
        {
            if (value is EpochEnded epoch)
            {
                ValidationScore now = score();
                Console.WriteLine(
                    $"  {epoch.Phase} {epoch.Epoch}: training loss {epoch.TrainLoss:0.000}, "
                        + $"accuracy {now.Accuracy:0.0000}, loss {now.Loss:0.000}"
                );
            }
        }
    }
}
