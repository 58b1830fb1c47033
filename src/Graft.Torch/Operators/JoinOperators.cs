using static TorchSharp.torch;

namespace Graft.Torch.Operators;

/// <summary>Concat and Split.</summary>
internal static class JoinOperators
{
    public static void Register(OperatorTable table) => table.In("shape").Add("Concat", Concat).AddMany("Split", Split);

    private static SingleKernel Concat(NodeContext node)
    {
        long axis = node.Int("axis", 1); // required since opset 4
        return x =>
        {
            Tensor[] parts = x.All();
            int dim = Axes.At(node, axis, (int)parts[0].dim());
            return cat(parts, dim);
        };
    }

    private static Kernel Split(NodeContext node)
    {
        long axis = node.Int("axis", 0);
        return x =>
        {
            int dim = Axes.At(node, axis, (int)x[0].dim());
            long size = x[0].shape[dim];
            long[] sizes = Axes.Read(node, x, 1, 13, "split") ?? Equal(node, size);
            return sizes.Length > 0 && sizes.All(part => part >= 0) && sizes.Sum() == size
                ? x[0].split(sizes, dim)
                : throw node.Refuse($"parts of [{string.Join(',', sizes)}] do not add up to {size}; check the graph");
        };
    }

    // The last part is smaller if the size is not divisible (opset 18).
    private static long[] Equal(NodeContext node, long size)
    {
        long count = node.Int("num_outputs", node.Node.Output.Count);
        if (count is < 1 or > 1_000_000)
        {
            throw node.Refuse($"it splits into {count} parts; export the network again");
        }

        long part = (size + count - 1) / count;
        return [.. Enumerable.Range(0, (int)count).Select(i => Math.Clamp(size - (i * part), 0, part))];
    }
}
