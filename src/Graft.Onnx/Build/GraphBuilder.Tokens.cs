namespace Graft.Onnx;

/// <content>
/// Tokens of transformers, [N,T,C]: their <see cref="EdgeShape"/> has C channels, the height T and the width 1, and
/// channels last.
/// </content>
public sealed partial class GraphBuilder
{
    /// <summary>Adds rows and columns of zeros at the bottom and right of a map.</summary>
    /// <param name="x">The input edge, a map.</param>
    /// <param name="pixels">Number of rows and of columns.</param>
    /// <param name="name">Name of the node and its output; null for a generated name.</param>
    public string PadEnd(string x, int pixels, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        EdgeShape map = ShapeOf(x);
        string pads = Integers($"pads{pixels}", 0, 0, 0, 0, 0, 0, pixels, pixels);
        return Register(
            Node("Pad", name ?? UniqueName(x, "padded"), x, pads),
            new EdgeShape(map.Channels, map.Height + pixels, map.Width + pixels)
        );
    }

    /// <summary>The pixels of a map as tokens, row by row: [N,C,H,W] to [N,H W,C].</summary>
    /// <param name="x">The input edge, a map.</param>
    public string ToTokens(string x)
    {
        ArgumentNullException.ThrowIfNull(x);
        EdgeShape map = ShapeOf(x);
        int count = map.Height * map.Width;
        string shape = Integers($"shape0x{map.Channels}x{count}", 0, map.Channels, count);
        string flat = Node("Reshape", UniqueName(x, "rows"), x, shape).Name;
        NodeProto node = Node("Transpose", UniqueName(x, "tokens"), flat).WithAttribute("perm", [0, 2, 1]);
        return Register(node, new EdgeShape(map.Channels, count, 1));
    }

    /// <summary>Joins weights of the shape [1,T,C] along the tokens.</summary>
    /// <param name="name">Name of the node and its output.</param>
    /// <param name="weights">Names of the weights.</param>
    public string JoinTokens(string name, params ReadOnlySpan<string> weights) =>
        Node("Concat", name, weights).WithAttribute("axis", 1L).Name;

    /// <summary>Puts learned tokens before those of each image, without asking for the batch's size.</summary>
    /// <param name="x">The input edge, tokens.</param>
    /// <param name="first">A weight or the result of <see cref="JoinTokens"/>: [1,count,C].</param>
    /// <param name="count">Number of tokens in <paramref name="first"/>.</param>
    /// <param name="name">Name of the node and its output; null for a generated name.</param>
    public string PrependTokens(string x, string first, int count, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(first);
        (int channels, int own) = (ChannelsOf(x), ShapeOf(x).Height);
        string before = Integers($"tokens{count}before", 0, count, 0, 0, 0, 0);
        string behind = Integers($"tokens{own}behind", 0, 0, 0, 0, own, 0);
        string padded = Register(
            Node("Pad", UniqueName(x, "padded"), x, before),
            new EdgeShape(channels, own + count, 1)
        );
        string prefix = Node("Pad", UniqueName(x, "prefix"), first, behind).Name; // [1,T,C]; folded into a constant
        return Add(padded, prefix, name);
    }

    /// <summary>A range of tokens.</summary>
    /// <param name="x">The input edge, tokens.</param>
    /// <param name="from">The first token, counted from 0.</param>
    /// <param name="to">The token after the last one.</param>
    public string SliceTokens(string x, int from, int to)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Register(
            Slice(x, UniqueName(x, $"tokens{from}"), axis: 1, from, to),
            ShapeOf(x) with
            {
                Height = to - from,
            }
        );
    }

    /// <summary>The mean of the tokens behind the first ones, as a vector.</summary>
    /// <param name="x">The input edge, tokens.</param>
    /// <param name="from">Number of first tokens that are left out.</param>
    /// <param name="name">Name of the node and its output.</param>
    public string AverageTokens(string x, int from, string name)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(name);
        string patches = SliceTokens(x, from, ShapeOf(x).Height);
        NodeProto node = Node("ReduceMean", name, patches, Integers("int1", 1)).WithAttribute("keepdims", 0L);
        return Register(node, new EdgeShape(ChannelsOf(x)));
    }

    /// <summary>
    /// Scaled dot-product attention of several heads (Vaswani et al., 2017, section 3.2): softmax(q k' / sqrt(d)) v.
    /// </summary>
    /// <param name="x">The input edge: queries, keys and values of each token, [N,T,3 C].</param>
    /// <param name="name">Name of the last node and its output, [N,T,C].</param>
    /// <param name="heads">Number of heads; it divides C.</param>
    public string Attention(string x, string name, int heads)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(name);
        int count = ShapeOf(x).Height;
        int channels = ChannelsOf(x) / 3;
        int each = channels / heads;
        string query = Heads(x, $"{name}.query", 0, channels, heads, [0, 2, 1, 3]); // [N,h,T,d]
        string key = Heads(x, $"{name}.key", 1, channels, heads, [0, 2, 3, 1]); // [N,h,d,T]
        string value = Heads(x, $"{name}.value", 2, channels, heads, [0, 2, 1, 3]); // [N,h,T,d]
        AddExisting(query, new EdgeShape(each, heads * count, 1));

        string scaled = Mul(query, Constant($"scale{each}", [1 / float.Sqrt(each)]));
        string scores = Register(Node("MatMul", $"{name}.scores", scaled, key), new EdgeShape(count, heads * count, 1));
        string shares = Register(Node("Softmax", $"{name}.shares", scores).WithAttribute("axis", -1L), ShapeOf(scores));
        string mixed = Register(Node("MatMul", $"{name}.mixed", shares, value), new EdgeShape(each, heads * count, 1));
        string turned = Node("Transpose", $"{name}.turned", mixed).WithAttribute("perm", [0, 2, 1, 3]).Name;
        string shape = Integers($"shape0x{count}x{channels}", 0, count, channels);
        return Register(Node("Reshape", name, turned, shape), new EdgeShape(channels, count, 1));
    }

    // One of queries, keys and values, split into heads.
    private string Heads(string x, string name, int part, int channels, int heads, ReadOnlySpan<long> order)
    {
        int count = ShapeOf(x).Height;
        string own = Slice(x, $"{name}.own", axis: 2, part * channels, (part + 1) * channels).Name;
        string shape = Integers($"shape0x{count}x{heads}x{channels / heads}", 0, count, heads, channels / heads);
        string split = Node("Reshape", $"{name}.split", own, shape).Name;
        return Node("Transpose", name, split).WithAttribute("perm", order).Name;
    }

    private NodeProto Slice(string x, string name, int axis, int from, int to) =>
        Node("Slice", name, x, Integers($"int{from}", from), Integers($"int{to}", to), Integers($"int{axis}", axis));
}
