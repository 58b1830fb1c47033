namespace Graft.Cli.Views;

/// <summary>How a run is told.</summary>
/// <param name="IsJson">Whether the result is one JSON document.</param>
/// <param name="Loudness">What is told beside the result.</param>
internal sealed record RunOutput(Terminal Terminal, bool IsJson, Loudness Loudness)
{
    /// <summary>Whether the learning curves are written for TensorBoard.</summary>
    public bool HasCurves { get; init; }
}
