using Graft.Onnx;
using Graft.Training.Weights;

namespace Graft.Training.Bodies;

/// <summary>
/// The fully connected layers that a user of Keras put on the averages of a named network. One layer, or two with a
/// ReLU between them as Teachable Machine writes (googlecreativelab/teachablemachine-community,
/// libraries/image/src/teachable-mobilenet.ts): the first has a bias, the second has none.
/// </summary>
/// <param name="Layers">Names of the layers in the file, from the features to the classes.</param>
/// <param name="Widths">Number of outputs of each layer.</param>
internal sealed record KerasHead(IReadOnlyList<string> Layers, IReadOnlyList<int> Widths)
{
    private const string Prefix = "classifier.";

    /// <summary>Number of classes.</summary>
    public int ClassCount => Widths[^1];

    /// <summary>The head in a weight file; null where there is none, or one of another form.</summary>
    /// <param name="file">The file; its other tensors have the builders' names already.</param>
    /// <param name="channels">Number of channels of the network's feature map.</param>
    public static KerasHead? In(WeightFile file, int channels)
    {
        string[] layers =
        [
            .. file
                .Tensors.Keys.Where(name => WeightMatch.IsNewHead(file, name))
                .Select(name => name[..name.LastIndexOf('/')])
                .Distinct(),
        ];
        List<int> widths = [];
        foreach (string layer in layers)
        {
            int inputs = widths.Count == 0 ? channels : widths[^1];
            if (
                Variable(file, layer, "kernel") is not { Shape: [long rows, > 0 and <= int.MaxValue and long columns] }
                || rows != inputs
            )
            {
                return null;
            }

            widths.Add((int)columns);
        }

        bool[] hasBias = Array.ConvertAll(layers, layer => Variable(file, layer, "bias") is not null);
        return hasBias is [_] or [true, false] ? new(layers, widths) : null;
    }

    /// <summary>Builds the head on a feature map, and returns the edge of the logits.</summary>
    public string Build(GraphBuilder net, string map, int classCount)
    {
        string edge = net.GlobalAverage(map);
        for (int i = 0; i < Widths.Count - 1; i++)
        {
            edge = net.Relu(net.Linear(edge, $"{Prefix}{i}", Widths[i]));
        }

        return net.Linear(edge, $"{Prefix}{Widths.Count - 1}", classCount);
    }

    /// <summary>The file with the names of <see cref="Build"/>; a missing bias is zero.</summary>
    public WeightFile Rename(WeightFile file)
    {
        OrderedDictionary<string, WeightTensor> tensors = new(file.Tensors);
        for (int i = 0; i < Layers.Count; i++)
        {
            WeightTensor kernel = Variable(file, Layers[i], "kernel")!;
            WeightTensor bias = Variable(file, Layers[i], "bias")
                ?? new("", WeightType.Float32, [Widths[i]], new byte[sizeof(float) * Widths[i]]);
            tensors.Remove(kernel.Name);
            tensors.Remove(bias.Name);
            tensors[$"{Prefix}{i}.weight"] = kernel with { Name = $"{Prefix}{i}.weight" };
            tensors[$"{Prefix}{i}.bias"] = bias with { Name = $"{Prefix}{i}.bias" };
        }

        return file with
        {
            Tensors = tensors,
        };
    }

    private static WeightTensor? Variable(WeightFile file, string layer, string name) =>
        file.Tensors.GetValueOrDefault($"{layer}/{name}:0") ?? file.Tensors.GetValueOrDefault($"{layer}/{name}");
}
