using Graft.Training;
using Graft.Training.FineTuning;
using Graft.Training.Probe;

namespace Graft.Bench;

/// <summary>
/// A line of a recipe file, such as "rate=0.01 epochs=6 start=zero smoothing=0.1" or "hidden=256 dropout=0.5
/// start=random warm-epochs=25".
/// </summary>
/// <param name="Text">The line.</param>
/// <param name="Head">The head.</param>
/// <param name="HeadTraining">The training of the head with a frozen body. Null: none.</param>
/// <param name="FineTune">The training of the head and the last layers of the body.</param>
internal sealed record Recipe(string Text, HeadOptions Head, EpochLoopPlan? HeadTraining, EpochLoopPlan FineTune)
{
    /// <summary>Factor of the probe's solution if training starts from it.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Factor of the loss of the body's old classes ("co-tuning=2.3"). Null: no co-tuning.</summary>
    public double? CoTuning { get; init; }

    /// <summary>The probe from which this recipe starts.</summary>
    public ProbeResult Scaled(ProbeResult probe) =>
        probe with
        {
            Layer = probe.Layer with
            {
                Weight = Array.ConvertAll(probe.Layer.Weight, w => w * Scale),
                Bias = Array.ConvertAll(probe.Layer.Bias, b => b * Scale),
            },
        };

    /// <summary>Reads a line.</summary>
    public static Recipe Parse(string line)
    {
        Settings settings = new(line);
        int headEpochs = (int)settings.Number("warm-epochs", 0);
        double rate = settings.Number("rate", 0.01);
        double headTrainingRate = settings.Number("warm-rate", 0.001);
        FineTuneOptions defaults = new();
        HeadOptions head = new()
        {
            Start = settings.Choice("start", HeadStart.Zero),
            Hidden = settings.Text("hidden") is { } widths ? [.. widths.Split(',').Select(int.Parse)] : [],
            Dropout = settings.Number("dropout", 0),
        };
        EpochLoopPlan fineTune = new()
        {
            Name = "fine-tune",
            Epochs = (int)settings.Number("epochs", 6),
            StopAfter = (int)settings.Number("epochs", 6),
            Optimizer = settings.Choice("optimizer", OptimizerKind.Sgd),
            BodyRate = rate,
            HeadRate = settings.Number("head-rate", rate),
            Batch = (int)settings.Number("batch", defaults.Batch),
            WeightDecay = settings.Number("decay", defaults.WeightDecay),
            QuarterDecay = settings.Number("layer-decay", defaults.QuarterDecay),
            LabelSmoothing = settings.Number("smoothing", defaults.LabelSmoothing),
            EmaDecay = settings.Number("average", defaults.EmaDecay),
            Seed = (long)settings.Number("seed", 1),
        };
        EpochLoopPlan headTraining = fineTune with
        {
            Name = "head training",
            AllowsHighLoss = true,
            Epochs = headEpochs,
            StopAfter = headEpochs,
            Optimizer = settings.Choice("warm-optimizer", OptimizerKind.RmsProp),
            BodyRate = headTrainingRate,
            HeadRate = headTrainingRate,
            EmaDecay = 0,
            LabelSmoothing = settings.Number("warm-smoothing", fineTune.LabelSmoothing),
        };
        return new(line, head, headEpochs > 0 ? headTraining : null, fineTune)
        {
            Scale = settings.Number("scale", 1),
            CoTuning = settings.Number("co-tuning", 0) is > 0 and double factor ? factor : null,
        };
    }
}
