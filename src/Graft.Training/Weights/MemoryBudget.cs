namespace Graft.Training.Weights;

/// <summary>
/// The memory that a reader may reserve for one file: twice the file's size plus 32 MB. Twice, because its bytes may be
/// copied once into another order. A small hostile file can therefore not claim much memory.
/// </summary>
/// <param name="file">The file to read.</param>
internal sealed class MemoryBudget(WeightBytes file)
{
    private const long Allowance = 32L << 20;
    private readonly long _total = (2 * file.Length) + Allowance;
    private long _reserved;

    /// <summary>Counts a reservation. Call it before memory is allocated.</summary>
    /// <param name="bytes">Number of bytes.</param>
    /// <param name="place">What in the file needs them, for the message.</param>
    /// <exception cref="WeightFileException">Fewer bytes are left.</exception>
    public void Reserve(long bytes, string place)
    {
        if (bytes < 0 || bytes > _total - _reserved)
        {
            throw file.Refuse(
                place,
                $"asks for {bytes} bytes of memory; a file of {file.Length} bytes gets at most {_total}"
            );
        }

        _reserved += bytes;
    }
}
