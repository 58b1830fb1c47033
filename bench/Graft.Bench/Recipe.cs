using System.Globalization;
using Graft.Training.Heads;
using Graft.Training.Phases;

namespace Graft.Bench;

/// <summary>A line of a recipe file, such as "rate=0.01 epochs=6 start=zero smoothing=0.1".</summary>
internal sealed record Recipe(string Text, HeadStart Start, PhasePlan Plan)
{
    public static Recipe Parse(string line)
    {
        Dictionary<string, string> values = line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        double Number(string key, double otherwise) => values.TryGetValue(key, out string? text) ? double.Parse(text, CultureInfo.InvariantCulture) : otherwise;

        double rate = Number("rate", 0.01);
        int epochs = (int)Number("epochs", 6);
        FineTuneOptions defaults = new();
        return new(line, Enum.Parse<HeadStart>(values.GetValueOrDefault("start", "zero"), ignoreCase: true), new PhasePlan
        {
            Name = "fine-tune",
            Epochs = epochs,
            StopAfter = epochs,
            Optimizer = Enum.Parse<OptimizerKind>(values.GetValueOrDefault("optimizer", "sgd"), ignoreCase: true),
            BodyRate = rate,
            HeadRate = Number("head-rate", rate),
            Batch = (int)Number("batch", defaults.Batch),
            WeightDecay = Number("decay", defaults.WeightDecay),
            LayerDecay = Number("layer-decay", defaults.LayerDecay),
            LabelSmoothing = Number("smoothing", defaults.LabelSmoothing),
            AverageDecay = Number("average", defaults.AverageDecay),
            Seed = (long)Number("seed", 1),
        });
    }
}
