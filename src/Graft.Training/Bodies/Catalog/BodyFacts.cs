using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>What follows from a named network's graph, without weights and without running it.</summary>
/// <param name="MultiplyAdds">Of one image through the whole network, its 1000 classes included.</param>
/// <param name="FeatureWidth">Channels of the feature map.</param>
internal sealed record BodyFacts(long MultiplyAdds, int FeatureWidth)
{
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
        Dictionary<string, string> turned = net
            .Model.Graph.Node.Where(n => n.OpType == "Transpose" && weights.ContainsKey(n.Input[0]))
            .ToDictionary(n => n.Output[0], n => n.Input[0]);
        long multiplyAdds = 0;
        foreach (NodeProto node in net.Model.Graph.Node.Where(n => n.OpType is "Conv" or "Gemm" or "MatMul"))
        {
            // Every value of a kernel meets every position of the output; a convolution's output has fewer than its
            // input.
            if (weights.TryGetValue(turned.GetValueOrDefault(node.Input[1], node.Input[1]), out TensorProto? weight))
            {
                EdgeShape positions = net.ShapeOf(node.OpType == "Conv" ? node.Output[0] : node.Input[0]);
                multiplyAdds +=
                    TensorData.ElementCount(weight, weight.Name)
                    * (positions.IsVector ? 1 : positions.Height * positions.Width);
            }
        }

        return new(multiplyAdds, net.ChannelsOf(map));
    }
}
