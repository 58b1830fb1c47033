using System.Buffers.Binary;

namespace Graft.Training.Weights;

/// <summary>
/// Reads the storages of PyTorch's legacy format. They follow the pickles in the order of a list of keys. Each has an
/// element count (8 bytes) and its elements. Only the tensors tell the size of an element.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="budget">The memory that may be reserved.</param>
/// <param name="known">The storages that tensors refer to, by key.</param>
internal sealed class LegacyStorages(
    WeightBytes file,
    MemoryBudget budget,
    IReadOnlyDictionary<string, TorchStorage> known
)
{
    private readonly Dictionary<string, (long Offset, long Length)> _places = [];

    /// <summary>Finds the place of each storage.</summary>
    /// <param name="keys">The unpickled list of storage keys.</param>
    /// <param name="start">Offset of the first byte behind that list.</param>
    /// <exception cref="WeightFileException">The list or a storage is damaged.</exception>
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
                    $"lacks some of its {count} elements of {storage.ElementSize} bytes; "
                        + "the file is cut short or damaged"
                );
            }

            if (!_places.TryAdd(key, (start, count * storage.ElementSize)))
            {
                throw file.Refuse(place, "is listed twice");
            }

            start += count * storage.ElementSize;
        }
    }

    /// <summary>Reads the bytes of a storage.</summary>
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
