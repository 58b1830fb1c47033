using System.Security.Cryptography;
using Graft.Imaging;
using Graft.Onnx;

namespace Graft.Prediction;

/// <summary>
/// The network's answer to a generated image, recorded at export. Loading a model repeats it and so notices a processor
/// or native library that computes wrongly. The file need not hold the image, because a formula draws it.
/// </summary>
/// <param name="Image">Number of the generated image, 0 to 7.</param>
/// <param name="PixelsSha256">
/// SHA-256 of the image's pixels, 64 hexadecimal digits. It reveals a program that draws another image.
/// </param>
/// <param name="Expected">The probabilities in the order of the labels.</param>
public sealed record SelfTest(int Image, string PixelsSha256, IReadOnlyList<float> Expected)
{
    /// <summary>
    /// Largest difference between a probability and the expected one. Float32 in another order of operations stays
    /// below 1e-5, wrong code does not.
    /// </summary>
    internal const double Tolerance = 1e-3;

    /// <summary>
    /// The same for a file in int8. Other instructions may round a value to the level beside it, which moves a
    /// probability further.
    /// </summary>
    internal const double ByteTolerance = 0.02;

    /// <summary>Number of generated images that <see cref="Create"/> tries.</summary>
    internal const int CandidateImages = 8;

    /// <summary>
    /// Records the network's answer to the generated image with the least certain prediction. Where one probability is
    /// nearly 1, even large errors in the network hardly show.
    /// </summary>
    /// <param name="model">Bytes of the classifier's ONNX file, with or without its card.</param>
    /// <param name="name">Name of the model in error messages.</param>
    /// <param name="preprocessing">Size of the network's input.</param>
    /// <exception cref="OnnxException">ONNX Runtime cannot run the network, or it is not a classifier.</exception>
    public static SelfTest Create(byte[] model, string name, Preprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(preprocessing);
        using ClassifierNetwork network = new(model, name);
        (int Image, float[] Expected) best = Enumerable
            .Range(0, CandidateImages)
            .Select(image => (image, network.Run(Input(preprocessing, image), 1, preprocessing).Probabilities))
            .MinBy(candidate => candidate.Probabilities.Max());
        return new(best.Image, Hash(SelfTestImage.Draw(preprocessing, best.Image)), best.Expected);
    }

    /// <summary>Runs the network on the image and compares the answers.</summary>
    /// <param name="preprocessing">Size of the network's input.</param>
    /// <param name="network">The network.</param>
    /// <param name="name">Name of the model in error messages.</param>
    /// <param name="precision">The numbers that the network computes with.</param>
    /// <exception cref="ModelCardException">
    /// The answer differs by more than <see cref="Tolerance"/>, or this program draws another image.
    /// </exception>
    internal void Run(
        Preprocessing preprocessing,
        ClassifierNetwork network,
        string name,
        ModelPrecision precision = ModelPrecision.Float32
    )
    {
        byte[] pixels = SelfTestImage.Draw(preprocessing, Image);
        if (!Hash(pixels).Equals(PixelsSha256, StringComparison.OrdinalIgnoreCase))
        {
            throw new ModelCardException(
                name,
                "its self-test was made with another image than this program draws; "
                    + "train or export the model again with this version of Graft"
            );
        }

        float[] input = Array.ConvertAll(pixels, pixel => (float)pixel);
        float[] probabilities = network.Run(input, 1, preprocessing).Probabilities;
        if (probabilities.Length != Expected.Count)
        {
            throw new ModelCardException(
                name,
                $"its card has {Expected.Count:N0} labels and its network {probabilities.Length:N0} outputs; "
                    + "train or export the model again with Graft"
            );
        }

        bool isInBytes = precision == ModelPrecision.Int8;
        double limit = isInBytes ? ByteTolerance : Tolerance;
        double difference = Difference(probabilities);
        if (!(difference <= limit))
        {
            throw new ModelCardException(
                name,
                "its self-test gives other probabilities here than when it was made "
                    + $"(difference {difference:0.####}, limit {limit}); "
                    + (
                        isInBytes
                            ? "the file was changed, or sums overflow here because the processor has no VNNI: copy the "
                                + "file again, then export it with weights of 7 bits"
                            : "the file was changed, or ONNX Runtime computes wrongly on this machine: "
                                + "copy the file again, then try another version of ONNX Runtime"
                    )
            );
        }
    }

    /// <summary>Largest difference from the expected probabilities; NaN if a probability is NaN.</summary>
    internal double Difference(IReadOnlyList<float> probabilities)
    {
        double largest = 0;
        for (int i = 0; i < Expected.Count; i++)
        {
            largest = Math.Max(largest, Math.Abs((double)probabilities[i] - Expected[i])); // Math.Max propagates NaN
        }

        return largest;
    }

    /// <summary>A generated image as the network's input: planes of R, G and B, 0 to 255, [1,3,H,W].</summary>
    internal static float[] Input(Preprocessing preprocessing, int image) =>
        Array.ConvertAll(SelfTestImage.Draw(preprocessing, image), pixel => (float)pixel);

    private static string Hash(byte[] pixels) => Convert.ToHexStringLower(SHA256.HashData(pixels));
}
