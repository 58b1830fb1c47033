namespace Graft.Torch.Operators;

/// <summary>Axes counted from the front or, negative, from the back.</summary>
internal static class Axes
{
    /// <param name="rank">The number of places that the axis may name: the dimensions, or one more where it may stand
    /// after the last.</param>
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
    /// The axes of a node that gave them as an attribute before <paramref name="inputSince"/> and as an input since;
    /// null where it gives none.
    /// </summary>
    public static long[]? Read(NodeContext node, NodeInputs x, int input, int inputSince, string attribute = "axes") =>
        node.Opset >= inputSince ? x.OptionalInts(input) : node.Ints(attribute);
}
