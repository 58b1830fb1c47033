using System.Text.RegularExpressions;

namespace Graft.Training.Weights;

/// <summary>
/// Translates layer names of keras.applications to the builders' module names. Each file of keras/src/applications has
/// its own table.
/// </summary>
internal static partial class KerasNames
{
    private static readonly int[] Vgg16Blocks = [2, 2, 3, 3, 3];
    private static readonly int[] Vgg19Blocks = [2, 2, 4, 4, 4];

    /// <summary>Batch-norm epsilons of keras.applications and of torchvision.</summary>
    private const double ResNetEpsilon = 1.001e-5,
        WideEpsilon = 1e-3,
        TorchEpsilon = 1e-5;

    /// <summary>The tables of all networks.</summary>
    public static IReadOnlyList<WeightNameMap> Maps { get; } =
    [
        Map("Keras's VGG16", Vgg(Vgg16Blocks)) with
        {
            Marker = "features.28.weight",
            FlattenedKernel = "classifier.0.weight",
        },
        Map("Keras's VGG19", Vgg(Vgg19Blocks)) with
        {
            Marker = "features.34.weight",
            FlattenedKernel = "classifier.0.weight",
        },
        Map("Keras's ResNet50", ResNet()) with
        {
            Marker = "layer1.0.conv3.weight",
            EpsilonShift = ResNetEpsilon - TorchEpsilon,
            MeanOfBias = ResNetMean,
        },
        Map("Keras's MobileNet", MobileNet()) with
        {
            Marker = "blocks.0.conv_dw.weight",
        },
        Map("Keras's MobileNetV2", MobileNetV2()) with
        {
            Marker = "features.18.0.weight",
            EpsilonShift = WideEpsilon - TorchEpsilon,
        },
        Map("Keras's DenseNet", DenseNet()) with
        {
            Marker = "features.norm5.weight",
            EpsilonShift = ResNetEpsilon - TorchEpsilon,
        },
        Map("Keras's EfficientNet", EfficientNet()) with
        {
            Marker = "features.1.0.block.1.fc1.weight",
            EpsilonShift = WideEpsilon - TorchEpsilon,
        },
    ];

    private static WeightNameMap Map(string source, NameTable layers) => new(source, name => Rename(name, layers));

    // Names are "model/layer/variable:0" in several spellings. A layer's name may contain a slash ("conv1/bn"), so the
    // longest layer name is tried first.
    private static string? Rename(string name, NameTable layers)
    {
        string[] parts = name.Split('/', 16);
        for (int length = Math.Min(3, parts.Length - 1); length > 0; length--)
        {
            string layer = string.Join('_', parts[^(length + 1)..^1]);
            if (layers.Find(layer) is { } module && Parameter(parts[^1], parts[^2]) is { } parameter)
            {
                return $"{module}.{parameter}";
            }
        }

        return null;
    }

    /// <summary>
    /// The builders' name for a variable; null where it is unknown. Keras 1 puts the layer before it and a number
    /// behind it: "block1_conv1_W_1:0".
    /// </summary>
    internal static string? Parameter(string variable, string layer)
    {
        variable = variable.EndsWith(":0", StringComparison.Ordinal) ? variable[..^2] : variable;
        if (variable.StartsWith(layer + "_", StringComparison.Ordinal))
        {
            variable = TrailingNumber().Replace(variable[(layer.Length + 1)..], "");
        }

        return variable switch
        {
            "kernel" or "depthwise_kernel" or "W" or "gamma" => "weight",
            "bias" or "b" or "beta" => "bias",
            "moving_mean" or "running_mean" => "running_mean",
            "moving_variance" or "running_std" => "running_var",
            _ => null,
        };
    }

    private static NameTable Vgg(int[] blocks) =>
        new NameTable()
            .Add("block#_conv#", n => $"features.{VggIndex(blocks, n[0], n[1])}")
            .Add("fc1", "classifier.0")
            .Add("fc2", "classifier.3")
            .Add("predictions", "classifier.6");

    // torchvision counts two modules for each convolution (it and its ReLU), and one for the pooling of each block.
    private static int VggIndex(int[] blocks, int block, int convolution) =>
        blocks.Take(block - 1).Sum(count => (2 * count) + 1) + (2 * (convolution - 1));

    private static NameTable ResNet() =>
        new NameTable()
            .Add("conv1_conv", "conv1")
            .Add("conv1_bn", "bn1")
            .Add("predictions", "fc")
            .Add("probs", "fc")
            .Add("fc1000", "fc")
            .Add("conv#_block#_0_conv", n => ResNetBlock(n[0], n[1]) + "downsample.0")
            .Add("conv#_block#_0_bn", n => ResNetBlock(n[0], n[1]) + "downsample.1")
            .Add("conv#_block#_#_conv", n => ResNetBlock(n[0], n[1]) + $"conv{n[2]}")
            .Add("conv#_block#_#_bn", n => ResNetBlock(n[0], n[1]) + $"bn{n[2]}")
            .Add("conv1", "conv1")
            .Add("bn_conv1", "bn1") // Keras 2.2 and before use names such as "res2a_branch2b"
            .Add("res#@_branch1", n => ResNetBlock(n[0], n[1] + 1) + "downsample.0")
            .Add("bn#@_branch1", n => ResNetBlock(n[0], n[1] + 1) + "downsample.1")
            .Add("res#@_branch2@", n => ResNetBlock(n[0], n[1] + 1) + $"conv{n[2] + 1}")
            .Add("bn#@_branch2@", n => ResNetBlock(n[0], n[1] + 1) + $"bn{n[2] + 1}");

    private static string ResNetBlock(int stage, int block) => $"layer{stage - 1}.{block - 1}.";

    private static string? ResNetMean(string bias)
    {
        Match match = ConvolutionBias().Match(bias);
        string? module = match switch
        {
            { Success: false } => null,
            _ when match.Groups["number"].Success => $"bn{match.Groups["number"].Value}",
            _ => "downsample.1",
        };
        return module is null ? null : $"{match.Groups["block"].Value}{module}.running_mean";
    }

    private static NameTable MobileNet() =>
        new NameTable()
            .Add("conv1", "conv_stem")
            .Add("conv1_bn", "bn1")
            .Add("conv_preds", "classifier")
            .Add("predictions", "classifier")
            .Add("conv_dw_#", n => $"blocks.{n[0] - 1}.conv_dw")
            .Add("conv_dw_#_bn", n => $"blocks.{n[0] - 1}.bn1")
            .Add("conv_pw_#", n => $"blocks.{n[0] - 1}.conv_pw")
            .Add("conv_pw_#_bn", n => $"blocks.{n[0] - 1}.bn2");

    private static NameTable MobileNetV2() =>
        new NameTable()
            .Add("Conv1", "features.0.0")
            .Add("bn_Conv1", "features.0.1")
            .Add("Conv_1", "features.18.0")
            .Add("Conv_1_bn", "features.18.1")
            .Add("predictions", "classifier.1")
            .Add("Logits", "classifier.1")
            .Add("expanded_conv_depthwise", "features.1.conv.0.0")
            .Add("expanded_conv_depthwise_BN", "features.1.conv.0.1")
            .Add("expanded_conv_project", "features.1.conv.1")
            .Add("expanded_conv_project_BN", "features.1.conv.2")
            .Add("block_#_expand", n => $"features.{n[0] + 1}.conv.0.0")
            .Add("block_#_expand_BN", n => $"features.{n[0] + 1}.conv.0.1")
            .Add("block_#_depthwise", n => $"features.{n[0] + 1}.conv.1.0")
            .Add("block_#_depthwise_BN", n => $"features.{n[0] + 1}.conv.1.1")
            .Add("block_#_project", n => $"features.{n[0] + 1}.conv.2")
            .Add("block_#_project_BN", n => $"features.{n[0] + 1}.conv.3");

    private static NameTable DenseNet() =>
        new NameTable()
            .Add("conv1_conv", "features.conv0")
            .Add("conv1_bn", "features.norm0")
            .Add("bn", "features.norm5")
            .Add("predictions", "classifier")
            .Add("fc1000", "classifier")
            .Add("conv#_block#_0_bn", n => DenseLayer(n) + "norm1")
            .Add("conv#_block#_1_conv", n => DenseLayer(n) + "conv1")
            .Add("conv#_block#_1_bn", n => DenseLayer(n) + "norm2")
            .Add("conv#_block#_2_conv", n => DenseLayer(n) + "conv2")
            .Add("pool#_bn", n => $"features.transition{n[0] - 1}.norm")
            .Add("pool#_conv", n => $"features.transition{n[0] - 1}.conv");

    private static string DenseLayer(int[] block) => $"features.denseblock{block[0] - 1}.denselayer{block[1]}.";

    // torchvision's first stage has no expansion, so the numbers of its parts are one less.
    private static NameTable EfficientNet() =>
        new NameTable()
            .Add("stem_conv", "features.0.0")
            .Add("stem_bn", "features.0.1")
            .Add("top_conv", "features.8.0")
            .Add("top_bn", "features.8.1")
            .Add("predictions", "classifier.1")
            .Add("block#@_expand_conv", n => EfficientPart(n, 0) + ".0")
            .Add("block#@_expand_bn", n => EfficientPart(n, 0) + ".1")
            .Add("block#@_dwconv", n => EfficientPart(n, 1) + ".0")
            .Add("block#@_bn", n => EfficientPart(n, 1) + ".1")
            .Add("block#@_se_reduce", n => EfficientPart(n, 2) + ".fc1")
            .Add("block#@_se_expand", n => EfficientPart(n, 2) + ".fc2")
            .Add("block#@_project_conv", n => EfficientPart(n, 3) + ".0")
            .Add("block#@_project_bn", n => EfficientPart(n, 3) + ".1");

    private static string EfficientPart(int[] block, int part) =>
        $"features.{block[0]}.{block[1]}.block.{(block[0] == 1 ? part - 1 : part)}";

    [GeneratedRegex("_[0-9]{1,4}$", RegexOptions.CultureInvariant)]
    private static partial Regex TrailingNumber();

    [GeneratedRegex(
        @"^(?<block>(layer\d\.\d{1,2}\.)?)(conv(?<number>\d)|downsample\.0)\.bias$",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex ConvolutionBias();
}
