using Graft.Onnx;
using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Torch.Operators;

/// <summary>Operators that make values without reading any from the input.</summary>
internal static class ConstantOperators
{
    public static void Register(OperatorTable table) =>
        table
            .In("constant")
            .Add("Constant", Constant, "not strings, not sparse tensors")
            .Add("ConstantOfShape", ConstantOfShape)
            .Add("Range", Range)
            .Add("EyeLike", EyeLike);

    private static SingleKernel Constant(NodeContext node)
    {
        AttributeProto attribute = node.Node.Attribute.FirstOrDefault(a =>
            a.Name.StartsWith("value", StringComparison.Ordinal)
        ) ?? throw node.Refuse("its value is missing or sparse; export the network again");
        Func<Tensor> make = attribute.Name switch
        {
            "value" when attribute.T is not null => () => ElementTypes.Load(attribute.T, node.Title),
            "value_float" => () => tensor(attribute.F),
            "value_floats" => () => AlignedTensor.Of([.. attribute.Floats]),
            "value_int" => () => tensor(attribute.I, ScalarType.Int64),
            "value_ints" => () => tensor(attribute.Ints.ToArray(), ScalarType.Int64),
            _ => throw node.Refuse("it holds text; only numbers and booleans are supported"),
        };
        return _ => make();
    }

    private static SingleKernel ConstantOfShape(NodeContext node)
    {
        TensorProto? value = node.Node.FindAttribute("value")?.T;
        return x =>
        {
            long[] shape = x.Ints(0);
            node.CheckSize(shape);
            if (value is null)
            {
                return zeros(shape, ScalarType.Float32);
            }

            using Tensor one = ElementTypes.Load(value, node.Title);
            return one.numel() == 1
                ? one.reshape([]).expand(shape).contiguous()
                : throw node.Refuse($"its value has {one.numel()} elements where one is needed");
        };
    }

    private static SingleKernel Range(NodeContext node) =>
        x =>
        {
            double start = x.Scalar(0, 0),
                limit = x.Scalar(1, 0),
                delta = x.Scalar(2, 1);
            double count = Math.Max(Math.Ceiling((limit - start) / delta), 0);
            if (double.IsNaN(count))
            {
                throw node.Refuse($"its step is {delta}; check the graph");
            }

            node.CheckSize([count > long.MaxValue / 2 ? long.MaxValue / 2 : (long)count]);
            Tensor steps = Indices((long)count);
            return x[0].is_floating_point()
                ? steps.to(ScalarType.Float64).Times(delta).Plus(start).to(ScalarType.Float32)
                : steps.Times((long)delta).Plus((long)start);
        };

    private static SingleKernel EyeLike(NodeContext node)
    {
        long k = node.Int("k", 0);
        return x =>
        {
            if (x[0].dim() != 2)
            {
                throw node.Refuse($"its input has {x[0].dim()} dimensions where two are needed");
            }

            Tensor like = ones_like(x[0]);
            return like.tril(k).triu(k);
        };
    }
}
