using System.Text.Json.Serialization;
using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.FineTuning;
using Graft.Training.Probe;

namespace Graft.Training;

/// <summary>Which weights of the body a training kept, and the proof that they are unchanged.</summary>
/// <param name="Cut">Edge behind which the body was trained; null: the whole body was frozen.</param>
/// <param name="FrozenParameters">Numbers in the weights of the body that were frozen.</param>
/// <param name="TrainedParameters">Numbers in all other weights of the model, the head included.</param>
/// <param name="Sha256Before">SHA-256 of the frozen weights before the training, in hexadecimal digits.</param>
/// <param name="Sha256After">The same of the weights in the shipped model.</param>
public sealed record FrozenWeights(
    string? Cut,
    long FrozenParameters,
    long TrainedParameters,
    string Sha256Before,
    string Sha256After
)
{
    /// <summary>True where the frozen weights are the same, bit by bit.</summary>
    [JsonIgnore]
    public bool AreUnchanged => Sha256Before == Sha256After;

    /// <summary>Compares the weights of a body with those in the model that is shipped.</summary>
    /// <param name="body">The body before the training.</param>
    /// <param name="shipped">The candidate that is shipped.</param>
    internal static FrozenWeights Of(TrainableBody body, ModelCandidate shipped)
    {
        HashSet<string> trained = [];
        if (shipped.Cut is not null)
        {
            OnnxModel tail = Subgraph.Tail(shipped.Network, shipped.Cut.Edge, body.InputShape);
            trained.UnionWith(tail.Graph.Initializer.Select(weight => weight.Name));
        }

        HashSet<string> frozen = [.. body.Model.Graph.Initializer.Select(weight => weight.Name).Except(trained)];
        long kept = CountOf(body.Model, frozen.Contains);
        return new(
            shipped.Cut?.Edge,
            kept,
            CountOf(shipped.Network, name => !frozen.Contains(name)),
            FrozenHash.OfTrained(body.Model, frozen),
            FrozenHash.OfTrained(shipped.Network, frozen)
        );
    }

    private static long CountOf(OnnxModel model, Func<string, bool> isCounted) =>
        model
            .Graph.Initializer.Where(weight => isCounted(weight.Name))
            .Sum(weight => weight.Dims.Aggregate(1L, (product, side) => product * side));
}
