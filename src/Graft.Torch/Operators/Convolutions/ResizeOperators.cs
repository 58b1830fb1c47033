using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Torch.Operators;

/// <summary>
/// Resize and Upsample: a product with a matrix of interpolation weights along each axis. Every mode has a gradient.
/// </summary>
internal static class ResizeOperators
{
    public static void Register(OperatorTable table) =>
        table.In("shape").Add("Resize", Resize).Add("Upsample", Upsample);

    private static SingleKernel Upsample(NodeContext node)
    {
        string mode = node.Choice("mode", "nearest", "linear", "bilinear");
        Interpolation rule = new(mode == "nearest" ? "nearest" : "linear", "asymmetric", "floor", -0.75, false, false);
        return x =>
        {
            double[] scales =
                node.Opset < 9
                    ?
                    [
                        .. (node.Node.Attribute.FirstOrDefault(a => a.Name == "scales")?.Floats ?? []).Select(s =>
                            (double)s
                        ),
                    ]
                    : x.Doubles(1);
            long[] axes = Axes.From(0, (int)x[0].dim());
            return Run(node, x[0], rule, Scaled(node, x[0].shape, axes, scales), []);
        };
    }

    private static SingleKernel Resize(NodeContext node)
    {
        bool isOld = node.Opset < 11;
        Interpolation rule = new(
            node.Choice("mode", "nearest", "linear", "cubic"),
            isOld
                ? "asymmetric"
                : node.Choice(
                    "coordinate_transformation_mode",
                    "half_pixel",
                    "half_pixel_symmetric",
                    "pytorch_half_pixel",
                    "align_corners",
                    "asymmetric",
                    "tf_crop_and_resize",
                    "tf_half_pixel_for_nn"
                ),
            isOld ? "floor" : node.Choice("nearest_mode", "round_prefer_floor", "round_prefer_ceil", "floor", "ceil"),
            node.Float("cubic_coeff_a", -0.75),
            node.Flag("exclude_outside"),
            node.Flag("antialias")
        );
        string policy = node.Choice("keep_aspect_ratio_policy", "stretch", "not_larger", "not_smaller");
        double outside = node.Float("extrapolation_value", 0);
        return x =>
        {
            Tensor input = x[0];
            int rank = (int)input.dim();
            long[] axes = Axes.All(node, node.Ints("axes") ?? Axes.From(0, rank), rank);
            double[] scales = x.Has(isOld ? 1 : 2) ? x.Doubles(isOld ? 1 : 2) : [];
            List<AxisScale> plan =
                scales.Length > 0
                    ? Scaled(node, input.shape, axes, scales)
                    : Sized(node, input.shape, axes, x.Ints(3), policy);
            if (rule.Coordinates == "tf_crop_and_resize")
            {
                double[] regions = x.Doubles(1);
                plan =
                    regions.Length == 2 * axes.Length
                        ? [.. plan.Select((p, i) => p with { Start = regions[i], End = regions[i + axes.Length] })]
                        : throw node.Refuse(
                            $"its region has {regions.Length} values where {2 * axes.Length} are needed"
                        );
            }

            return Run(node, input, rule, plan, rule.Coordinates == "tf_crop_and_resize" ? [outside] : []);
        };
    }

    private static List<AxisScale> Scaled(NodeContext node, long[] shape, long[] axes, double[] scales)
    {
        return scales.Length == axes.Length && scales.All(scale => scale > 0 && double.IsFinite(scale))
            ?
            [
                .. axes.Select(
                    (axis, i) =>
                        new AxisScale(
                            (int)axis,
                            shape[axis],
                            (long)Math.Min(Math.Floor(shape[axis] * scales[i]), int.MaxValue),
                            scales[i],
                            0,
                            1
                        )
                ),
            ]
            : throw node.Refuse(
                $"{scales.Length} scales for {axes.Length} axes, or a scale that is not positive; "
                    + "export the network again"
            );
    }

    private static List<AxisScale> Sized(NodeContext node, long[] shape, long[] axes, long[] sizes, string policy)
    {
        if (sizes.Length != axes.Length || sizes.Any(size => size < 0) || axes.Any(axis => shape[axis] == 0))
        {
            throw node.Refuse($"sizes [{string.Join(',', sizes)}] for {axes.Length} axes; export the network again");
        }

        double[] scales = [.. axes.Select((axis, i) => (double)sizes[i] / shape[axis])];
        if (policy == "stretch")
        {
            return [.. axes.Select((axis, i) => new AxisScale((int)axis, shape[axis], sizes[i], scales[i], 0, 1))];
        }

        double common = policy == "not_larger" ? scales.Min() : scales.Max();
        return
        [
            .. axes.Select(axis => new AxisScale(
                (int)axis,
                shape[axis],
                (long)Math.Floor((common * shape[axis]) + 0.5),
                common,
                0,
                1
            )),
        ];
    }

    private static Tensor Run(NodeContext node, Tensor x, Interpolation rule, List<AxisScale> plan, double[] outside)
    {
        long[] shape = [.. x.shape];
        plan.ForEach(p => shape[p.Axis] = p.Output);
        node.CheckSize(shape);
        Tensor output = WidePrecision.Of(x);
        output = output.is_floating_point() ? output : output.to(ScalarType.Float32);
        foreach (AxisScale p in plan.Where(p => p.Input != p.Output || p.Scale != 1 || outside.Length > 0))
        {
            node.CheckSize([p.Input, p.Output]);
            (float[] weights, bool[] isOutside) = rule.Weights(p);
            Tensor matrix = AlignedTensor.Of(weights, [p.Output, p.Input]).to(output.dtype).to(output.device);
            Tensor lines = output.transpose(p.Axis, -1); // [...,input]
            output = lines
                .reshape(-1, p.Input)
                .mm(matrix.t())
                .reshape([.. lines.shape[..^1], p.Output])
                .transpose(p.Axis, -1);
            if (outside.Length > 0 && isOutside.Contains(true))
            {
                long[] line = [.. Enumerable.Range(0, (int)output.dim()).Select(i => i == p.Axis ? p.Output : 1)];
                output = output.masked_fill(tensor(isOutside, device: output.device).reshape(line), Held(outside[0]));
            }
        }

        return x.is_floating_point() ? output : output.to(x.dtype);
    }
}
