using Google.Protobuf;

namespace Graft.Onnx;

/// <summary>
/// Reads and writes the attributes of a node. The caller supplies the operator's default, which ONNX files omit.
/// </summary>
public static class NodeAttributes
{
    /// <summary>
    /// The distinct edges that a node reads, including outer edges read by the nested graphs of If, Loop and Scan.
    /// </summary>
    /// <param name="node">The node.</param>
    public static IEnumerable<string> InputEdges(this NodeProto node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.Input.Where(edge => edge.Length > 0).Concat(Subgraphs(node).SelectMany(Captured)).Distinct();
    }

    /// <summary>The attribute of the given name; null if the node does not have it.</summary>
    /// <param name="node">The node.</param>
    /// <param name="name">Name of the attribute in the ONNX specification.</param>
    public static AttributeProto? FindAttribute(this NodeProto node, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(node);
        return node.Attribute.FirstOrDefault(a => a.Name == name);
    }

    /// <summary>The value of an integer attribute.</summary>
    /// <param name="node">The node.</param>
    /// <param name="name">Name of the attribute.</param>
    /// <param name="fallback">The result if the node does not have the attribute.</param>
    public static long GetInt(this NodeProto node, string name, long fallback)
    {
        ArgumentNullException.ThrowIfNull(name);
        return node.FindAttribute(name)?.I ?? fallback;
    }

    /// <summary>The value of a float attribute.</summary>
    /// <param name="node">The node.</param>
    /// <param name="name">Name of the attribute.</param>
    /// <param name="fallback">The result if the node does not have the attribute.</param>
    public static float GetFloat(this NodeProto node, string name, float fallback)
    {
        ArgumentNullException.ThrowIfNull(name);
        return node.FindAttribute(name)?.F ?? fallback;
    }

    /// <summary>The value of a string attribute.</summary>
    /// <param name="node">The node.</param>
    /// <param name="name">Name of the attribute.</param>
    /// <param name="fallback">The result if the node does not have the attribute.</param>
    public static string GetString(this NodeProto node, string name, string fallback)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(fallback);
        return node.FindAttribute(name)?.S.ToStringUtf8() ?? fallback;
    }

    /// <summary>The values of an attribute that is a list of integers; null if the node does not have it.</summary>
    /// <param name="node">The node.</param>
    /// <param name="name">Name of the attribute.</param>
    public static long[]? GetInts(this NodeProto node, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return node.FindAttribute(name)?.Ints.ToArray();
    }

    /// <summary>The values of an attribute that is a list of floats; null if the node does not have it.</summary>
    /// <param name="node">The node.</param>
    /// <param name="name">Name of the attribute.</param>
    public static float[]? GetFloats(this NodeProto node, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return node.FindAttribute(name)?.Floats.ToArray();
    }

    /// <summary>Adds an integer attribute and returns the node.</summary>
    /// <param name="node">The node; it must not have the attribute yet.</param>
    /// <param name="name">Name of the attribute.</param>
    /// <param name="value">Its value.</param>
    public static NodeProto WithAttribute(this NodeProto node, string name, long value)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(name);
        node.Attribute.Add(
            new AttributeProto
            {
                Name = name,
                Type = AttributeProto.Types.AttributeType.Int,
                I = value,
            }
        );
        return node;
    }

    /// <summary>Adds a float attribute and returns the node.</summary>
    /// <param name="node">The node; it must not have the attribute yet.</param>
    /// <param name="name">Name of the attribute.</param>
    /// <param name="value">Its value.</param>
    public static NodeProto WithAttribute(this NodeProto node, string name, float value)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(name);
        node.Attribute.Add(
            new AttributeProto
            {
                Name = name,
                Type = AttributeProto.Types.AttributeType.Float,
                F = value,
            }
        );
        return node;
    }

    /// <summary>Adds a UTF-8 string attribute and returns the node.</summary>
    /// <param name="node">The node; it must not have the attribute yet.</param>
    /// <param name="name">Name of the attribute.</param>
    /// <param name="value">Its value.</param>
    public static NodeProto WithAttribute(this NodeProto node, string name, string value)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        node.Attribute.Add(
            new AttributeProto
            {
                Name = name,
                Type = AttributeProto.Types.AttributeType.String,
                S = ByteString.CopyFromUtf8(value),
            }
        );
        return node;
    }

    /// <summary>Adds an attribute that is a list of integers and returns the node.</summary>
    /// <param name="node">The node; it must not have the attribute yet.</param>
    /// <param name="name">Name of the attribute.</param>
    /// <param name="values">Its values.</param>
    public static NodeProto WithAttribute(this NodeProto node, string name, params ReadOnlySpan<long> values)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(name);
        AttributeProto attribute = new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        foreach (long value in values)
        {
            attribute.Ints.Add(value);
        }

        node.Attribute.Add(attribute);
        return node;
    }

    private static IEnumerable<GraphProto> Subgraphs(NodeProto node) =>
        node.Attribute.Where(a => a.G is not null).Select(a => a.G).Concat(node.Attribute.SelectMany(a => a.Graphs));

    private static IEnumerable<string> Captured(GraphProto graph)
    {
        HashSet<string> own =
        [
            .. graph.Input.Select(i => i.Name),
            .. graph.Initializer.Select(t => t.Name),
            .. graph.Node.SelectMany(n => n.Output),
        ];
        return graph
            .Node.SelectMany(InputEdges)
            .Concat(graph.Output.Select(o => o.Name))
            .Where(edge => !own.Contains(edge));
    }
}
