using System.Diagnostics;
using Graft.Onnx;
using Graft.Training;
using Graft.Training.Bodies;
using Graft.Training.Features;
using Graft.Training.Heads;
using Graft.Training.Network;
using Graft.Training.Phases;
using Graft.Training.Runs;
using TorchSharp;

namespace Graft.Bench;

/// <summary>
/// Compares fine-tuning recipes on one extraction: trains on all training images and looks at the test images, which no training of Graft's does.
/// For choosing Graft's own defaults; what a default is worth is measured by `graft train` with other seeds.
/// </summary>
internal sealed class RecipeBench(TrainableBody body, CutPoint cut, Extraction extraction, TrainingData data)
{
    private const long Seed = 1;
    private ProbeResult? _plainProbe;   // the same for every recipe

    public static RecipeBench Prepare(string images, int views, string share)
    {
        TrainingOptions options = new() { Train = share, Seed = Seed };
        TorchSetup.UseThreads(0);
        Silence silence = new();
        TrainingData data = TrainingData.Read(images, options, silence, default);
        TrainableBody body = TrainableBody.Load(options);
        CutPoint cut = CutChoice.Choose(CutPoints.Of(body.Model, body.InputShape), share);
        Stopwatch watch = Stopwatch.StartNew();
        Extraction extraction = Extraction.Run(body, cut, Pooling.Average, data, views, options, silence, default, testRows: 1);
        Console.WriteLine($"{body.Card.Name} cut at {cut.Edge} ({cut.ShareAfter:P0} trained), {views} views: extracted in {watch.Elapsed.TotalSeconds:0} s");
        return new(body, cut, extraction, data);
    }

    /// <summary>The probe on plain views and on all views.</summary>
    public void Probes()
    {
        foreach (int views in (int[])[1, extraction.Views])
        {
            ProbeResult probe = ProbePhase.Fit(extraction with { Views = views }, data, data.Everything, Seed, default);
            Score score = TailEvaluation.Score(ProbePhase.Logits(probe.Layer, extraction, data.Test), data.LabelsOf(data.Test));
            Console.WriteLine($"probe on {views} views: accuracy {score.Accuracy:0.0000}, loss {score.Loss:0.000}, C {probe.InverseL2:g3}");
        }
    }

    public void Run(Recipe recipe)
    {
        _plainProbe ??= ProbePhase.Fit(extraction with { Views = 1 }, data, data.Everything, Seed, default);
        OnnxModel network = NetworkFactory.WithHead(body, new HeadOptions { Start = recipe.Start }, _plainProbe, Seed);
        using DisposeScope scope = torch.NewDisposeScope();
        OnnxModel tailModel = GraphEdit.Tail(network, cut.Edge, body.InputShape);
        using TorchGraph tail = new(tailModel);
        LabelledRows training = extraction.Rows(extraction.Cut!, data, data.Everything);
        LabelledRows test = extraction.Rows(extraction.Cut!, data, data.Test);
        IReadOnlyList<ParameterGroup> groups = ParameterGroup.Of(tailModel, tail.Parameters, recipe.Plan.LayerDecay);
        using TailTraining loop = new(recipe.Plan, tail, groups, training, test with { FirstRows = [], Labels = [] }, data.ClassCount, new Silence());
        Stopwatch watch = Stopwatch.StartNew();
        loop.Run(default);
        double seconds = watch.Elapsed.TotalSeconds;
        Score score = TailEvaluation.Score(tail, test, recipe.Plan.Batch);
        Console.WriteLine($"{recipe.Text}: accuracy {score.Accuracy:0.0000}, loss {score.Loss:0.000}, {seconds:0} s");
    }

    private sealed class Silence : IProgress<TrainingEvent>
    {
        public void Report(TrainingEvent value)
        {
        }
    }
}
