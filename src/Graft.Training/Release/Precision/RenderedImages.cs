using System.Numerics.Tensors;
using Graft.Imaging;
using Graft.Training.Extraction;

namespace Graft.Training.Release;

/// <summary>Images as a network takes them, in memory.</summary>
/// <param name="Pixels">Planes of R, G and B of each image, [3,H,W].</param>
/// <param name="Images">The images with their labels, N.</param>
internal sealed record RenderedImages(IReadOnlyList<byte[]> Pixels, IReadOnlyList<LabelledImage> Images)
{
    private const long MostBytes = 256 << 20;

    /// <summary>
    /// Renders at most <paramref name="most"/> images, fewer where they would fill too much memory. Their hashes choose
    /// them, so all classes take part and the order of the images does not matter.
    /// </summary>
    /// <exception cref="ImageException">An image can no longer be used.</exception>
    public static RenderedImages Of(
        IReadOnlyList<LabelledImage> images,
        int most,
        Preprocessor preprocessor,
        int threads,
        CancellationToken cancel
    )
    {
        int count = (int)Math.Min(most, Math.Max(1, MostBytes / preprocessor.PixelBytes));
        LabelledImage[] chosen =
        [
            .. images
                .OrderBy(image => image.ContentHash, StringComparer.Ordinal)
                .ThenBy(image => image.Name, StringComparer.Ordinal)
                .Take(count),
        ];
        byte[][] pixels = new byte[chosen.Length][];
        Workers.Run(
            [.. Enumerable.Range(0, chosen.Length)],
            threads,
            i => pixels[i] = preprocessor.Render(chosen[i].ReadBytes(preprocessor.Limits, cancel), chosen[i].Name),
            cancel
        );
        return new(pixels, chosen);
    }

    /// <summary>The images as inputs of a network, one after the other.</summary>
    public IEnumerable<float[]> Inputs
    {
        get
        {
            foreach (byte[] pixels in Pixels)
            {
                float[] input = new float[pixels.Length];
                TensorPrimitives.ConvertChecked<byte, float>(pixels, input);
                yield return input;
            }
        }
    }
}
