using TorchSharp;
using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Graft.Torch.Operators;

/// <summary>
/// Normalisation layers. Batch-norm always uses its stored statistics; the others compute theirs from each image.
/// </summary>
internal static class NormalisationOperators
{
    public static void Register(OperatorTable table) =>
        table
            .In("normalisation")
            .Add(
                "BatchNormalization",
                BatchNorm,
                "inference mode only: the stored statistics are used and never change"
            )
            .Add("InstanceNormalization", InstanceNorm)
            .AddMany("LayerNormalization", LayerNorm)
            .Add("GroupNormalization", GroupNorm)
            .Add("RMSNormalization", RmsNorm)
            .Add("LpNormalization", LpNorm)
            .Add("MeanVarianceNormalization", MeanVariance)
            .Add("LRN", Lrn);

    private static SingleKernel BatchNorm(NodeContext node)
    {
        double epsilon = node.Float("epsilon", 1e-5);
        bool isSpatial = node.Opset >= 9 || node.Flag("spatial", true);
        if (node.Flag("training_mode") || (node.Opset < 7 && !node.Flag("is_test") && node.HasOutput(1)))
        {
            throw node.Refuse("it was exported in training mode; export the network in inference mode (model.eval())");
        }

        return x =>
        {
            Tensor input = x[0]; // [N,C,...]
            using Tensor scale = x.Master(1) * x.Master(4).Plus(epsilon).rsqrt();
            using Tensor shift = x.Master(2) - (x.Master(3) * scale);
            long[] shape = isSpatial ? ChannelShape(input, scale.numel()) : [1, .. scale.shape];
            Tensor factor = scale.to(input.dtype, input.device).reshape(shape);
            return (input * factor).Plus(shift.to(input.dtype, input.device).reshape(shape));
        };
    }

    private static SingleKernel InstanceNorm(NodeContext node)
    {
        double epsilon = node.Float("epsilon", 1e-5);
        return x => functional.group_norm(x[0], x[0].shape[1], x[1], x[2], epsilon); // one group per channel
    }

    private static SingleKernel GroupNorm(NodeContext node)
    {
        double epsilon = node.Float("epsilon", 1e-5);
        long groups = node.Int("num_groups", 0);
        return x =>
        {
            Tensor input = x[0];
            long channels = input.dim() < 2 ? 0 : input.shape[1];
            if (groups <= 0 || channels == 0 || channels % groups != 0)
            {
                throw node.Refuse($"{channels} channels do not divide into {groups} groups; export the network again");
            }

            // Before opset 21 scale and bias belonged to groups, not to channels.
            bool isByGroup = node.Opset < 21 && x[1].numel() == groups;
            Tensor scale = isByGroup ? x[1].repeat_interleave(channels / groups) : x[1];
            Tensor bias = isByGroup ? x[2].repeat_interleave(channels / groups) : x[2];
            return functional.group_norm(input, groups, scale, bias, epsilon);
        };
    }

    private static Kernel LayerNorm(NodeContext node)
    {
        double epsilon = node.Float("epsilon", 1e-5);
        long axis = node.Int("axis", -1);
        return x =>
        {
            Tensor input = x[0];
            int first = Axes.At(node, axis, (int)input.dim());
            long[] normalised = input.shape[first..];
            if (!node.HasOutput(1) && !node.HasOutput(2) && x[1].shape.SequenceEqual(normalised))
            {
                return [functional.layer_norm(input, normalised, x[1], x.Optional(2), epsilon)];
            }

            long[] dims = Axes.From(first, (int)input.dim());
            Tensor wide = x.Wide(0);
            Tensor mean = wide.mean(dims, keepdim: true);
            Tensor centred = wide - mean;
            Tensor inverse = centred.Squared().mean(dims, keepdim: true).Plus(epsilon).rsqrt();
            Tensor output = centred * inverse * x.Wide(1);
            return [x.Has(2) ? output.Plus(x.Wide(2)) : output, mean, inverse];
        };
    }

    private static SingleKernel RmsNorm(NodeContext node)
    {
        double epsilon = node.Float("epsilon", 1e-5);
        long axis = node.Int("axis", -1);
        return x =>
        {
            Tensor input = x.Wide(0);
            long[] dims = Axes.From(Axes.At(node, axis, (int)input.dim()), (int)input.dim());
            return input * input.Squared().mean(dims, keepdim: true).Plus(epsilon).rsqrt() * x.Wide(1);
        };
    }

    private static SingleKernel LpNorm(NodeContext node)
    {
        long axis = node.Int("axis", -1);
        long p = node.Int("p", 2);
        if (p is not (1 or 2))
        {
            throw node.Refuse($"p is {p}, and ONNX knows 1 and 2; export the network again");
        }

        return x =>
        {
            Tensor input = x.Wide(0);
            long[] dims = [Axes.At(node, axis, (int)input.dim())];
            Tensor norm =
                p == 1 ? input.abs().sum(dims, keepdim: true) : input.Squared().sum(dims, keepdim: true).sqrt();
            return input / norm.masked_fill(norm.eq(Held(0)), One); // a row of zeros stays zeros
        };
    }

    private static SingleKernel MeanVariance(NodeContext node)
    {
        long[] axes = node.Ints("axes") ?? [0, 2, 3];
        return x =>
        {
            Tensor input = x.Wide(0);
            long[] dims = Axes.All(node, axes, (int)input.dim());
            Tensor centred = input - input.mean(dims, keepdim: true);
            // a constant of the specification
            return centred / centred.Squared().mean(dims, keepdim: true).sqrt().Plus(1e-9);
        };
    }

    private static SingleKernel Lrn(NodeContext node)
    {
        double alpha = node.Float("alpha", 1e-4),
            beta = node.Float("beta", 0.75),
            bias = node.Float("bias", 1);
        long size = node.Int("size", 0);
        if (size is < 1 or > 1024)
        {
            throw node.Refuse($"size is {size}, and 1 to 1024 is supported");
        }

        return x =>
        {
            Tensor input = x.Wide(0); // [N,C,...]
            long channels = input.shape[1];
            long before = (size - 1) / 2;
            long[] pads = [.. Enumerable.Repeat(0L, 2 * ((int)input.dim() - 2)), before, size - 1 - before];
            Tensor squares = functional.pad(input.Squared(), pads, PaddingModes.Constant, 0);
            Tensor sum = Enumerable
                .Range(0, (int)size)
                .Select(i => squares.narrow(1, i, channels))
                .Aggregate((a, b) => a.Plus(b));
            return input / sum.Times(alpha / size).Plus(bias).pow(Held(beta));
        };
    }

    /// <summary>Returns the shape [1,C,1,...] for an input of C channels.</summary>
    private static long[] ChannelShape(Tensor input, long channels) =>
        [1, channels, .. Enumerable.Repeat(1L, Math.Max((int)input.dim() - 2, 0))];
}
