using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>Cost and width of a named network, computed from its graph alone.</summary>
/// <param name="MultiplyAdds">Multiply-adds for one image through the whole network, with 1000 classes.</param>
/// <param name="FeatureWidth">Number of channels of the features.</param>
internal sealed record BodyFacts(long MultiplyAdds, int FeatureWidth)
{
    /// <summary>What the catalogue says about an imported body.</summary>
    public static BodyInfo Describe(StoredCard card) =>
        new()
        {
            Name = card.Name,
            Aliases = [],
            Parameters = card.Parameters,
            MultiplyAdds = card.MultiplyAdds,
            FeatureWidth = card.FeatureWidth,
            InputWidth = card.Preprocessing.Width,
            InputHeight = card.Preprocessing.Height,
            Availability = BodyAvailability.Imported,
            License = card.Licence,
            Origin = card.Origin,
            Sha256 = card.SourceSha256,
        };

    /// <summary>What the catalogue says about one of its networks.</summary>
    public static BodyInfo Describe(BodyEntry entry, BodyStore store)
    {
        BodyAvailability availability = AvailabilityOf(entry, store);
        KnownWeights? weights =
            availability == BodyAvailability.Packaged ? entry.PackagedWeights
            : entry.Weights.Count > 0 ? entry.Weights[0]
            : null;
        BodyFacts facts = Of(entry);
        PublishedResults? published = PublishedResults.Of(entry);
        return new()
        {
            Name = entry.Name,
            Aliases = entry.Aliases,
            Parameters = entry.ParameterCount,
            MultiplyAdds = facts.MultiplyAdds,
            FeatureWidth = facts.FeatureWidth,
            InputWidth = entry.Preprocessing.Width,
            InputHeight = entry.Preprocessing.Height,
            Availability = availability,
            License = weights?.Licence ?? published?.Licence,
            WeightsPage = published?.Page,
            ImageNetAccuracy = published?.Accuracy,
            AccuracySource = published?.Source,
            Origin = weights?.Publisher,
            Address = weights?.Address,
            Sha256 = weights?.Sha256,
        };
    }

    private static BodyAvailability AvailabilityOf(BodyEntry entry, BodyStore store) =>
        store.WeightsOf(entry) is not null ? BodyAvailability.OnDisk
        : entry.Weights.Any(known => known.Resource is not null) ? BodyAvailability.Embedded
        : entry.PackagedWeights is { Packaged.IsHere: true } ? BodyAvailability.Packaged
        : entry.DownloadableWeights is not null ? BodyAvailability.CanBePulled
        : BodyAvailability.FileNeeded;

    /// <summary>Builds the network without weights and computes its facts.</summary>
    public static BodyFacts Of(BodyEntry entry)
    {
        Architecture architecture = entry.Architecture;
        GraphBuilder net = new(OnnxModel.Create(architecture.Name));
        string input = net.Input(
            Architecture.InputName,
            new EdgeShape(3, entry.Preprocessing.Height, entry.Preprocessing.Width)
        );
        string map = architecture.Features(net, input);
        architecture.Classifier(net, map, Architecture.ImageNetClassCount);

        Dictionary<string, TensorProto> weights = net.Model.Graph.Initializer.ToDictionary(t => t.Name);
        Dictionary<string, string> transposed = net
            .Model.Graph.Node.Where(n => n.OpType == "Transpose" && weights.ContainsKey(n.Input[0]))
            .ToDictionary(n => n.Output[0], n => n.Input[0]);
        bool IsWeight(string edge) => weights.ContainsKey(transposed.GetValueOrDefault(edge, edge));
        long multiplyAdds = 0;
        foreach (NodeProto node in net.Model.Graph.Node.Where(n => n.OpType is "Conv" or "Gemm" or "MatMul"))
        {
            // Each value of a kernel is used once per output position. A strided convolution has fewer output
            // positions than input positions.
            if (node.OpType == "MatMul" && !IsWeight(node.Input[0]) && !IsWeight(node.Input[1]))
            {
                // attention: each value of the first input meets every column of the result
                multiplyAdds += (long)net.ShapeOf(node.Input[0]).ElementCount * net.ChannelsOf(node.Output[0]);
            }
            else if (
                weights.TryGetValue(transposed.GetValueOrDefault(node.Input[1], node.Input[1]), out TensorProto? weight)
            )
            {
                EdgeShape positions = net.ShapeOf(node.OpType == "Conv" ? node.Output[0] : node.Input[0]);
                multiplyAdds +=
                    TensorValues.ElementCount(weight, weight.Name)
                    * (positions.IsVector ? 1 : positions.Height * positions.Width);
            }
        }

        return new(multiplyAdds, net.ChannelsOf(map));
    }
}
