namespace Graft.Onnx;

/// <summary>What moves values without changing them.</summary>
internal sealed partial class GraphBuilder
{
    /// <summary>A map or vector as a vector of all its values: channels outermost, then rows.</summary>
    public string Flatten(string x, string? name = null) =>
        Register(
            Node("Flatten", name ?? UniqueName(x, "flatten"), x).WithAttribute("axis", 1L),
            new EdgeShape(ShapeOf(x).ElementCount)
        );

    /// <summary>Joins maps along the channels.</summary>
    public string Concat(string name, params ReadOnlySpan<string> edges)
    {
        int channels = 0;
        foreach (string edge in edges)
        {
            channels += ChannelsOf(edge);
        }

        return Register(
            Node("Concat", name, edges).WithAttribute("axis", 1L),
            ShapeOf(edges[0]) with
            {
                Channels = channels,
            }
        );
    }

    /// <summary>Channels <paramref name="from"/> up to, not including, <paramref name="to"/>.</summary>
    public string SliceChannels(string x, int from, int to)
    {
        NodeProto node = Node(
            "Slice",
            UniqueName(x, $"channels{from}"),
            x,
            Integers($"int{from}", from),
            Integers($"int{to}", to),
            Integers("int1", 1)
        );
        return Register(node, ShapeOf(x) with { Channels = to - from });
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
        string split = Node("Reshape", UniqueName(x, "groups"), x, apart).Name;
        string turned = Node("Transpose", UniqueName(x, "turned"), split).WithAttribute("perm", [0, 2, 1, 3, 4]).Name;
        string joined = Integers(
            $"shape0x{shape.Channels}x{shape.Height}x{shape.Width}",
            0,
            shape.Channels,
            shape.Height,
            shape.Width
        );
        return Register(Node("Reshape", name ?? UniqueName(x, "shuffle"), turned, joined), shape);
    }

    /// <summary>N,C,H,W to N,H,W,C. The edge's <see cref="EdgeShape"/> stays that of the map.</summary>
    public string ToChannelsLast(string x) => Permute(x, "channels-last", [0, 2, 3, 1]);

    /// <summary>N,H,W,C to N,C,H,W.</summary>
    public string ToChannelsFirst(string x, string? name = null) => Permute(x, "channels-first", [0, 3, 1, 2], name);

    private string Permute(string x, string what, ReadOnlySpan<long> order, string? name = null) =>
        Register(Node("Transpose", name ?? UniqueName(x, what), x).WithAttribute("perm", order), ShapeOf(x));
}
