using System.Buffers.Binary;

namespace Graft.Training.Weights;

/// <summary>
/// The storages of PyTorch's legacy form: one after the other behind the pickles, in the order of a list of keys, each
/// an element count (8 bytes)
/// and the elements. How wide an element is, only the tensors say.
/// </summary>
internal sealed class LegacyStorages(
    WeightBytes file,
    MemoryBudget budget,
    IReadOnlyDictionary<string, TorchStorage> known
)
{
    private readonly Dictionary<string, (long Offset, long Length)> _places = [];

    /// <param name="keys">The unpickled list of storage keys.</param>
    /// <param name="start">The byte behind that list.</param>
    public void Locate(object? keys, long start)
    {
        if (keys is not List<object?> names)
        {
            throw file.Refuse("the list of storages", "is not a list");
        }

        Span<byte> countBytes = stackalloc byte[8];
        foreach (object? name in names)
        {
            if (name is not string key || !known.TryGetValue(key, out TorchStorage? storage))
            {
                throw file.Refuse(
                    "the list of storages",
                    $"names {TorchGlobals.Describe(name)}, which no tensor uses; the file is damaged"
                );
            }

            string place = $"storage '{key}' at byte {start}";
            file.ReadExactly(start, countBytes, place);
            long count = BinaryPrimitives.ReadInt64LittleEndian(countBytes);
            start += 8;
            if (count < 0 || count > (file.Length - start) / storage.ElementSize)
            {
                throw file.Refuse(
                    place,
                    $"{count} elements of {storage.ElementSize} bytes do not follow; the file is cut short or damaged"
                );
            }

            if (!_places.TryAdd(key, (start, count * storage.ElementSize)))
            {
                throw file.Refuse(place, "is listed twice");
            }

            start += count * storage.ElementSize;
        }
    }

    public ReadOnlyMemory<byte> Read(TorchStorage storage)
    {
        string place = $"storage '{storage.Key}'";
        if (!_places.TryGetValue(storage.Key, out (long Offset, long Length) found))
        {
            throw file.Refuse(place, "is not in the file; a tensor needs it");
        }

        budget.Reserve(found.Length, place);
        return file.Read(found.Offset, found.Length, place);
    }
}
