namespace Graft.Training;

/// <summary>What a merge has made.</summary>
/// <param name="File">Path of the file with the features and activations.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Bytes">Size of the file, in bytes.</param>
/// <param name="Sha256">SHA-256 of the file, 64 lower-case hexadecimal digits.</param>
/// <param name="IsReproducible">False where machines with different instruction sets computed rows.</param>
public sealed record MergedFeatures(string File, long Rows, long Bytes, string Sha256, bool IsReproducible);
