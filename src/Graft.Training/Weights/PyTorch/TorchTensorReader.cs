namespace Graft.Training.Weights;

/// <summary>
/// Reads the values of tensors. A storage is read once. A tensor in row-major order becomes a slice of it; any other
/// view (transposed, stepped or expanded) is copied into row-major order.
/// </summary>
/// <param name="file">The file, for messages.</param>
/// <param name="budget">The memory that may be reserved.</param>
/// <param name="read">Reads the bytes of a storage.</param>
internal sealed class TorchTensorReader(
    WeightBytes file,
    MemoryBudget budget,
    Func<TorchStorage, ReadOnlyMemory<byte>> read
)
{
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _storages = [];

    /// <summary>Reads a tensor.</summary>
    /// <exception cref="WeightFileException">The tensor reaches past its storage, or is too large.</exception>
    public WeightTensor Read(string name, TorchTensor tensor)
    {
        string place = $"tensor '{name}'";
        int size = WeightTensor.SizeOf(tensor.Type);
        long length = WeightTensor.ByteCount(tensor.Type, tensor.Shape)
            ?? throw file.Refuse(place, "has more elements than can be counted");
        if (length == 0)
        {
            return new WeightTensor(name, tensor.Type, tensor.Shape, ReadOnlyMemory<byte>.Empty);
        }

        ReadOnlyMemory<byte> storage = Storage(tensor.Storage);
        long first = (tensor.Storage.Offset + tensor.Offset) * size;
        if (IsRowMajor(tensor))
        {
            return storage.Length - first < length
                ? throw TooShort(place, tensor, storage.Length)
                : new WeightTensor(name, tensor.Type, tensor.Shape, storage.Slice((int)first, (int)length));
        }

        long last = tensor.Shape.Zip(tensor.Strides, (dimension, stride) => (dimension - 1) * stride).Sum() * size;
        if (storage.Length - first < last + size)
        {
            throw TooShort(place, tensor, storage.Length);
        }

        budget.Reserve(length, place);
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)length);
        StridedCopy.Gather(storage.Span[(int)first..], bytes, tensor.Shape, tensor.Strides, size);
        return new WeightTensor(name, tensor.Type, tensor.Shape, bytes);
    }

    private WeightFileException TooShort(string place, TorchTensor tensor, int length) =>
        file.Refuse(place, $"reaches past the {length} bytes of storage '{tensor.Storage.Key}'; the file is damaged");

    private ReadOnlyMemory<byte> Storage(TorchStorage storage)
    {
        if (!_storages.TryGetValue(storage.Key, out ReadOnlyMemory<byte> bytes))
        {
            bytes = read(storage);
            _storages.Add(storage.Key, bytes);
        }

        // Tensors were checked against the storage's claimed count, so the file must hold at least that many elements.
        // This also keeps all products below 2^31.
        return storage.Offset + storage.Count <= bytes.Length / storage.ElementSize
            ? bytes
            : throw file.Refuse(
                $"storage '{storage.Key}'",
                $"has {bytes.Length} bytes and claims {storage.Count} elements of {storage.ElementSize} bytes"
            );
    }

    private static bool IsRowMajor(TorchTensor tensor)
    {
        long expected = 1;
        for (int i = tensor.Shape.Length - 1; i >= 0; i--)
        {
            if (tensor.Shape[i] != 1 && tensor.Strides[i] != expected)
            {
                return false;
            }

            expected *= tensor.Shape[i];
        }

        return true;
    }
}
