using static TorchSharp.torch;
using OnnxType = Graft.Onnx.TensorProto.Types.DataType;

namespace Graft.Torch.Operators;

/// <summary>Operators that change the shape or order of values.</summary>
internal static class ShapeOperators
{
    public static void Register(OperatorTable table) =>
        table
            .In("shape")
            .Add("Identity", x => x.alias())
            .Add("Reshape", Reshape)
            .Add("Flatten", Flatten)
            .Add("Transpose", Transpose)
            .Add("Squeeze", Squeeze)
            .Add("Unsqueeze", Unsqueeze)
            .Add("Expand", Expand)
            .Add("Tile", Tile)
            .Add("Shape", Shape)
            .Add("Size", _ => x => tensor(x[0].numel(), ScalarType.Int64))
            .Add(
                "Cast",
                Cast,
                "to the float types, integers and bool; integers are kept as int64, floats in the compute type"
            )
            .Add("CastLike", _ => x => x[0].to(x[1].dtype));

    private static SingleKernel Reshape(NodeContext node)
    {
        bool allowsZero = node.Flag("allowzero");
        return x =>
        {
            long[] shape = [.. node.Opset < 5 ? node.Ints("shape") ?? [] : x.Ints(1)];
            for (int i = 0; i < shape.Length; i++)
            {
                if (shape[i] == 0 && !allowsZero)
                {
                    shape[i] =
                        i < x[0].dim()
                            ? x[0].shape[i]
                            : throw node.Refuse(
                                $"its shape [{string.Join(',', shape)}] copies a dimension that the input does not have"
                            );
                }
            }

            return x[0].reshape(shape);
        };
    }

    private static SingleKernel Flatten(NodeContext node)
    {
        long axis = node.Int("axis", 1);
        return x =>
        {
            int rank = (int)x[0].dim();
            // a negative axis counts dimensions, not the gaps between them
            int first = Axes.At(node, axis, axis < 0 ? rank : rank + 1);
            long rows = x[0].shape[..first].Aggregate(1L, (product, size) => product * size);
            long columns = x[0].shape[first..].Aggregate(1L, (product, size) => product * size);
            return x[0].reshape(rows, columns);
        };
    }

    private static SingleKernel Transpose(NodeContext node)
    {
        long[]? order = node.Ints("perm");
        return x => x[0].permute(order ?? [.. Enumerable.Range(0, (int)x[0].dim()).Reverse().Select(i => (long)i)]);
    }

    private static SingleKernel Squeeze(NodeContext node) =>
        x =>
        {
            Tensor input = x[0];
            int rank = (int)input.dim();
            long[]? axes = Axes.Read(node, x, 1, 13);
            axes = axes is null ? [.. Axes.From(0, rank).Where(i => input.shape[i] == 1)] : Axes.All(node, axes, rank);
            return axes.All(axis => input.shape[axis] == 1)
                ? input.reshape([.. input.shape.Where((_, i) => !axes.Contains(i))])
                : throw node.Refuse(
                    $"the axes [{string.Join(',', axes)}] of the shape [{string.Join(',', input.shape)}] are not "
                        + "all of size 1"
                );
        };

    private static SingleKernel Unsqueeze(NodeContext node) =>
        x =>
        {
            long[] axes = Axes.Read(node, x, 1, 13)
                ?? throw node.Refuse("its axes are missing; export the network again");
            axes = Axes.All(node, axes, (int)x[0].dim() + axes.Length);
            List<long> shape = [.. x[0].shape];
            foreach (long axis in axes.Order())
            {
                shape.Insert((int)axis, 1);
            }

            return x[0].reshape([.. shape]);
        };

    private static SingleKernel Expand(NodeContext node) =>
        x =>
        {
            long[] from = x[0].shape,
                to = x.Ints(1);
            long[] shape = new long[Math.Max(from.Length, to.Length)];
            for (int i = 1; i <= shape.Length; i++)
            {
                long a = i <= from.Length ? from[^i] : 1,
                    b = i <= to.Length ? to[^i] : 1;
                shape[^i] =
                    a == 1 ? b
                    : b == 1 || a == b ? a
                    : throw node.Refuse($"[{string.Join(',', from)}] does not broadcast to [{string.Join(',', to)}]");
            }

            node.CheckSize(shape);
            return x[0].expand(shape);
        };

    private static SingleKernel Tile(NodeContext node) =>
        x =>
        {
            long[] repeats = x.Ints(1);
            if (repeats.Length != x[0].dim())
            {
                throw node.Refuse($"{repeats.Length} repeats for {x[0].dim()} dimensions; export the network again");
            }

            node.CheckSize(x[0].shape.Zip(repeats, (size, count) => size * count));
            return x[0].repeat(repeats);
        };

    private static SingleKernel Shape(NodeContext node)
    {
        long start = node.Int("start", 0),
            end = node.Int("end", long.MaxValue);
        return x =>
        {
            long[] shape = x[0].shape;
            int Place(long at) => (int)Math.Clamp(at < 0 ? at + shape.Length : at, 0, shape.Length);
            return tensor(Place(start) < Place(end) ? shape[Place(start)..Place(end)] : [], ScalarType.Int64);
        };
    }

    private static SingleKernel Cast(NodeContext node)
    {
        int to = (int)node.Int("to", 0);
        if (node.Opset < 6)
        {
            // Cast-1 stores the name of the type
            to = (int)Enum.Parse<OnnxType>(node.Text("to", "UNDEFINED"), ignoreCase: true);
        }

        ScalarType type = ElementTypes.TorchOf((OnnxType)to)
            ?? throw node.Refuse($"it casts to {(OnnxType)to}; only the float types, integers and bool are supported");
        return x =>
        {
            Tensor rounded = x[0].to(type);
            return type is ScalarType.Float64 or ScalarType.Float16 or ScalarType.BFloat16
                    ? rounded.to(ScalarType.Float32)
                : type is ScalarType.Float32 or ScalarType.Bool ? rounded
                : rounded.to(ScalarType.Int64);
        };
    }
}
