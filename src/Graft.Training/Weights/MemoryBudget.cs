namespace Graft.Training.Weights;

/// <summary>
/// What a reader may still reserve for one file, so that a small file cannot ask for much memory: twice the file (its
/// bytes, and one copy in
/// another order) and 32 MB, half of what the project allows.
/// </summary>
internal sealed class MemoryBudget(WeightBytes file)
{
    private const long Allowance = 32L << 20;
    private readonly long _total = (2 * file.Length) + Allowance;
    private long _taken;

    /// <exception cref="WeightFileException">Less than <paramref name="bytes"/> is left; nothing has been
    /// reserved.</exception>
    public void Reserve(long bytes, string place)
    {
        if (bytes < 0 || bytes > _total - _taken)
        {
            throw file.Refuse(
                place,
                $"asks for {bytes} bytes of memory; a file of {file.Length} bytes gets at most {_total}"
            );
        }

        _taken += bytes;
    }
}
