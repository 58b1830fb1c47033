namespace Graft.Training.Extraction;

/// <summary>Which layers a user wants to train.</summary>
/// <param name="Train">
/// Name of an edge or a block, or a share (0..1) of the multiply-adds. Null: <see cref="CutSelector.DefaultShare"/>,
/// less for large networks.
/// </param>
/// <param name="TrainsBody">False where only the head is trained.</param>
/// <param name="NeedsBody">True where training only the head is an error, as with co-tuning.</param>
/// <param name="AsksForBody">True where the options ask for layers of the body. It is said if there are none.</param>
internal sealed record CutRequest(
    TrainedPart? Train,
    bool TrainsBody = true,
    bool NeedsBody = false,
    bool AsksForBody = false
);
