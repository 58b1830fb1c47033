using Graft.Training.Probe;

namespace Graft.Training.FineTuning;

/// <summary>The probes of a run, and the head that a search found on their features.</summary>
/// <param name="Probes">The linear probes.</param>
/// <param name="Head">The head to train; null where the options name one or none is trained.</param>
internal sealed record SearchedProbes(Probes Probes, HeadSearchResult? Head)
{
    /// <summary>One line for the user.</summary>
    public string Summary => Probes.Summary;
}
