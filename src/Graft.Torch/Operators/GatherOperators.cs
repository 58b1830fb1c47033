using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Torch.Operators;

/// <summary>Operators that read or write values at indices.</summary>
internal static class GatherOperators
{
    public static void Register(OperatorTable table) =>
        table
            .In("shape")
            .Add("Gather", Gather)
            .Add("GatherElements", GatherElements)
            .Add("GatherND", GatherNd)
            .Add("OneHot", OneHot);

    private static SingleKernel Gather(NodeContext node)
    {
        long axis = node.Int("axis", 0);
        return x =>
        {
            Tensor input = x[0],
                index = x[1];
            int dim = Axes.At(node, axis, (int)input.dim());
            long size = input.shape[dim];
            if (index.dim() == 0)
            {
                long place = x.Ints(1)[0];
                return place >= -size && place < size
                    ? input.select(dim, place < 0 ? place + size : place)
                    : throw OutOfRange(node, size);
            }

            long[] shape = [.. input.shape[..dim], .. index.shape, .. input.shape[(dim + 1)..]];
            node.CheckSize(shape);
            return input.index_select(dim, InRange(node, index, size).reshape(-1)).reshape(shape);
        };
    }

    private static SingleKernel GatherElements(NodeContext node)
    {
        long axis = node.Int("axis", 0);
        return x =>
        {
            int dim = Axes.At(node, axis, (int)x[0].dim());
            return x[0].gather(dim, InRange(node, x[1], x[0].shape[dim]));
        };
    }

    private static SingleKernel GatherNd(NodeContext node)
    {
        int batchDims = (int)node.Int("batch_dims", 0);
        return x =>
        {
            Tensor input = x[0],
                index = x[1];
            int depth = index.dim() > 0 ? (int)index.shape[^1] : 0;
            if (batchDims < 0 || depth < 1 || batchDims + depth > input.dim() || batchDims >= index.dim())
            {
                throw node.Refuse(
                    $"indices of the shape [{string.Join(',', index.shape)}] do not fit an input of {input.dim()} "
                        + "dimensions"
                );
            }

            long batch = input.shape[..batchDims].Aggregate(1L, (product, size) => product * size);
            long[] indexed = input.shape[batchDims..(batchDims + depth)],
                rest = input.shape[(batchDims + depth)..];
            Tensor place = Flat(node, index.reshape([batch, -1, depth]), indexed); // [batch, places]
            long plane = indexed.Aggregate(1L, (product, size) => product * size);
            using Tensor offsets = Indices(batch, input.device).unsqueeze(1).Times(plane);
            Tensor rows = input.reshape([batch * plane, .. rest]).index_select(0, place.Plus(offsets).reshape(-1));
            return rows.reshape([.. index.shape[..^1], .. rest]);
        };
    }

    private static Tensor Flat(NodeContext node, Tensor index, long[] sizes)
    {
        Tensor place = zeros_like(index.select(-1, 0));
        for (int i = 0; i < sizes.Length; i++)
        {
            place = place.Times(sizes[i]).Plus(InRange(node, index.select(-1, i), sizes[i]));
        }

        return place;
    }

    private static SingleKernel OneHot(NodeContext node)
    {
        long axis = node.Int("axis", -1);
        return x =>
        {
            long depth = (long)x.Scalar(1, 0);
            Tensor index = x[0].to(ScalarType.Int64),
                values = x[2];
            int dim = Axes.At(node, axis, (int)index.dim() + 1);
            node.CheckSize([.. index.shape, depth]);
            index = where(index.lt(Held(0)), index.Plus(depth), index).unsqueeze(dim);
            using Tensor classes = Indices(depth, index.device)
                .reshape([-1, .. Enumerable.Repeat(1L, (int)index.dim() - 1 - dim)]);
            return where(index.eq(classes), values.select(0, 1), values.select(0, 0));
        };
    }

    /// <summary>
    /// Returns indices counted from the front. It refuses those out of range, for which PyTorch on a GPU would abort
    /// the process.
    /// </summary>
    private static Tensor InRange(NodeContext node, Tensor index, long size)
    {
        using Tensor isBad = index.lt(Held(-size)).logical_or(index.ge(Held(size))).any();
        return isBad.ReadBoolean() ? throw OutOfRange(node, size) : where(index.lt(Held(0)), index.Plus(size), index);
    }

    private static Onnx.OnnxException OutOfRange(NodeContext node, long size) =>
        node.Refuse($"an index lies outside an axis of {size} values; check the graph");
}
