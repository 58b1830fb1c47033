using Google.Protobuf.Collections;
using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>
/// Cuts joined bodies inside their main branch. No edge there carries all data past it, because the other branches run
/// beside it. A joint lays their pooled features, the held features, beside the values of an edge, so that one edge
/// carries all, and takes both apart again behind it. The exported model has no joints.
/// </summary>
internal static class BranchJoints
{
    private const string Prefix = "graft.joint.";
    private const string Held = Prefix + "held";
    private const string Joining = Prefix + "join:"; // before the edge's name: the node that makes the joint
    private const string Parting = Prefix + "part:"; // the node behind it
    private const string Shaping = Prefix + "shape:"; // the node that makes a map again
    private const string Flattening = Prefix + "flat:";
    private const string MapSuffix = ".map";
    private const int SplitHasInput = 13; // since this operator set Split takes its sizes as an input

    /// <summary>The body with joints at some edges. A joint takes its edge's name.</summary>
    /// <param name="body">Joined bodies.</param>
    /// <param name="cuts">Cut points of the main branch with their own shapes, in the order of the graph.</param>
    /// <param name="widths">Number of held features of each other branch.</param>
    public static TrainableBody At(TrainableBody body, IReadOnlyList<CutPoint> cuts, IReadOnlyList<long> widths)
    {
        if (cuts.Count == 0)
        {
            return body;
        }

        OnnxModel model = body.Model.Clone();
        FeatureBoundary boundary = body.Boundary;
        JoinedPooling.AppendAverages(model, boundary.Beside, Held);
        string held = Held;
        foreach (CutPoint cut in cuts)
        {
            held = Add(model, cut, held, widths.Sum());
        }

        string[] parts = [held];
        if (widths.Count > 1)
        {
            parts = [.. widths.Select((_, i) => $"{Held}.{i}.last")];
            Split(model, held, [.. widths], parts, $"{Held}.last");
        }

        NodeProto[] sorted = [.. new OnnxGraph(model).Nodes];
        model.Graph.Node.Clear();
        model.Graph.Node.AddRange(sorted);
        HashSet<string> edges = [.. cuts.Select(cut => cut.Edge)];
        return body with
        {
            Model = model,
            Boundary = boundary with
            {
                StageEdges = [.. boundary.StageEdges.Select(edge => edges.Contains(edge) ? Shaping + edge : edge)],
                Beside =
                [
                    .. boundary.Beside.Select((one, i) => one with { Edge = parts[i], Kind = FeatureKind.Vector }),
                ],
            },
        };
    }

    /// <summary>Takes the joints out of a network: what follows one reads what it was made of.</summary>
    /// <param name="model">The network; it is changed.</param>
    public static void Remove(OnnxModel model)
    {
        Dictionary<string, NodeProto> nodes = [];
        foreach (NodeProto node in model.Graph.Node.Where(node => IsOfJoint(node.Name)))
        {
            nodes.Add(node.Name, node);
        }

        Dictionary<string, string> replaced = [];
        foreach ((string name, NodeProto joining) in nodes.Where(pair => pair.Key.StartsWith(Joining, Ordinal)))
        {
            string edge = name[Joining.Length..];
            replaced[edge + MapSuffix] = edge;
            replaced[nodes[Shaping + edge].Output[0]] = edge;
            replaced[nodes[Parting + edge].Output[1]] = joining.Input[1];
        }

        string Resolved(string edge)
        {
            while (replaced.TryGetValue(edge, out string? source))
            {
                edge = source;
            }

            return edge;
        }

        foreach (NodeProto node in nodes.Values)
        {
            model.Graph.Node.Remove(node);
        }

        foreach (NodeProto node in model.Graph.Node)
        {
            for (int i = 0; i < node.Input.Count; i++)
            {
                node.Input[i] = Resolved(node.Input[i]);
            }

            for (int i = 0; i < node.Output.Count; i++)
            {
                node.Output[i] = Resolved(node.Output[i]);
            }
        }

        foreach (TensorProto sizes in model.Graph.Initializer.Where(weight => IsOfJoint(weight.Name)).ToList())
        {
            model.Graph.Initializer.Remove(sizes);
        }
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static bool IsOfJoint(string name) =>
        name.StartsWith(Joining, Ordinal)
        || name.StartsWith(Parting, Ordinal)
        || name.StartsWith(Shaping, Ordinal)
        || name.StartsWith(Flattening, Ordinal);

    // Adds the joint at one edge, and returns the held features behind it.
    private static string Add(OnnxModel model, CutPoint cut, string held, long width)
    {
        string edge = cut.Edge;
        foreach (NodeProto node in model.Graph.Node)
        {
            Replace(node.Input, edge, Shaping + edge);
            Replace(node.Output, edge, edge + MapSuffix);
        }

        model.Graph.Node.Add(Node("Flatten", [edge + MapSuffix], Flattening + edge).WithAttribute("axis", 1));
        NodeProto joining = Node("Concat", [Flattening + edge, held], edge).WithAttribute("axis", 1);
        joining.Name = Joining + edge;
        model.Graph.Node.Add(joining);
        string[] parts = [$"{Parting}{edge}/flat", $"{Parting}{edge}/held"];
        Split(model, edge, [cut.ElementCount, width], parts, Parting + edge);
        string sizes = $"{Shaping}{edge}/sizes";
        long[] shape = [0, .. cut.Shape]; // 0: the batch, as it is
        model.Graph.Initializer.Add(TensorValues.FromInt64s(sizes, [shape.Length], shape));
        model.Graph.Node.Add(Node("Reshape", [parts[0], sizes], Shaping + edge));
        return parts[1];
    }

    private static void Split(OnnxModel model, string edge, long[] widths, string[] parts, string name)
    {
        NodeProto node = Node("Split", [edge], parts[0]).WithAttribute("axis", 1);
        node.Name = name;
        node.Output.Add(parts[1..]);
        if (model.Opset >= SplitHasInput)
        {
            model.Graph.Initializer.Add(TensorValues.FromInt64s(name + "/sizes", [widths.Length], widths));
            node.Input.Add(name + "/sizes");
        }
        else
        {
            node.WithAttribute("split", widths);
        }

        model.Graph.Node.Add(node);
    }

    private static void Replace(RepeatedField<string> names, string from, string to)
    {
        for (int i = 0; i < names.Count; i++)
        {
            names[i] = names[i] == from ? to : names[i];
        }
    }

    private static NodeProto Node(string type, IEnumerable<string> inputs, string output) =>
        new()
        {
            OpType = type,
            Name = output,
            Input = { inputs },
            Output = { output },
        };
}
