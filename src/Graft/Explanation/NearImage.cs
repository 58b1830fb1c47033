namespace Graft.Explanation;

/// <summary>A training image that looks to the network like another image.</summary>
/// <param name="Name">Its name in the training set: untrusted text.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="ContentHash">SHA-256 of its file, as 64 lower-case hexadecimal digits.</param>
/// <param name="Distance">
/// One minus the cosine of the two images' features, 0 to 2. Images that look the same to the network have 0.
/// </param>
public sealed record NearImage(string Name, IReadOnlyList<string> Labels, string ContentHash, double Distance)
{
    /// <summary>A small picture of it: a JPEG file of at most 96 pixels a side.</summary>
    public required ReadOnlyMemory<byte> Thumbnail { get; init; }
}
