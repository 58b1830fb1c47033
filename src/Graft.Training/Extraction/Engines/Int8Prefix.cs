using System.Globalization;
using System.Numerics.Tensors;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Graft.Imaging;
using Graft.Onnx;
using Graft.Training.Quantization;

namespace Graft.Training.Extraction;

/// <summary>
/// A prefix in int8. Its ranges come from plain views of training images, so the same run always gets the same network.
/// It is kept in the cache.
/// </summary>
internal static class Int8Prefix
{
    private const int MostImages = 32;

    // Clips one value in ten thousand on each side.
    private const CalibrationMethod Method = CalibrationMethod.Percentile;

    /// <summary>The prefix in int8.</summary>
    /// <param name="prefix">The prefix in float32, from pixels; not changed.</param>
    /// <param name="name">Name of the body.</param>
    /// <param name="training">The training images, whose hashes choose those that are measured.</param>
    /// <param name="preprocessor">Renders them.</param>
    /// <param name="cache">Keeps the network. Null: none.</param>
    /// <exception cref="OnnxException">The work of the prefix is not in convolutions, or it is in int8
    /// already.</exception>
    public static OnnxModel Of(
        OnnxModel prefix,
        string name,
        IReadOnlyList<LabelledImage> training,
        Preprocessor preprocessor,
        ActivationCache? cache
    )
    {
        LabelledImage[] images =
        [
            .. training
                .DistinctBy(image => image.ContentHash)
                .OrderBy(image => image.ContentHash, StringComparer.Ordinal),
        ];
        byte[] key = KeyOf(prefix, images, preprocessor);
        if (cache?.Get(key) is byte[] kept)
        {
            return OnnxModel.Parse(kept, name);
        }

        Preprocessing size = preprocessor.Preprocessing;
        NetworkQuantizer quantizer = NetworkQuantizer.Of(
            prefix,
            name,
            [3, size.Height, size.Width],
            hasLastLayer: false,
            wayOut: "choose another engine"
        );
        // one thread: the order of its sums is always the same
        quantizer.Measure(Inputs(images, preprocessor), [1, 3, size.Height, size.Width], threads: 1);
        OnnxModel network = quantizer.Write(Method, Processor.WeightBits);
        cache?.Add(key, new(name, "the frozen layers in int8", "Int8"), network.ToBytes());
        return network;
    }

    private static byte[] KeyOf(OnnxModel prefix, LabelledImage[] images, Preprocessor preprocessor) =>
        CacheKey.OfParts(
            string.Create(CultureInfo.InvariantCulture, $"int8 prefix {Method} {Processor.WeightBits} bits"),
            [
                Encoding.UTF8.GetBytes(CacheKey.OnnxRuntime),
                Encoding.UTF8.GetBytes(Preprocessor.RenderingVersion),
                JsonSerializer.SerializeToUtf8Bytes(preprocessor.Preprocessing),
                JsonSerializer.SerializeToUtf8Bytes(preprocessor.Limits),
                SHA256.HashData(prefix.ToBytes()),
                .. images.Take(MostImages).Select(image => Encoding.UTF8.GetBytes(image.ContentHash)),
            ]
        );

    // An image that cannot be used is left out here, and named by the extraction.
    private static IEnumerable<float[]> Inputs(LabelledImage[] images, Preprocessor preprocessor)
    {
        foreach (LabelledImage image in images.Take(MostImages))
        {
            if (Render(image, preprocessor) is byte[] pixels)
            {
                float[] input = new float[pixels.Length];
                TensorPrimitives.ConvertChecked<byte, float>(pixels, input);
                yield return input;
            }
        }
    }

    private static byte[]? Render(LabelledImage image, Preprocessor preprocessor)
    {
        try
        {
            return preprocessor.Render(image.ReadBytes(preprocessor.Limits), image.Name);
        }
        catch (ImageException)
        {
            return null;
        }
    }
}
