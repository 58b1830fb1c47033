using Graft.Training.Run;

namespace Graft.Training.Pipeline;

/// <summary>The surroundings of a <see cref="TrainingPreparation"/>.</summary>
/// <param name="Progress">Receives warnings and progress.</param>
/// <param name="Clock">Times the phases.</param>
/// <param name="Time">The time of day, for the cache's record of last use.</param>
/// <param name="TorchThreads">Threads of libtorch; 0: one per core.</param>
internal sealed record PreparationContext(
    IProgress<TrainingEvent> Progress,
    PhaseClock Clock,
    TimeProvider Time,
    int TorchThreads
)
{
    /// <summary>
    /// True: input transforms are tried where a network's file does not state its own, and other fits where the crop
    /// hides much of the images. An examination reports what it assumes and what the crop hides.
    /// </summary>
    public bool TriesFits { get; init; } = true;

    /// <summary>Room of a cache that a later run will have, in bytes. Null: that of this run's cache.</summary>
    public long? CacheRoom { get; init; }
}
