using Graft.Infrastructure;

namespace Graft.Onnx;

/// <summary>
/// Checks a graph's limits and edges before anything else reads it. ONNX Runtime checks types and shapes later.
/// </summary>
internal static class GraphValidation
{
    /// <summary>Throws if a graph cannot be read safely.</summary>
    /// <exception cref="OnnxException">
    /// The graph exceeds a limit, makes an edge twice, reads an edge that nothing makes, or has a cycle.
    /// </exception>
    public static void Validate(OnnxModel model, string name, OnnxLimits limits)
    {
        GraphProto graph = model.Graph;
        int nodes = NodesOf(graph);
        if (nodes > limits.Nodes)
        {
            throw new OnnxException(name, $"{nodes:N0} nodes, more than the limit of {limits.Nodes:N0}");
        }

        foreach (TensorProto tensor in graph.Initializer)
        {
            TensorValues.Validate(tensor, name, limits.TensorElements);
        }

        foreach (AttributeProto attribute in graph.Node.SelectMany(node => node.Attribute).Where(a => a.T is not null))
        {
            TensorValues.Validate(attribute.T, name, limits.TensorElements);
        }

        if (graph.SparseInitializer.Count > 0)
        {
            throw new OnnxException(name, "sparse weights are not supported; export the network with dense weights");
        }

        CheckEdges(graph, name);
        _ = new OnnxGraph(model, name); // the topological sort finds cycles
    }

    // Includes the nodes of nested graphs, such as the branches of an If.
    private static int NodesOf(GraphProto graph) =>
        graph.Node.Count
        + graph
            .Node.SelectMany(node => node.Attribute)
            .Sum(attribute => (attribute.G is null ? 0 : NodesOf(attribute.G)) + attribute.Graphs.Sum(NodesOf));

    private static void CheckEdges(GraphProto graph, string name)
    {
        HashSet<string> made = [];
        foreach (string weight in graph.Initializer.Select(t => t.Name))
        {
            Add(made, weight, name);
        }

        made.UnionWith(graph.Input.Select(i => i.Name)); // IR 3 lists the weights among the inputs
        foreach (NodeProto node in graph.Node)
        {
            foreach (string output in node.Output.Where(o => o.Length > 0))
            {
                Add(made, output, name);
            }
        }

        foreach (
            string edge in graph.Node.SelectMany(node => node.InputEdges()).Concat(graph.Output.Select(o => o.Name))
        )
        {
            if (edge.Length > 0 && !made.Contains(edge))
            {
                throw new OnnxException(
                    name,
                    $"the edge '{Printable.Text(edge)}' is read but nothing makes it; the file is damaged"
                );
            }
        }
    }

    private static void Add(HashSet<string> made, string edge, string name)
    {
        if (!made.Add(edge))
        {
            throw new OnnxException(name, $"the edge '{Printable.Text(edge)}' is made twice; the file is damaged");
        }
    }
}
