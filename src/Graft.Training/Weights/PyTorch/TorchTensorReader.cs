namespace Graft.Training.Weights;

/// <summary>
/// Turns described tensors into bytes. A storage is read once; a tensor that lies in it in row-major order is a slice
/// of it, any other view
/// (transposed, stepped, expanded) is copied into row-major order.
/// </summary>
internal sealed class TorchTensorReader(
    WeightBytes file,
    MemoryBudget budget,
    Func<TorchStorage, ReadOnlyMemory<byte>> read
)
{
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _storages = [];

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

        // The described count was checked against the tensors; the file's true count must be no smaller (also what
        // keeps products below 2^31).
        return storage.Offset + storage.Count <= bytes.Length / storage.ElementSize
            ? bytes
            : throw file.Refuse(
                $"storage '{storage.Key}'",
                $"has {bytes.Length} bytes, {storage.Count} elements of {storage.ElementSize} are claimed"
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
