namespace Graft.Imaging;

/// <summary>Format and content hash of an image file.</summary>
/// <param name="Format">Format that the first bytes show.</param>
/// <param name="ContentHash">
/// SHA-256 of the whole file, 64 lower-case hexadecimal digits; empty if the format is unknown.
/// </param>
/// <param name="Problem">Reason why a file of unknown format cannot be used; null if the format is known.</param>
public sealed record ImageFileSummary(ImageFormat Format, string ContentHash, ImageException? Problem);
