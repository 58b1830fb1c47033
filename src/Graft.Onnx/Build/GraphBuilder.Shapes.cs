namespace Graft.Onnx;

/// <content>Operations that move values without changing them.</content>
public sealed partial class GraphBuilder
{
    /// <summary>All values of a map as a vector: channels outermost, then rows.</summary>
    /// <param name="x">The input edge.</param>
    /// <param name="name">Name of the node and its output; null for a generated name.</param>
    public string Flatten(string x, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Register(
            Node("Flatten", name ?? UniqueName(x, "flatten"), x).WithAttribute("axis", 1L),
            new EdgeShape(ShapeOf(x).ElementCount)
        );
    }

    /// <summary>Joins edges along the channels.</summary>
    /// <param name="name">Name of the node and its output.</param>
    /// <param name="edges">The input edges; maps of the same height and width, or vectors.</param>
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

    /// <summary>A range of channels.</summary>
    /// <param name="x">The input edge.</param>
    /// <param name="from">The first channel, counted from 0.</param>
    /// <param name="to">The channel after the last one.</param>
    public string SliceChannels(string x, int from, int to)
    {
        ArgumentNullException.ThrowIfNull(x);
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
    /// <param name="x">The input edge, a map.</param>
    /// <param name="groups">Number of groups; it divides the number of channels.</param>
    /// <param name="name">Name of the node and its output; null for a generated name.</param>
    public string ChannelShuffle(string x, int groups, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        EdgeShape shape = ShapeOf(x);
        int each = shape.Channels / groups;
        string groupShape = Integers(
            $"shape0x{groups}x{each}x{shape.Height}x{shape.Width}",
            0,
            groups,
            each,
            shape.Height,
            shape.Width
        );
        string split = Node("Reshape", UniqueName(x, "groups"), x, groupShape).Name;
        string transposed = Node("Transpose", UniqueName(x, "turned"), split)
            .WithAttribute("perm", [0, 2, 1, 3, 4])
            .Name;
        string mapShape = Integers(
            $"shape0x{shape.Channels}x{shape.Height}x{shape.Width}",
            0,
            shape.Channels,
            shape.Height,
            shape.Width
        );
        return Register(Node("Reshape", name ?? UniqueName(x, "shuffle"), transposed, mapShape), shape);
    }

    /// <summary>Transposes N,C,H,W to N,H,W,C. The edge keeps the <see cref="EdgeShape"/> of the map.</summary>
    /// <param name="x">The input edge, a map.</param>
    public string ToChannelsLast(string x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Permute(x, "channels-last", [0, 2, 3, 1]);
    }

    /// <summary>Transposes N,H,W,C to N,C,H,W.</summary>
    /// <param name="x">The input edge, in channels-last order.</param>
    /// <param name="name">Name of the node and its output; null for a generated name.</param>
    public string ToChannelsFirst(string x, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Permute(x, "channels-first", [0, 3, 1, 2], name);
    }

    private string Permute(string x, string what, ReadOnlySpan<long> order, string? name = null) =>
        Register(Node("Transpose", name ?? UniqueName(x, what), x).WithAttribute("perm", order), ShapeOf(x));
}
