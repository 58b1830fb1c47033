namespace Graft.Training.Weights;

/// <summary>One file in a zip archive.</summary>
/// <param name="Name">Name in the archive; never used as a path.</param>
/// <param name="HeaderOffset">Offset of its local header.</param>
/// <param name="PackedLength">Size in the archive in bytes.</param>
/// <param name="Length">Unpacked size in bytes, as the archive claims.</param>
/// <param name="Method">Compression method: 0 stored, 8 deflated.</param>
internal sealed record ZipEntry(string Name, long HeaderOffset, long PackedLength, long Length, int Method);
