namespace Graft.Onnx;

/// <summary>What moves values without changing them.</summary>
internal sealed partial class GraphBuilder
{
    /// <summary>A map or vector as a vector of all its values: channels outermost, then rows.</summary>
    public string Flatten(string x, string? name = null) =>
        Made(Node("Flatten", name ?? Fresh(x, "flatten"), x).With("axis", 1L), new EdgeShape(ShapeOf(x).Count));

    /// <summary>Joins maps along the channels.</summary>
    public string Concat(string name, params ReadOnlySpan<string> edges)
    {
        int channels = 0;
        foreach (string edge in edges)
        {
            channels += ChannelsOf(edge);
        }

        return Made(Node("Concat", name, edges).With("axis", 1L), ShapeOf(edges[0]) with { Channels = channels });
    }

    /// <summary>Channels <paramref name="from"/> up to, not including, <paramref name="to"/>.</summary>
    public string Channels(string x, int from, int to)
    {
        NodeProto node = Node(
            "Slice",
            Fresh(x, $"channels{from}"),
            x,
            Integers($"int{from}", from),
            Integers($"int{to}", to),
            Integers("int1", 1)
        );
        return Made(node, ShapeOf(x) with { Channels = to - from });
    }

    /// <summary>
    /// Interleaves the channels of <paramref name="groups"/> equal groups (ShuffleNet, arXiv 1707.01083, figure 1).
    /// </summary>
    public string ChannelShuffle(string x, int groups, string? name = null)
    {
        EdgeShape shape = ShapeOf(x);
        int each = shape.Channels / groups;
        string apart = Integers(
            $"shape0x{groups}x{each}x{shape.Height}x{shape.Width}",
            0,
            groups,
            each,
            shape.Height,
            shape.Width
        );
        string split = Node("Reshape", Fresh(x, "groups"), x, apart).Name;
        string turned = Node("Transpose", Fresh(x, "turned"), split).With("perm", [0, 2, 1, 3, 4]).Name;
        string joined = Integers(
            $"shape0x{shape.Channels}x{shape.Height}x{shape.Width}",
            0,
            shape.Channels,
            shape.Height,
            shape.Width
        );
        return Made(Node("Reshape", name ?? Fresh(x, "shuffle"), turned, joined), shape);
    }

    /// <summary>N,C,H,W to N,H,W,C. The edge's <see cref="EdgeShape"/> stays that of the map.</summary>
    public string ToChannelsLast(string x) => Turn(x, "channels-last", [0, 2, 3, 1]);

    /// <summary>N,H,W,C to N,C,H,W.</summary>
    public string ToChannelsFirst(string x, string? name = null) => Turn(x, "channels-first", [0, 3, 1, 2], name);

    private string Turn(string x, string what, ReadOnlySpan<long> order, string? name = null) =>
        Made(Node("Transpose", name ?? Fresh(x, what), x).With("perm", order), ShapeOf(x));
}
