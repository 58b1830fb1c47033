namespace Graft.Torch.Operators;

/// <summary>Reads axes, which count from the front or, if negative, from the back.</summary>
internal static class Axes
{
    /// <summary>Returns an axis counted from the front.</summary>
    /// <param name="node">The node, for error messages.</param>
    /// <param name="axis">The axis as the node declares it.</param>
    /// <param name="rank">Number of valid axes: the dimensions, or one more if the axis may follow the last.</param>
    public static int At(NodeContext node, long axis, int rank) =>
        axis >= -rank && axis < rank
            ? (int)(axis < 0 ? axis + rank : axis)
            : throw node.Refuse(
                $"axis {axis} does not exist in a tensor of {rank} dimensions; export the network again"
            );

    public static long[] All(NodeContext node, long[] axes, int rank)
    {
        long[] all = [.. axes.Select(axis => (long)At(node, axis, rank))];
        return all.Distinct().Count() == all.Length
            ? all
            : throw node.Refuse($"the axes [{string.Join(',', axes)}] name one twice; export the network again");
    }

    public static long[] From(int first, int rank) => [.. Enumerable.Range(first, rank - first).Select(i => (long)i)];

    /// <summary>
    /// Returns the axes of a node: an attribute before opset <paramref name="inputSince"/>, an input from then on; null
    /// if the node has none.
    /// </summary>
    public static long[]? Read(NodeContext node, NodeInputs x, int input, int inputSince, string attribute = "axes") =>
        node.Opset >= inputSince ? x.OptionalInts(input) : node.Ints(attribute);
}
