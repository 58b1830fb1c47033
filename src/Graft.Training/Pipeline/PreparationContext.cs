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
    /// True: where the crop hides much of the images, other fits are tried. An examination reports what the crop hides.
    /// </summary>
    public bool TriesFits { get; init; } = true;
}
