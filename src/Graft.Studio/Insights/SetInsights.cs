namespace Graft.Studio;

/// <summary>What is computed about the images of a set, in the background.</summary>
internal sealed class SetInsights : IDisposable
{
    /// <summary>What the doctor found.</summary>
    public BackgroundWork<SetFindings> Findings { get; } = new();

    /// <summary>The features of the images.</summary>
    public BackgroundWork<SetFeatures> Features { get; } = new();

    /// <summary>What is worth labelling next.</summary>
    public BackgroundWork<SetProposals> Proposals { get; } = new();

    /// <summary>Stops all of it.</summary>
    public void Dispose()
    {
        Findings.Dispose();
        Features.Dispose();
        Proposals.Dispose();
    }
}
