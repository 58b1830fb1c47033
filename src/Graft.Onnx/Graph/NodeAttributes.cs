using Google.Protobuf;

namespace Graft.Onnx;

/// <summary>Reads and writes the attributes of a node, with ONNX's defaults given by the caller.</summary>
internal static class NodeAttributes
{
    /// <summary>
    /// The distinct edges that a node reads, those included that the bodies of If, Loop and Scan take from outside.
    /// </summary>
    public static IEnumerable<string> InputEdges(this NodeProto node) =>
        node.Input.Where(edge => edge.Length > 0).Concat(Subgraphs(node).SelectMany(Captured)).Distinct();

    public static AttributeProto? FindAttribute(this NodeProto node, string name) =>
        node.Attribute.FirstOrDefault(a => a.Name == name);

    public static long GetInt(this NodeProto node, string name, long otherwise) =>
        node.FindAttribute(name)?.I ?? otherwise;

    public static float GetFloat(this NodeProto node, string name, float otherwise) =>
        node.FindAttribute(name)?.F ?? otherwise;

    public static string GetString(this NodeProto node, string name, string otherwise) =>
        node.FindAttribute(name)?.S.ToStringUtf8() ?? otherwise;

    /// <summary>The list, or null where the attribute is absent.</summary>
    public static long[]? GetInts(this NodeProto node, string name) => node.FindAttribute(name)?.Ints.ToArray();

    public static float[]? GetFloats(this NodeProto node, string name) => node.FindAttribute(name)?.Floats.ToArray();

    public static NodeProto WithAttribute(this NodeProto node, string name, long value)
    {
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

    public static NodeProto WithAttribute(this NodeProto node, string name, float value)
    {
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

    public static NodeProto WithAttribute(this NodeProto node, string name, string value)
    {
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

    public static NodeProto WithAttribute(this NodeProto node, string name, params ReadOnlySpan<long> values)
    {
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
