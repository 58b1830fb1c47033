namespace Graft.Training.Extraction;

/// <summary>A value of a cache or a store with all that belongs to it.</summary>
/// <param name="Key">Its key, 32 bytes.</param>
/// <param name="Stream">What it belongs to.</param>
/// <param name="Value">Its bytes.</param>
/// <param name="Checksum">Covers key and bytes.</param>
internal sealed record StoredRow(byte[] Key, CacheStream Stream, byte[] Value, long Checksum)
{
    /// <summary>False where a byte of the key or the value has changed.</summary>
    public bool IsWhole => ActivationCache.Checksum(Key, Value) == Checksum;
}
