using System.Security.Cryptography;
using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Torch;

namespace Graft.Training.Bodies;

/// <summary>
/// The classifier that a body was pretrained with, from the body's last edge to the logits. Only co-tuning keeps it
/// (You et al. 2020, "Co-Tuning for Transfer Learning"); it never becomes part of the exported model.
/// </summary>
/// <param name="Model">
/// Its only input is the body's last edge, and all its other names begin with <see cref="Prefix"/>. Its output is
/// N x pretrained classes.
/// </param>
internal sealed record PretrainedHead(OnnxModel Model)
{
    /// <summary>The prefix of all names of its weights and edges.</summary>
    public const string Prefix = "graft.old.";

    private const string Flat = "flat";
    private static readonly HashSet<string> s_reshapes = ["Identity", "Flatten", "Reshape", "Squeeze", "Dropout"];
    private static readonly HashSet<string> s_products = ["Gemm", "MatMul", "Conv"];

    /// <summary>The edge of its logits.</summary>
    public string Logits => Model.Graph.Output[0].Name;

    /// <summary>Whether an edge or a weight belongs to a pretrained head.</summary>
    public static bool Owns(string name) => name.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Takes the classifier of a network.</summary>
    /// <param name="network">The network with its classifier; null where the weights came without one.</param>
    /// <param name="edge">The edge at which the body ends.</param>
    /// <param name="inputShape">Shape of one image: 3 x H x W.</param>
    /// <param name="name">The body's name or path, for messages.</param>
    /// <exception cref="GraftException">The network has no classifier, or one that cannot be trained.</exception>
    public static PretrainedHead Of(OnnxModel? network, string edge, long[] inputShape, string name)
    {
        const string Way = "turn co-tuning off, or choose weights or an ONNX file with the classifier";
        if (network is null || LogitsOf(new OnnxGraph(network)) is not string logits || logits == edge)
        {
            throw Refuse("it has no pretrained classifier, and co-tuning learns from that classifier's classes");
        }

        OnnxModel head = Subgraph.Tail(Subgraph.Prefix(network, logits), edge, inputShape);
        if (!head.Graph.Node.Any(node => s_products.Contains(node.OpType)))
        {
            throw Refuse("no fully connected layer or convolution follows its last feature map");
        }

        if (new Trainability(head).UntrainableNodes.FirstOrDefault() is UntrainableNode node)
        {
            string place = $"node '{Printable.Text(node.Node)}' is the operator '{Printable.Text(node.Operator)}'";
            throw Refuse($"its classifier's {place}, {node.Reason}");
        }

        long[] shape = ShapeProbe.Measure(network, [logits], 1, inputShape)[logits];
        return shape.Length >= 2 && shape[1] >= 2 && shape.Skip(2).All(size => size == 1)
            ? new(Renamed(head, edge, logits, isFlat: shape.Length == 2))
            : throw Refuse($"its output of shape {string.Join(" x ", shape.Skip(1))} is not a list of classes");

        GraftException Refuse(string reason) => new($"'{Printable.Text(name)}' cannot be co-tuned: {reason}; {Way}");
    }

    /// <summary>Adds this head to a tail, whose second output becomes the logits of the pretrained classes.</summary>
    /// <param name="tail">The part from a cut to the new head's logits; it is changed.</param>
    public void AppendTo(OnnxModel tail)
    {
        OnnxModel own = Model.Clone();
        tail.Graph.Node.AddRange(own.Graph.Node);
        tail.Graph.Initializer.AddRange(own.Graph.Initializer);
        tail.Graph.Output.AddRange(own.Graph.Output);
    }

    /// <summary>A fingerprint of the graph and its weights, which becomes part of cache keys.</summary>
    public override string ToString() => Convert.ToHexStringLower(SHA256.HashData(Model.ToBytes()));

    // The input of the softmax at the end, before or after a reshape; without a softmax, the output. Null where a
    // sigmoid answers each class separately.
    private static string? LogitsOf(OnnxGraph graph)
    {
        string output = graph.Outputs[0].Name;
        NodeProto? last = graph.ProducerOf(output);
        while (last is not null && s_reshapes.Contains(last.OpType))
        {
            last = graph.ProducerOf(last.Input[0]);
        }

        return last?.OpType switch
        {
            "Softmax" or "LogSoftmax" => last.Input[0],
            "Sigmoid" or "HardSigmoid" => null,
            _ => output,
        };
    }

    private static OnnxModel Renamed(OnnxModel head, string edge, string logits, bool isFlat)
    {
        OnnxModel own = head.Clone();
        foreach (TensorProto weight in own.Graph.Initializer)
        {
            weight.Name = New(weight.Name);
        }

        foreach (NodeProto node in own.Graph.Node)
        {
            node.Name = New(node.Name);
            Rename(node.Input);
            Rename(node.Output);
        }

        string output = New(logits);
        if (!isFlat)
        {
            own.Graph.Node.Add(
                new NodeProto
                {
                    OpType = "Flatten",
                    Input = { output },
                    Output = { Prefix + Flat },
                }.WithAttribute("axis", 1)
            );
            output = Prefix + Flat;
        }

        own.Graph.Output.Clear();
        own.Graph.Output.Add(new ValueInfoProto { Name = output });
        return own;

        string New(string name) => name.Length == 0 || name == edge ? name : Prefix + name;

        void Rename(IList<string> names)
        {
            for (int i = 0; i < names.Count; i++)
            {
                names[i] = New(names[i]);
            }
        }
    }
}
