namespace Graft.Training.Extraction;

/// <summary>Place of a value in the cache. <paramref name="Checksum"/> covers its key and its bytes.</summary>
internal readonly record struct CachedValue(long Id, int Bytes, long Checksum)
{
    /// <summary>True where it lies in the store under the cache.</summary>
    public bool IsStored { get; init; }
}

/// <summary>What a value belongs to, for the list of the cache's contents. No part of its key.</summary>
/// <param name="Body">Name of the network.</param>
/// <param name="Edge">Name of the edge, or what else was computed.</param>
/// <param name="Detail">Shape and precision of the values.</param>
internal sealed record CacheStream(string Body, string Edge, string Detail);

/// <summary>A value that is not written yet.</summary>
internal sealed record PendingValue(byte[] Key, CacheStream Stream, byte[] Value, long Checksum);
