using Graft.Imaging;

namespace Graft.Prediction;

/// <summary>How a <see cref="Predictor"/> works.</summary>
public sealed record PredictorOptions
{
    /// <summary>Processor threads of one call, 0 to 1024; 0: one a core. A server that answers many requests at once does best with 1.</summary>
    public int Threads { get; init; }

    /// <summary>What one image may cost before it is refused.</summary>
    public DecodeLimits Limits { get; init; } = new();

    internal PredictorOptions Checked() => Threads is >= 0 and <= 1024
        ? this
        : throw new GraftException($"'threads' cannot be {Threads}: it must lie between 0 and 1024");
}
