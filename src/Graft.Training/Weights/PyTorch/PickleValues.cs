namespace Graft.Training.Weights;

// Besides these types, the unpickler makes null (None), bool, long, BigInteger, double, string, byte[] (bytes),
// object?[] (a tuple) and List<object?>.

/// <summary>A dict or an OrderedDict.</summary>
internal sealed class PickleDictionary
{
    private List<KeyValuePair<object?, object?>>? _pairs;

    /// <summary>Pairs in the order of insertion. Of several with one key, the last counts.</summary>
    public IReadOnlyList<KeyValuePair<object?, object?>> Pairs => _pairs ?? [];

    /// <summary>Adds a pair.</summary>
    public void Set(object? key, object? value) => (_pairs ??= []).Add(new(key, value));
}

/// <summary>The name of a known Python class or function. It is compared, but never looked up.</summary>
/// <param name="Module">Python module.</param>
/// <param name="Name">Name in the module.</param>
internal sealed record PickleGlobal(string Module, string Name)
{
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>A storage: a block of elements that tensors share.</summary>
/// <param name="Key">Name of the storage in the file.</param>
/// <param name="Type">Type of the elements; null for an untyped storage, whose elements are bytes.</param>
/// <param name="Offset">Index of the first element in the storage of this key; above 0 only for a view.</param>
/// <param name="Count">Number of elements.</param>
internal sealed record TorchStorage(string Key, WeightType? Type, long Offset, long Count)
{
    /// <summary>Size of an element in bytes.</summary>
    public int ElementSize => Type is { } type ? WeightTensor.SizeOf(type) : 1;
}

/// <summary>A tensor's description, before its values are read.</summary>
/// <param name="Storage">The storage with its values.</param>
/// <param name="Type">Type of the elements.</param>
/// <param name="Offset">Index of its first element in the storage.</param>
/// <param name="Shape">Dimensions, outermost first.</param>
/// <param name="Strides">Steps in elements, one for each dimension.</param>
internal sealed record TorchTensor(TorchStorage Storage, WeightType Type, long Offset, long[] Shape, long[] Strides);
