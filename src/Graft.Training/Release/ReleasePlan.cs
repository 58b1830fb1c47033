using System.Text.Json;
using Graft.Imaging;

namespace Graft.Training.Release;

/// <summary>How a trained model is exported and evaluated. Built once from the training's options.</summary>
internal sealed record ReleasePlan
{
    /// <summary>How the head's features are pooled; the novelty score uses the same features.</summary>
    public required Pooling Pooling { get; init; }

    /// <summary>Largest share of wrong answers, 0 to 0.5. Null: the model is never unsure.</summary>
    public double? MaxError { get; init; }

    /// <summary>From which probability a label is given, where images may have several.</summary>
    public LabelThreshold Threshold { get; init; } = LabelThreshold.BestF1;

    /// <summary>The training's options as JSON, for the model's card.</summary>
    public required JsonElement Recipe { get; init; }

    /// <summary>False where the features have the bits of machines with different instruction sets.</summary>
    public bool IsReproducible { get; init; } = true;

    /// <summary>What decoding one image may cost.</summary>
    public DecodeLimits ImageLimits { get; init; } = new();

    /// <summary>Threads that decode images; 0: one per core.</summary>
    public int Threads { get; init; }
}
