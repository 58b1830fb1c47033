using OnnxSession = Graft.Onnx.Network;
using System.Diagnostics;
using Graft.Data;
using Graft.Imaging;
using Graft.Onnx;
using Graft.Training;
using Graft.Training.Bodies;
using Graft.Training.Features;
using Graft.Training.Heads;
using Graft.Training.Network;
using Graft.Training.Phases;
using Graft.Training.Runs;
using TorchSharp;

string csv = args[0];
int views = int.Parse(args[1]);
string share = args[2];
TrainingOptions options = new() { Train = share, Seed = args.Length > 4 ? long.Parse(args[4]) : 1 };
if (args.Length > 5) { options = options with { Body = args[5], Weights = args[6] }; }
TorchSetup.UseThreads(0);
Quiet quiet = new();
TrainingData data = TrainingData.Read(csv, options, quiet, default);
TrainableBody body = TrainableBody.Load(options);
CutPoint cut = CutChoice.Choose(CutPoints.Of(body.Model, body.InputShape), share);
OnnxModel pooled = HeadBuilder.AppendPooling(body.Model, body.Seam, Pooling.Average);
int featureCount = (int)ShapeProbe.Measure(pooled, [HeadBuilder.Features], 1, body.InputShape)[HeadBuilder.Features][1];
OnnxModel prefix = Normalisation.Prepend(GraphEdit.Prefix(pooled, [HeadBuilder.Features, cut.Edge]), body.Preprocessing);
Dictionary<string, int> first = [];
List<ExtractionItem> items = [];
int rows = 0;
foreach (LabelledImage image in data.Split.Images) { int count = image.Part == ImagePart.Test ? 1 : 1 + views; items.Add(new(image, rows, count)); first[image.Path] = rows; rows += count; }
FeatureRows features = new(rows, featureCount);
RowStore store = new(cut.Shape, rows);
Stopwatch watch = Stopwatch.StartNew();
using (OnnxSession session = new(prefix, "x", threads: 1))
{
    new FeatureExtractor(session, new Preprocessor(body.Preprocessing), options.Seed, 0).Run(items, [features, store], quiet, default);
}
Console.WriteLine($"cut {cut.Edge} {string.Join('x', cut.Shape)} share {cut.ShareAfter:P0}; {rows} views in {watch.Elapsed.TotalSeconds:0} s = {rows / watch.Elapsed.TotalSeconds:0.0}/s");
Extraction extraction = new(features, store, first, 1 + views, []);
int[] testLabels = data.LabelsOf(data.Test);
watch.Restart();
ProbeResult probe = ProbePhase.Fit(extraction, data, data.Everything, options.Seed, default);
Console.WriteLine($"probe C={probe.InverseL2:g3} {watch.Elapsed.TotalSeconds:0.0} s test {TailEvaluation.Score(ProbePhase.Logits(probe.Layer, extraction, data.Test), testLabels)}");
{
    Extraction plainOnly = extraction with { Views = 1 };
    watch.Restart();
    ProbeResult plain = ProbePhase.Fit(plainOnly, data, data.Everything, options.Seed, default);
    Console.WriteLine($"plain probe C={plain.InverseL2:g3} {watch.Elapsed.TotalSeconds:0.0} s test {TailEvaluation.Score(ProbePhase.Logits(plain.Layer, extraction, data.Test), testLabels)}");
}
Console.WriteLine("args: rate headrate epochs smoothing compute(f|b) start(p|r|c<C>) decay wd ema batch opt");
foreach (string line in File.ReadLines(args[3]).Where(l => l.Trim().Length > 0 && !l.StartsWith('#')))
{
    string[] f = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    OnnxModel network;
    if (f[5] == "p") { network = NetworkFactory.WithProbe(body, Pooling.Average, probe); }
    else if (f[5] == "r") { network = NetworkFactory.WithHead(body, new HeadOptions { Start = HeadStart.Random }, probe, 1); }
    else if (f[5] == "z") { network = NetworkFactory.WithProbe(body, Pooling.Average, probe with { Layer = new LinearLayer(probe.Layer.ClassCount, probe.Layer.FeatureCount, new double[probe.Layer.Weight.Length], new double[probe.Layer.Bias.Length]) }); }
    else { double k = double.Parse(f[5][1..]); network = NetworkFactory.WithProbe(body, Pooling.Average, probe with { Layer = new LinearLayer(probe.Layer.ClassCount, probe.Layer.FeatureCount, [.. probe.Layer.Weight.Select(w => w * k)], [.. probe.Layer.Bias.Select(w => w * k)]) }); }
    PhasePlan plan = new()
    {
        Name = "x", Epochs = int.Parse(f[2]), Optimizer = Enum.Parse<OptimizerKind>(f[10], true), HeadRate = double.Parse(f[1]), BodyRate = double.Parse(f[0]), Batch = int.Parse(f[9]), WeightDecay = double.Parse(f[7]), Seed = options.Seed,
        LabelSmoothing = double.Parse(f[3]), LayerDecay = double.Parse(f[6]), AverageDecay = double.Parse(f[8]), ComputeType = f[4] == "b" ? torch.ScalarType.BFloat16 : torch.ScalarType.Float32,
        StopAfter = int.Parse(f[2]),
    };
    LabelledRows test = extraction.Rows(store, data, data.Test);
    LabelledRows train = extraction.Rows(store, data, data.Everything);
    using DisposeScope scope = torch.NewDisposeScope();
    OnnxModel tailModel = GraphEdit.Tail(network, cut.Edge, body.InputShape);
    using TorchGraph tail = new(tailModel, new TorchGraphOptions { ComputeType = plan.ComputeType });
    watch.Restart();
    Watch log = new(tail, test);
    using TailTraining loop = new(plan, tail, ParameterGroup.Of(tailModel, tail.Parameters, plan.LayerDecay), train, extraction.Rows(store, data, []), data.ClassCount, log);
    loop.Run(default);
    double raw = TailEvaluation.Score(tail, test, 64).Accuracy;
    Score rawScore = TailEvaluation.Score(tail, test, 64);
    loop.GiveAverage();
    Score averaged = TailEvaluation.Score(tail, test, 64);
    Console.WriteLine($"{line,-60} => raw {rawScore.Accuracy:0.0000} {rawScore.Loss:0.000}  avg {averaged.Accuracy:0.0000} {averaged.Loss:0.000}  {watch.Elapsed.TotalSeconds - log.Seconds:0} s  {log.Text}");
}

internal sealed class Watch(TorchGraph tail, LabelledRows test) : IProgress<TrainingEvent>
{
    public double Seconds;
    public string Text = "";
    public void Report(TrainingEvent value)
    {
        if (value is EpochEnded e && (e.Epoch % 4 == 0 || e.Epoch == 1))
        {
            Stopwatch w = Stopwatch.StartNew();
            Score s = TailEvaluation.Score(tail, test, 64);
            Seconds += w.Elapsed.TotalSeconds;
            Text += $"[{e.Epoch}: {e.TrainLoss:0.000} {s.Accuracy:0.000}] ";
        }
        else if (value is Notice n) { Console.WriteLine(n.Text); }
    }
}

internal sealed class Quiet : IProgress<TrainingEvent>
{
    public void Report(TrainingEvent value) { }
}
