using Graft.Onnx;

namespace Graft.Training.FineTuning;

/// <summary>
/// Hashes of a network before a phase. They prove that the phase changed only what it trains.
/// </summary>
/// <param name="TrainedNames">Names of the weights that the phase trains.</param>
/// <param name="Frozen">Hash of the nodes and all other weights.</param>
/// <param name="Trained">Hash of the trained weights.</param>
internal sealed record WeightHashes(IReadOnlySet<string> TrainedNames, string Frozen, string Trained)
{
    public static WeightHashes Of(OnnxModel network, HashSet<string> trainedNames) =>
        new(trainedNames, FrozenHash.OfFrozen(network, trainedNames), FrozenHash.OfTrained(network, trainedNames));

    /// <summary>Compares the network after the phase.</summary>
    /// <param name="network">The network, with the trained weights written back.</param>
    /// <param name="edge">Where the trained part begins.</param>
    /// <param name="phase">Name of the phase.</param>
    /// <param name="mustChange">True where training found better weights than those at the start.</param>
    /// <exception cref="GraftException">A frozen weight changed, or no trained weight did.</exception>
    public void Check(OnnxModel network, string edge, string phase, bool mustChange)
    {
        if (FrozenHash.OfFrozen(network, TrainedNames) != Frozen)
        {
            throw new GraftException(
                $"'{phase}' changed frozen weights before the cut '{edge}': this is a defect of Graft, please report it"
            );
        }

        if (mustChange && FrozenHash.OfTrained(network, TrainedNames) == Trained)
        {
            throw new GraftException(
                $"'{phase}' changed no weight behind the cut '{edge}': this is a defect of Graft, please report it"
            );
        }
    }
}
