using Graft.Imaging;
using Graft.Training.Data;

namespace Graft.Training.Extraction;

/// <summary>Keeps the results of inspecting images in the cache.</summary>
internal static class InspectionCache
{
    private static readonly CacheStream s_stream = new("any", "looks at images", Preprocessor.RenderingVersion);

    /// <summary>A store in <paramref name="cache"/>; null without one.</summary>
    public static InspectionStore? In(ActivationCache? cache, DecodeLimits limits) =>
        cache is null
            ? null
            : new(
                image => cache.Get(KeyOf(image, limits)) is byte[] kept ? PixelInspection.FromBytes(kept) : null,
                (image, look) => cache.Add(KeyOf(image, limits), s_stream, look.ToBytes())
            );

    private static byte[] KeyOf(LabelledImage image, DecodeLimits limits) =>
        CacheKey.OfDecoding(image.ContentHash, limits, "look");
}
