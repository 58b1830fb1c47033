using System.Security.Cryptography;
using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Torch;

namespace Graft.Training.Bodies;

/// <summary>
/// The classifier that a body came with, from the seam to its logits: kept beside the body where co-tuning asks for it,
/// never part of the network that is shipped.
/// </summary>
/// <param name="Model">Its only input is the body's last edge; all its other names begin with <see cref="Prefix"/>. Its
/// output is N x the classes that it knows.</param>
internal sealed record PretrainedHead(OnnxModel Model)
{
    /// <summary>What the names of its weights and edges begin with.</summary>
    public const string Prefix = "graft.old.";

    private const string Flat = "flat";
    private static readonly HashSet<string> s_reshapes = ["Identity", "Flatten", "Reshape", "Squeeze", "Dropout"];
    private static readonly HashSet<string> s_products = ["Gemm", "MatMul", "Conv"];

    /// <summary>The edge of its logits.</summary>
    public string Logits => Model.Graph.Output[0].Name;

    /// <summary>Whether an edge or weight is an old head's.</summary>
    public static bool IsOwner(string name) => name.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Takes the classifier off a network.</summary>
    /// <param name="network">With its classifier; null: its weights came without one.</param>
    /// <param name="body">What is left of it.</param>
    /// <param name="name">What the user calls it.</param>
    /// <exception cref="GraftException">There is none, or it is of a kind that cannot be trained along.</exception>
    public static PretrainedHead Of(OnnxModel? network, TrainableBody body, string name)
    {
        const string Way = "leave --co-tuning out, or name weights or an ONNX file that have their classifier";
        if (network is null || LogitsOf(new OnnxGraph(network)) is not string logits || logits == body.Seam.Edge)
        {
            throw Refuse("it came without the classifier it was trained with, whose classes co-tuning learns from");
        }

        OnnxModel head = GraphEdit.Tail(GraphEdit.Prefix(network, logits), body.Seam.Edge, body.InputShape);
        if (!head.Graph.Node.Any(node => s_products.Contains(node.OpType)))
        {
            throw Refuse("no fully connected layer or convolution follows its last feature map");
        }

        if (new Trainability(head).UntrainableNodes.FirstOrDefault() is UntrainableNode node)
        {
            throw Refuse(
                $"its classifier's node '{Printable.Text(node.Node)}' is the operator '{Printable.Text(node.Operator)}', {node.Reason}"
            );
        }

        long[] shape = ShapeProbe.Measure(network, [logits], 1, body.InputShape)[logits];
        return shape.Length >= 2 && shape[1] >= 2 && shape.Skip(2).All(size => size == 1)
            ? new(Renamed(head, body.Seam.Edge, logits, isFlat: shape.Length == 2))
            : throw Refuse($"its output of {string.Join(" x ", shape.Skip(1))} is no list of classes");

        GraftException Refuse(string reason) => new($"'{Printable.Text(name)}' cannot be co-tuned: {reason}; {Way}");
    }

    /// <summary>Puts it beside the new head: the tail's second output are the old classes' logits.</summary>
    /// <param name="tail">From a cut to the new head's logits; gets the nodes.</param>
    public void AppendTo(OnnxModel tail)
    {
        OnnxModel own = Model.Clone();
        tail.Graph.Node.AddRange(own.Graph.Node);
        tail.Graph.Initializer.AddRange(own.Graph.Initializer);
        tail.Graph.Output.AddRange(own.Graph.Output);
    }

    /// <summary>Its fingerprint, so that what was made with it has another key where it is another one.</summary>
    public override string ToString() => Convert.ToHexStringLower(SHA256.HashData(Model.ToBytes()));

    // The output, or what goes into a softmax at the end, whatever shape that is given behind it. Null: each class is
    // answered by itself.
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
                }.With("axis", 1)
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
