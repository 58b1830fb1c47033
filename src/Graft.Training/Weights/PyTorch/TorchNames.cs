namespace Graft.Training.Weights;

/// <summary>
/// Translates names in PyTorch files that differ from the builders' names. timm's ResNet, DenseNet and
/// EfficientNet-Lite need no translation.
/// </summary>
internal static class TorchNames
{
    /// <summary>
    /// Number of blocks in each stage of EfficientNet-B0 and Lite0, with width and depth 1.0 (Tan and Le, 2019, table
    /// 1).
    /// </summary>
    private static readonly int[] Stages = [1, 2, 2, 3, 3, 4, 1];

    /// <summary>
    /// Number of blocks in each stage of Lite1 and Lite2, with depth 1.1 and 1.2. The first and the last stage do not
    /// scale (efficientnet_lite_builder.py).
    /// </summary>
    private static readonly int[] DeeperStages = [1, 3, 3, 4, 4, 5, 1];

    /// <summary>Number of blocks in each stage of MobileNetV2 (Sandler et al., 2018, table 2).</summary>
    private static readonly int[] MobileNetV2Stages = [1, 2, 3, 4, 3, 3, 1];

    /// <summary>The tables of all networks.</summary>
    public static IReadOnlyList<WeightNameMap> Maps { get; } =
    [
        Map("an EfficientNet-Lite file of its PyTorch author", Lite(Stages)),
        Map("an EfficientNet-Lite file of its PyTorch author, deeper", Lite(DeeperStages)),
        Map("timm's VGG", TimmVgg()),
        Map("timm's MobileNetV2", TimmMobileNetV2()),
        Map("timm's EfficientNet", TimmEfficientNet()),
        Map("torchvision's DenseNet before 2019", OldDenseNet()),
    ];

    private static WeightNameMap Map(string source, NameTable modules) => new(source, name => Rename(name, modules));

    // Translates the module ("bn1") and keeps the parameter behind the last dot ("weight").
    private static string? Rename(string name, NameTable modules)
    {
        int dot = name.LastIndexOf('.');
        return dot > 0 && modules.Find(name[..dot]) is { } module ? module + name[dot..] : null;
    }

    // github.com/RangiLyu/EfficientNet-Lite has a single list of blocks, and its first block has no expansion.
    private static NameTable Lite(int[] stages) =>
        new NameTable()
            .Add("_conv_stem", "conv_stem")
            .Add("_bn0", "bn1")
            .Add("_conv_head", "conv_head")
            .Add("_bn1", "bn2")
            .Add("_fc", "classifier")
            .Add("_blocks.0._depthwise_conv", "blocks.0.0.conv_dw")
            .Add("_blocks.0._bn1", "blocks.0.0.bn1")
            .Add("_blocks.0._project_conv", "blocks.0.0.conv_pw")
            .Add("_blocks.0._bn2", "blocks.0.0.bn2")
            .Add("_blocks.#._expand_conv", n => Block(stages, n[0]) + "conv_pw")
            .Add("_blocks.#._bn0", n => Block(stages, n[0]) + "bn1")
            .Add("_blocks.#._depthwise_conv", n => Block(stages, n[0]) + "conv_dw")
            .Add("_blocks.#._bn1", n => Block(stages, n[0]) + "bn2")
            .Add("_blocks.#._project_conv", n => Block(stages, n[0]) + "conv_pwl")
            .Add("_blocks.#._bn2", n => Block(stages, n[0]) + "bn3");

    // "blocks.3.1." for index 7 of Lite0. An index past the end gives a name that no network expects.
    private static string Block(int[] stages, int index)
    {
        int stage = 0;
        while (stage < stages.Length && index >= stages[stage])
        {
            index -= stages[stage++];
        }

        return $"blocks.{stage}.{index}.";
    }

    // timm stores the two hidden layers as convolutions, [4096,512,7,7] and [4096,4096,1,1], with the same numbers in
    // the same order.
    private static NameTable TimmVgg() =>
        new NameTable()
            .Add("features.#", "features.{0}")
            .Add("pre_logits.fc1", "classifier.0")
            .Add("pre_logits.fc2", "classifier.3")
            .Add("head.fc", "classifier.6");

    private static NameTable TimmMobileNetV2() =>
        new NameTable()
            .Add("conv_stem", "features.0.0")
            .Add("bn1", "features.0.1")
            .Add("conv_head", "features.18.0")
            .Add("bn2", "features.18.1")
            .Add("classifier", "classifier.1")
            .Add("blocks.0.0.conv_dw", "features.1.conv.0.0")
            .Add("blocks.0.0.bn1", "features.1.conv.0.1")
            .Add("blocks.0.0.conv_pw", "features.1.conv.1")
            .Add("blocks.0.0.bn2", "features.1.conv.2")
            .Add("blocks.#.#.conv_pw", n => Feature(n) + "0.0")
            .Add("blocks.#.#.bn1", n => Feature(n) + "0.1")
            .Add("blocks.#.#.conv_dw", n => Feature(n) + "1.0")
            .Add("blocks.#.#.bn2", n => Feature(n) + "1.1")
            .Add("blocks.#.#.conv_pwl", n => Feature(n) + "2")
            .Add("blocks.#.#.bn3", n => Feature(n) + "3");

    private static string Feature(int[] block) =>
        $"features.{1 + MobileNetV2Stages.Take(block[0]).Sum() + block[1]}.conv.";

    private static NameTable TimmEfficientNet() =>
        new NameTable()
            .Add("conv_stem", "features.0.0")
            .Add("bn1", "features.0.1")
            .Add("conv_head", "features.8.0")
            .Add("bn2", "features.8.1")
            .Add("classifier", "classifier.1")
            .Add("blocks.0.#.conv_dw", "features.1.{0}.block.0.0")
            .Add("blocks.0.#.bn1", "features.1.{0}.block.0.1")
            .Add("blocks.0.#.se.conv_reduce", "features.1.{0}.block.1.fc1")
            .Add("blocks.0.#.se.conv_expand", "features.1.{0}.block.1.fc2")
            .Add("blocks.0.#.conv_pw", "features.1.{0}.block.2.0")
            .Add("blocks.0.#.bn2", "features.1.{0}.block.2.1")
            .Add("blocks.#.#.conv_pw", n => Stage(n) + "0.0")
            .Add("blocks.#.#.bn1", n => Stage(n) + "0.1")
            .Add("blocks.#.#.conv_dw", n => Stage(n) + "1.0")
            .Add("blocks.#.#.bn2", n => Stage(n) + "1.1")
            .Add("blocks.#.#.se.conv_reduce", n => Stage(n) + "2.fc1")
            .Add("blocks.#.#.se.conv_expand", n => Stage(n) + "2.fc2")
            .Add("blocks.#.#.conv_pwl", n => Stage(n) + "3.0")
            .Add("blocks.#.#.bn3", n => Stage(n) + "3.1");

    private static string Stage(int[] block) => $"features.{block[0] + 1}.{block[1]}.block.";

    // Old files have "denselayer1.norm.1" in place of "denselayer1.norm1" (torchvision/models/densenet.py,
    // _load_state_dict).
    private static NameTable OldDenseNet() =>
        new NameTable()
            .Add("features.denseblock#.denselayer#.norm.#", "features.denseblock{0}.denselayer{1}.norm{2}")
            .Add("features.denseblock#.denselayer#.conv.#", "features.denseblock{0}.denselayer{1}.conv{2}")
            .Add("features.transition#.norm", "features.transition{0}.norm")
            .Add("features.transition#.conv", "features.transition{0}.conv")
            .Add("features.conv0", "features.conv0")
            .Add("features.norm0", "features.norm0")
            .Add("features.norm5", "features.norm5")
            .Add("classifier", "classifier");
}
