using Graft.Imaging;

namespace Graft.Training.Data;

/// <summary>Properties of an image, without its pixels.</summary>
/// <param name="Width">Width of the upright image, in pixels.</param>
/// <param name="Height">Height of the upright image, in pixels.</param>
/// <param name="IsGrey">True if the header or the pixels are grey.</param>
/// <param name="IsBlank">True if the pixels are almost uniform.</param>
internal readonly record struct ImageTraits(
    ImageHeader Header,
    int Width,
    int Height,
    long FileBytes,
    bool IsGrey,
    bool IsBlank
);
