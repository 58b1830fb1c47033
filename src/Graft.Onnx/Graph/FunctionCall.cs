using Google.Protobuf.Collections;

namespace Graft.Onnx;

/// <summary>
/// Copies the nodes of a model-local function for one call: with the caller's edges and attributes, and with a prefix
/// on the names of internal edges.
/// </summary>
internal sealed class FunctionCall
{
    private readonly Dictionary<string, string> _edges = [];
    private readonly Dictionary<string, AttributeProto?> _attributes = [];
    private readonly string _prefix;

    private FunctionCall(FunctionProto function, NodeProto call, string prefix)
    {
        _prefix = prefix;
        Bind(function.Input, call.Input);
        foreach (string name in function.Attribute)
        {
            _attributes[name] = call.FindAttribute(name);
        }

        foreach (AttributeProto fallback in function.AttributeProto)
        {
            _attributes[fallback.Name] = call.FindAttribute(fallback.Name) ?? fallback;
        }
    }

    /// <summary>The function's nodes as they replace <paramref name="call"/>.</summary>
    /// <param name="prefix">Prefix of internal names; unique to this call.</param>
    public static IReadOnlyList<NodeProto> NodesOf(FunctionProto function, NodeProto call, string prefix)
    {
        FunctionCall one = new(function, call, prefix);
        List<NodeProto> passed = [];
        for (int i = 0; i < Math.Min(function.Output.Count, call.Output.Count); i++)
        {
            // No node of the function makes an output that is also an input; Identity makes the caller's edge.
            if (call.Output[i].Length > 0 && !one._edges.TryAdd(function.Output[i], call.Output[i]))
            {
                passed.Add(
                    new NodeProto
                    {
                        OpType = "Identity",
                        Input = { one._edges[function.Output[i]] },
                        Output = { call.Output[i] },
                    }
                );
            }
        }

        return [.. function.Node.Select(one.Copy), .. passed];
    }

    private void Bind(RepeatedField<string> inner, RepeatedField<string> outer)
    {
        for (int i = 0; i < inner.Count; i++)
        {
            _edges[inner[i]] = i < outer.Count ? outer[i] : ""; // the caller omits an optional input
        }
    }

    private string Edge(string name) =>
        name.Length == 0 ? ""
        : _edges.TryGetValue(name, out string? outer) ? outer
        : _prefix + name;

    private NodeProto Copy(NodeProto node)
    {
        NodeProto copy = node.Clone();
        copy.Name = _prefix + (node.Name.Length > 0 ? node.Name : node.OpType);
        Rename(copy.Input);
        Rename(copy.Output);
        copy.Attribute.Clear();
        foreach (AttributeProto attribute in node.Attribute)
        {
            if (Resolved(attribute) is AttributeProto resolved)
            {
                copy.Attribute.Add(resolved);
            }
        }

        return copy;
    }

    // Null if neither the caller nor the function sets it: the operator's default applies.
    private AttributeProto? Resolved(AttributeProto attribute)
    {
        if (attribute.RefAttrName.Length > 0)
        {
            AttributeProto? given = _attributes.GetValueOrDefault(attribute.RefAttrName)?.Clone();
            given?.Name = attribute.Name;
            return given;
        }

        AttributeProto copy = attribute.Clone();
        foreach (GraphProto graph in copy.G is null ? copy.Graphs : copy.Graphs.Append(copy.G))
        {
            Rename(graph);
        }

        return copy;
    }

    private void Rename(GraphProto graph)
    {
        NodeProto[] nodes = [.. graph.Node.Select(Copy)];
        graph.Node.Clear();
        graph.Node.AddRange(nodes);
        foreach (ValueInfoProto value in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo))
        {
            value.Name = Edge(value.Name);
        }

        foreach (TensorProto weight in graph.Initializer)
        {
            weight.Name = Edge(weight.Name);
        }
    }

    private void Rename(RepeatedField<string> edges)
    {
        for (int i = 0; i < edges.Count; i++)
        {
            edges[i] = Edge(edges[i]);
        }
    }
}
