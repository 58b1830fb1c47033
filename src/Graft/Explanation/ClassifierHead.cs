using Graft.Onnx;
using Graft.Prediction;

namespace Graft.Explanation;

/// <summary>
/// The head of an exported classifier: what it computes from the feature maps to the scores before the last softmax or
/// sigmoid. It is read from the graph, so that explanations need nothing but the file.
/// </summary>
internal sealed class ClassifierHead
{
    private readonly List<VectorNode> _nodes;
    private readonly string _scores;

    private ClassifierHead(IReadOnlyList<HeadLeaf> leaves, List<VectorNode> nodes, string scores) =>
        (Leaves, _nodes, _scores) = (leaves, nodes, scores);

    /// <summary>Where the head reads feature maps.</summary>
    public IReadOnlyList<HeadLeaf> Leaves { get; }

    /// <summary>Finds the head of a model.</summary>
    /// <param name="model">A model that Graft exported.</param>
    /// <param name="name">Name of the model in error messages.</param>
    /// <exception cref="OnnxException">The scores are not computed from feature maps by known layers.</exception>
    public static ClassifierHead Find(OnnxModel model, string name)
    {
        Dictionary<string, TensorProto> constants = model.Graph.Initializer.ToDictionary(one => one.Name);
        Dictionary<string, HeadLeaf> leaves = [];
        Dictionary<string, VectorNode> nodes = [];
        bool IsVector(string edge) => leaves.ContainsKey(edge) || nodes.ContainsKey(edge);
        foreach (NodeProto node in model.Graph.Node) // in an order in which each node follows those it reads
        {
            if (VectorNode.Of(node, IsVector, constants.GetValueOrDefault) is { } vector)
            {
                nodes[vector.Output] = vector;
            }
            else if (KindOf(node) is { } kind)
            {
                leaves[node.Output[0]] = new(node.Input[0], node.Output[0], kind);
            }
        }

        NodeProto? last = model.Graph.Node.LastOrDefault(node => node.Output.Contains(ClassifierEdges.Probabilities));
        if (last is not { OpType: "Softmax" or "Sigmoid" } || !IsVector(last.Input[0]))
        {
            throw new OnnxException(name, "its classes are not computed from feature maps, so no place can be shown");
        }

        return Needed(last.Input[0], leaves, nodes);
    }

    /// <summary>The gradient of one class's score along each leaf.</summary>
    /// <param name="maps">The feature map of each leaf.</param>
    /// <param name="label">Number of the class.</param>
    /// <param name="score">The score itself: the logit of the class, calibrated.</param>
    public IReadOnlyList<double[]> Gradients(IReadOnlyList<FeatureMap> maps, int label, out double score)
    {
        Dictionary<string, double[]> values = [];
        for (int i = 0; i < Leaves.Count; i++)
        {
            values[Leaves[i].Vector] = maps[i].Read(Leaves[i].Kind);
        }

        foreach (VectorNode node in _nodes)
        {
            values[node.Output] = node.Forward([.. node.Inputs.Select(input => values[input])]);
        }

        score = values[_scores][label];
        Dictionary<string, double[]> gradients = new() { [_scores] = new double[values[_scores].Length] };
        gradients[_scores][label] = 1;
        foreach (VectorNode node in Enumerable.Reverse(_nodes))
        {
            IReadOnlyList<double[]> along = node.Backward(
                [.. node.Inputs.Select(input => values[input])],
                gradients[node.Output]
            );
            for (int i = 0; i < node.Inputs.Count; i++)
            {
                Add(gradients, node.Inputs[i], along[i]);
            }
        }

        return [.. Leaves.Select(leaf => gradients[leaf.Vector])];
    }

    private static LeafKind? KindOf(NodeProto node) =>
        node.OpType switch
        {
            "GlobalAveragePool" => LeafKind.Average,
            "GlobalMaxPool" => LeafKind.Largest,
            "Flatten" => LeafKind.Flat,
            _ => null,
        };

    // The nodes and leaves that the scores depend on, in the order of the graph.
    private static ClassifierHead Needed(
        string scores,
        Dictionary<string, HeadLeaf> leaves,
        Dictionary<string, VectorNode> nodes
    )
    {
        HashSet<string> needed = [scores];
        List<VectorNode> path = [];
        foreach (VectorNode node in nodes.Values.Reverse())
        {
            if (needed.Contains(node.Output))
            {
                needed.UnionWith(node.Inputs);
                path.Add(node);
            }
        }

        path.Reverse();
        return new([.. leaves.Values.Where(leaf => needed.Contains(leaf.Vector))], path, scores);
    }

    private static void Add(Dictionary<string, double[]> gradients, string edge, double[] more)
    {
        gradients[edge] = gradients.TryGetValue(edge, out double[]? sum)
            ? [.. sum.Zip(more, (first, second) => first + second)]
            : more;
    }
}
