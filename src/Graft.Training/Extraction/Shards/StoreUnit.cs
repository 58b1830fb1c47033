using System.Globalization;
using Graft.Training.Run;

namespace Graft.Training.Extraction;

/// <summary>A block of consecutive images, as one kind of work on them.</summary>
/// <param name="Kind">The kind: <see cref="Looks"/> or <see cref="Rows"/>.</param>
/// <param name="Number">Its number, from 0.</param>
/// <param name="First">Index of its first image.</param>
/// <param name="Count">Number of its images.</param>
internal sealed record StoreUnit(string Kind, int Number, int First, int Count)
{
    /// <summary>Kind of the units that look at images: formats, sizes, perceptual hashes.</summary>
    public const string Looks = "looks";

    /// <summary>Kind of the units that run the frozen layers.</summary>
    public const string Rows = "rows";

    /// <summary>Name of the unit and its manifest.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Kind}-{Number:000000}");

    /// <summary>All units of a kind, in the order of the images.</summary>
    public static IEnumerable<StoreUnit> All(string kind, StoreHeader header) =>
        Enumerable
            .Range(0, header.UnitCount)
            .Select(number => new StoreUnit(
                kind,
                number,
                number * header.UnitImages,
                Math.Min(header.UnitImages, header.ImageCount - (number * header.UnitImages))
            ));

    /// <summary>The images of the unit.</summary>
    public IReadOnlyList<LabelledImage> Of(IReadOnlyList<LabelledImage> images) => [.. images.Skip(First).Take(Count)];

    /// <summary>SHA-256 over the contents of images.</summary>
    public static string FingerprintOf(IEnumerable<LabelledImage> images) =>
        Fingerprint.OfLines(images.Select(image => image.ContentHash));
}
