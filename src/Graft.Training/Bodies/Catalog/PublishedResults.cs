namespace Graft.Training.Bodies;

/// <summary>
/// Top-1 accuracies on ImageNet-1k as published for the weights of the catalogue, at the size of their pretraining.
/// They serve to recommend a body, never to judge a model.
/// </summary>
/// <param name="Accuracy">0 to 1.</param>
/// <param name="Source">Where it is published.</param>
/// <param name="Page">Where the weights are where the catalogue has no address of a file; null otherwise.</param>
/// <param name="Licence">Licence of the weights on <paramref name="Page"/>.</param>
internal sealed record PublishedResults(double Accuracy, string Source, string? Page = null, string? Licence = null)
{
    /// <summary>github.com/huggingface/pytorch-image-models at commit 7479d451 of August 2024.</summary>
    public const string Timm = "timm, results/results-imagenet.csv";

    private const string Torchvision = "torchvision, weights IMAGENET1K_V1";

    // Its linear probe stands for a classifier, which these weights lack. Two columns of features, 224 pixels.
    private const string Dinov2 = "DINOv2's README, linear probe";

    private static readonly Dictionary<string, PublishedResults> s_byName = new()
    {
        ["tf_efficientnet_lite0"] = new(0.748, Timm),
        ["tf_efficientnet_lite1"] = new(0.767, Timm),
        ["tf_efficientnet_lite2"] = new(0.775, Timm),
        ["alexnet"] = new(0.565, Torchvision),
        ["vgg11"] = new(0.690, Timm),
        ["vgg11_bn"] = new(0.704, Timm),
        ["vgg13"] = new(0.699, Timm),
        ["vgg13_bn"] = new(0.716, Timm),
        ["vgg16"] = new(0.716, Timm),
        ["vgg16_bn"] = new(0.734, Timm),
        ["vgg19"] = new(0.724, Timm),
        ["vgg19_bn"] = new(0.742, Timm),
        ["resnet18"] = new(0.698, Timm),
        ["resnet34"] = new(0.733, Timm),
        ["resnet50"] = new(0.762, Timm),
        ["resnet101"] = new(0.774, Timm),
        ["resnet152"] = new(0.783, Timm),
        ["resnext50_32x4d"] = new(0.776, Timm),
        ["wide_resnet50_2"] = new(0.785, Timm),
        ["squeezenet1_0"] = new(0.581, Torchvision),
        ["squeezenet1_1"] = new(0.582, Torchvision),
        ["densenet121"] = new(0.747, Timm),
        ["densenet169"] = new(0.759, Timm),
        ["efficientnet_b0"] = new(0.777, Timm),
        ["convnext_tiny"] = new(0.825, Torchvision),
        ["convnext_small"] = new(0.836, Torchvision),
        ["hgnetv2_b0"] = OfTimm(0.773, "hgnetv2_b0.ssld_stage2_ft_in1k"),
        ["hgnetv2_b1"] = OfTimm(0.789, "hgnetv2_b1.ssld_stage2_ft_in1k"),
        ["hgnetv2_b2"] = OfTimm(0.816, "hgnetv2_b2.ssld_stage2_ft_in1k"),
        ["hgnetv2_b3"] = OfTimm(0.829, "hgnetv2_b3.ssld_stage2_ft_in1k"),
        ["hgnetv2_b4"] = OfTimm(0.837, "hgnetv2_b4.ssld_stage2_ft_in1k"),
        ["mobilenetv4_conv_small"] = OfTimm(0.737, "mobilenetv4_conv_small.e2400_r224_in1k"),
        ["mobilenetv4_conv_medium"] = OfTimm(0.799, "mobilenetv4_conv_medium.e500_r256_in1k"),
        ["mobilenetv4_conv_large"] = OfTimm(0.830, "mobilenetv4_conv_large.e600_r384_in1k"),
        ["vit_tiny_patch16_224"] = OfTimm(0.755, "vit_tiny_patch16_224.augreg_in21k_ft_in1k"),
        ["vit_small_patch16_224"] = OfTimm(0.814, "vit_small_patch16_224.augreg_in21k_ft_in1k"),
        ["vit_base_patch16_224"] = OfTimm(0.851, "vit_base_patch16_224.augreg2_in21k_ft_in1k"),
        ["vit_small_patch14_dinov2"] = OfDino(0.811, "vit_small_patch14_dinov2.lvd142m"),
        ["vit_small_patch14_reg4_dinov2"] = OfDino(0.809, "vit_small_patch14_reg4_dinov2.lvd142m"),
        ["vit_base_patch14_dinov2"] = OfDino(0.845, "vit_base_patch14_dinov2.lvd142m"),
        ["vit_base_patch14_reg4_dinov2"] = OfDino(0.846, "vit_base_patch14_reg4_dinov2.lvd142m"),
    };

    /// <summary>The results of a network's usual weights; null where none is known.</summary>
    public static PublishedResults? Of(BodyEntry entry) => s_byName.GetValueOrDefault(entry.Name);

    // Licences are those of the pages' model cards.
    private static PublishedResults OfTimm(double accuracy, string weights) =>
        new(accuracy, Timm, $"https://huggingface.co/timm/{weights}", "Apache-2.0");

    private static PublishedResults OfDino(double accuracy, string weights) =>
        OfTimm(accuracy, weights) with
        {
            Source = Dinov2,
        };
}
