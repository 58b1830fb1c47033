using Graft.Imaging;

namespace Graft.Training.Bodies;

/// <summary>
/// The newer entries of the catalogue, which timm names. Preprocessing is that of timm's first weights of each name
/// (default_cfgs in timm/models/hgnet.py, mobilenetv3.py and vision_transformer.py); a crop of 224 with a crop_pct of
/// 0.965 is cut out of floor(224 / 0.965) pixels.
/// </summary>
internal static class TimmBodies
{
    private static readonly Dictionary<string, Architecture> s_architectures = HgNetV2
        .All.Concat(MobileNetV4.All)
        .Concat(VisionTransformer.All)
        .ToDictionary(architecture => architecture.Name);

    public static readonly IReadOnlyList<BodyEntry> Entries =
    [
        ImageNet("hgnetv2_b0", 5_996_550, 232, 224),
        ImageNet("hgnetv2_b1", 6_343_158, 232, 224),
        ImageNet("hgnetv2_b2", 11_221_356, 232, 224),
        ImageNet("hgnetv2_b3", 16_292_216, 232, 224),
        ImageNet("hgnetv2_b4", 19_796_680, 232, 224),
        ImageNet("mobilenetv4_conv_small", 3_774_024, 256, 224),
        ImageNet("mobilenetv4_conv_medium", 9_715_512, 269, 256),
        ImageNet("mobilenetv4_conv_large", 32_590_864, 404, 384),
        Google("vit_tiny_patch16_224", 5_717_416),
        Google("vit_small_patch16_224", 22_050_664),
        Google("vit_base_patch16_224", 86_567_656),
        Dino("vit_small_patch14_dinov2", 22_013_800),
        Dino("vit_small_patch14_reg4_dinov2", 22_014_952),
        Dino("vit_base_patch14_dinov2", 86_493_928),
        Dino("vit_base_patch14_reg4_dinov2", 86_496_232),
    ];

    private static BodyEntry Entry(string name, long parameters, Preprocessing preprocessing) =>
        new(s_architectures[name], parameters, preprocessing, [], []);

    private static BodyEntry ImageNet(string name, long parameters, int resize, int crop) =>
        Entry(name, parameters, PreprocessingPresets.ImageNet(resize, crop, Interpolation.Bicubic));

    // Google's weights: values from -1 to 1.
    private static BodyEntry Google(string name, long parameters) =>
        Entry(name, parameters, PreprocessingPresets.Half(248, 224, Interpolation.Bicubic));

    // timm's default is 518 pixels with a crop_pct of 1, which takes more than five times the work of 224.
    private static BodyEntry Dino(string name, long parameters) => ImageNet(name, parameters, 224, 224);
}
