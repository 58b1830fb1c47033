namespace Graft.Training.Weights;

/*
   What an unpickler makes, besides null (None), bool, long, BigInteger, double, string, byte[] (bytes), object?[] (a tuple) and List<object?>.
*/

/// <summary>A dict or an OrderedDict, in the order of insertion; a later pair of the same key counts.</summary>
internal sealed class PickleDictionary
{
    private List<KeyValuePair<object?, object?>>? _pairs;

    public IReadOnlyList<KeyValuePair<object?, object?>> Pairs => _pairs ?? [];

    public void Set(object? key, object? value) => (_pairs ??= []).Add(new(key, value));
}

/// <summary>A name of Python's that stands for a known class or function; it is never looked up anywhere.</summary>
internal sealed record PickleGlobal(string Module, string Name)
{
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>A storage: a run of elements that tensors look into.</summary>
/// <param name="Key">Its name in the file.</param>
/// <param name="Type">Null for an untyped storage, whose elements are bytes.</param>
/// <param name="Offset">The first element in the storage named <paramref name="Key"/>; not 0 for a view only.</param>
/// <param name="Count">In elements.</param>
internal sealed record TorchStorage(string Key, WeightType? Type, long Offset, long Count)
{
    public int ElementSize => Type is { } type ? WeightTensor.SizeOf(type) : 1;
}

/// <summary>
/// A tensor that has been described but not read. <paramref name="Offset"/> and <paramref name="Strides"/> count
/// elements.
/// </summary>
internal sealed record TorchTensor(TorchStorage Storage, WeightType Type, long Offset, long[] Shape, long[] Strides);
