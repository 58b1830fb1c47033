namespace Graft.Training.Tests.Weights;

/// <summary>
/// Names and shapes of the weights in keras.applications, as `layer/variable:0`. They are derived block by block from
/// the code of the networks (keras/src/applications/*.py).
/// </summary>
internal static class KerasApplications
{
    public static IEnumerable<(string Name, long[] Shape)> Weights(string architecture) =>
        architecture switch
        {
            "vgg16" => Vgg([2, 2, 3, 3, 3]),
            "vgg19" => Vgg([2, 2, 4, 4, 4]),
            "resnet50" => ResNet50(),
            "mobilenet_v2_035" => MobileNetV2(0.35),
            "mobilenet_v2_050" => MobileNetV2(0.5),
            "mobilenet_v2_075" => MobileNetV2(0.75),
            "mobilenet_v2" => MobileNetV2(1),
            "mobilenet_v2_130" => MobileNetV2(1.3),
            "mobilenet_v2_140" => MobileNetV2(1.4),
            "densenet121" => DenseNet121(),
            _ => EfficientNetB0(),
        };

    /// <summary>
    /// The names of the same weights in a `.weights.h5` file without layer names: the layer's class and its position
    /// among the layers of its class in `model.layers`. There a ResNet block has the order 1_conv, 1_bn, 2_conv, 2_bn,
    /// 0_conv, 3_conv, 0_bn, 3_bn (`ResNet50().summary()`).
    /// </summary>
    public static string[] Positions(string[] names)
    {
        string[] layers = [.. names.Select(LayerOf).Distinct()];
        string[] sorted = [.. layers.OrderBy(layer => PlaceInBlock(layer, layers), StringComparer.Ordinal)];
        Dictionary<string, string> positions = [];
        Dictionary<string, int> counts = [];
        foreach (string layer in sorted)
        {
            string kind = ClassOf(names.Where(name => LayerOf(name) == layer));
            int count = counts[kind] = counts.GetValueOrDefault(kind) + 1;
            positions[layer] = count == 1 ? kind : $"{kind}_{count - 1}";
        }

        return
        [
            .. names.Select(name => $"{positions[LayerOf(name)]}/{name[(name.LastIndexOf('/') + 1)..^":0".Length]}"),
        ];
    }

    private static string LayerOf(string name) => name[..name.LastIndexOf('/')];

    private static string ClassOf(IEnumerable<string> variables)
    {
        string[] names = [.. variables.Select(name => name[(name.LastIndexOf('/') + 1)..^":0".Length])];
        string layer = LayerOf(variables.First());
        return names.Contains("depthwise_kernel") ? "depthwise_conv2d"
            : names.Contains("gamma") ? "batch_normalization"
            : names.Contains("mean") ? "normalization"
            : layer is "predictions" or "fc1" or "fc2" or "fc1000" ? "dense"
            : "conv2d";
    }

    // The layer's position in the list. A ResNet shortcut comes just before the block's third layer of its class.
    private static string PlaceInBlock(string layer, string[] layers)
    {
        string third = layer
            .Replace("_0_conv", "_3_conv", StringComparison.Ordinal)
            .Replace("_0_bn", "_3_bn", StringComparison.Ordinal);
        bool isShortcut = third != layer && layers.Contains(third);
        return isShortcut ? $"{Array.IndexOf(layers, third):d5}a" : $"{Array.IndexOf(layers, layer):d5}b";
    }

    private static IEnumerable<(string Name, long[] Shape)> Conv(
        string layer,
        long size,
        long input,
        long output,
        bool hasBias = false
    )
    {
        yield return ($"{layer}/kernel:0", [size, size, input, output]);
        if (hasBias)
        {
            yield return ($"{layer}/bias:0", [output]);
        }
    }

    private static IEnumerable<(string Name, long[] Shape)> Depthwise(string layer, long size, long channels) =>
        [($"{layer}/depthwise_kernel:0", [size, size, channels, 1])];

    private static IEnumerable<(string Name, long[] Shape)> Norm(string layer, long width) =>
        ((string[])["gamma", "beta", "moving_mean", "moving_variance"]).Select(name =>
            ($"{layer}/{name}:0", (long[])[width])
        );

    private static IEnumerable<(string Name, long[] Shape)> Dense(string layer, long input, long output) =>
        [($"{layer}/kernel:0", [input, output]), ($"{layer}/bias:0", [output])];

    private static IEnumerable<(string Name, long[] Shape)> Vgg(int[] blocks)
    {
        long[] widths = [64, 128, 256, 512, 512];
        long input = 3;
        List<(string, long[])> weights = [];
        for (int block = 0; block < 5; block++)
        {
            for (int i = 1; i <= blocks[block]; i++, input = widths[block])
            {
                weights.AddRange(Conv($"block{block + 1}_conv{i}", 3, input, widths[block], hasBias: true));
            }
        }

        return
        [
            .. weights,
            .. Dense("fc1", 25088, 4096),
            .. Dense("fc2", 4096, 4096),
            .. Dense("predictions", 4096, 1000),
        ];
    }

    private static IEnumerable<(string Name, long[] Shape)> ResNet50()
    {
        List<(string, long[])> weights = [.. Conv("conv1_conv", 7, 3, 64, hasBias: true), .. Norm("conv1_bn", 64)];
        int[] blocks = [3, 4, 6, 3];
        long input = 64;
        for (int stage = 0; stage < 4; stage++)
        {
            long width = 64L << stage;
            for (int block = 1; block <= blocks[stage]; block++, input = 4 * width)
            {
                string name = $"conv{stage + 2}_block{block}";
                if (block == 1)
                {
                    weights.AddRange([
                        .. Conv($"{name}_0_conv", 1, input, 4 * width, hasBias: true),
                        .. Norm($"{name}_0_bn", 4 * width),
                    ]);
                }

                weights.AddRange([
                    .. Conv($"{name}_1_conv", 1, input, width, hasBias: true),
                    .. Norm($"{name}_1_bn", width),
                ]);
                weights.AddRange([
                    .. Conv($"{name}_2_conv", 3, width, width, hasBias: true),
                    .. Norm($"{name}_2_bn", width),
                ]);
                weights.AddRange([
                    .. Conv($"{name}_3_conv", 1, width, 4 * width, hasBias: true),
                    .. Norm($"{name}_3_bn", 4 * width),
                ]);
            }
        }

        return [.. weights, .. Dense("predictions", 2048, 1000)];
    }

    private static IEnumerable<(string Name, long[] Shape)> MobileNetV2(double alpha)
    {
        long input = Divisible(32 * alpha);
        List<(string, long[])> weights = [.. Conv("Conv1", 3, 3, input), .. Norm("bn_Conv1", input)];
        (int Filters, int Count)[] stages = [(16, 1), (24, 2), (32, 3), (64, 4), (96, 3), (160, 3), (320, 1)];
        int index = 0;
        foreach ((int filters, int count) in stages)
        {
            long width = Divisible((int)(filters * alpha));
            for (int i = 0; i < count; i++, index++, input = width)
            {
                string prefix = index == 0 ? "expanded_conv_" : $"block_{index}_";
                long inner = index == 0 ? input : 6 * input;
                if (index > 0)
                {
                    weights.AddRange([
                        .. Conv($"{prefix}expand", 1, input, inner),
                        .. Norm($"{prefix}expand_BN", inner),
                    ]);
                }

                weights.AddRange([
                    .. Depthwise($"{prefix}depthwise", 3, inner),
                    .. Norm($"{prefix}depthwise_BN", inner),
                ]);
                weights.AddRange([.. Conv($"{prefix}project", 1, inner, width), .. Norm($"{prefix}project_BN", width)]);
            }
        }

        long last = alpha > 1 ? Divisible(1280 * alpha) : 1280;
        return
        [
            .. weights,
            .. Conv("Conv_1", 1, input, last),
            .. Norm("Conv_1_bn", last),
            .. Dense("predictions", last, 1000),
        ];
    }

    // _make_divisible(value, 8)
    private static long Divisible(double value)
    {
        long rounded = Math.Max(8, (long)(value + 4) / 8 * 8);
        return rounded < 0.9 * value ? rounded + 8 : rounded;
    }

    private static IEnumerable<(string Name, long[] Shape)> DenseNet121()
    {
        // In tf.keras's files the names of the first two layers contain a slash.
        List<(string, long[])> weights = [.. Conv("conv1/conv", 7, 3, 64), .. Norm("conv1/bn", 64)];
        int[] blocks = [6, 12, 24, 16];
        long width = 64;
        for (int stage = 0; stage < 4; stage++)
        {
            for (int block = 1; block <= blocks[stage]; block++, width += 32)
            {
                string name = $"conv{stage + 2}_block{block}";
                weights.AddRange([.. Norm($"{name}_0_bn", width), .. Conv($"{name}_1_conv", 1, width, 128)]);
                weights.AddRange([.. Norm($"{name}_1_bn", 128), .. Conv($"{name}_2_conv", 3, 128, 32)]);
            }

            if (stage < 3)
            {
                weights.AddRange([
                    .. Norm($"pool{stage + 2}_bn", width),
                    .. Conv($"pool{stage + 2}_conv", 1, width, width / 2),
                ]);
                width /= 2;
            }
        }

        return [.. weights, .. Norm("bn", width), .. Dense("fc1000", width, 1000)];
    }

    private static IEnumerable<(string Name, long[] Shape)> EfficientNetB0()
    {
        List<(string, long[])> weights =
        [
            ("normalization/mean:0", [3]),
            ("normalization/variance:0", [3]),
            ("normalization/count:0", []),
            .. Conv("stem_conv", 3, 3, 32),
            .. Norm("stem_bn", 32),
        ];
        (long Kernel, int Count, long Width, long Expansion)[] stages =
        [
            (3, 1, 16, 1),
            (3, 2, 24, 6),
            (5, 2, 40, 6),
            (3, 3, 80, 6),
            (5, 3, 112, 6),
            (5, 4, 192, 6),
            (3, 1, 320, 6),
        ];
        long input = 32;
        for (int stage = 0; stage < stages.Length; stage++)
        {
            (long kernel, int count, long width, long expansion) = stages[stage];
            for (int i = 0; i < count; i++, input = width)
            {
                string name = $"block{stage + 1}{(char)('a' + i)}_";
                long inner = input * expansion;
                long squeezed = Math.Max(1, input / 4);
                if (expansion > 1)
                {
                    weights.AddRange([
                        .. Conv($"{name}expand_conv", 1, input, inner),
                        .. Norm($"{name}expand_bn", inner),
                    ]);
                }

                weights.AddRange([.. Depthwise($"{name}dwconv", kernel, inner), .. Norm($"{name}bn", inner)]);
                weights.AddRange([
                    .. Conv($"{name}se_reduce", 1, inner, squeezed, hasBias: true),
                    .. Conv($"{name}se_expand", 1, squeezed, inner, hasBias: true),
                ]);
                weights.AddRange([
                    .. Conv($"{name}project_conv", 1, inner, width),
                    .. Norm($"{name}project_bn", width),
                ]);
            }
        }

        return
        [
            .. weights,
            .. Conv("top_conv", 1, 320, 1280),
            .. Norm("top_bn", 1280),
            .. Dense("predictions", 1280, 1000),
        ];
    }
}
