using System.Globalization;
using System.Text;

namespace Graft.Training.Weights;

/// <summary>
/// The Python names that a weight file may use, with their meanings. Each one makes data; none is looked up or run.
/// </summary>
internal static class TorchGlobals
{
    private const int MaximumDimensions = 64;

    private static readonly Dictionary<string, WeightType> StorageTypes = new()
    {
        ["DoubleStorage"] = WeightType.Float64,
        ["FloatStorage"] = WeightType.Float32,
        ["HalfStorage"] = WeightType.Float16,
        ["BFloat16Storage"] = WeightType.BFloat16,
        ["LongStorage"] = WeightType.Int64,
        ["IntStorage"] = WeightType.Int32,
        ["ShortStorage"] = WeightType.Int16,
        ["CharStorage"] = WeightType.Int8,
        ["ByteStorage"] = WeightType.UInt8,
        ["BoolStorage"] = WeightType.Bool,
    };

    private static readonly Dictionary<string, WeightType> ElementTypes = new()
    {
        ["float64"] = WeightType.Float64,
        ["float32"] = WeightType.Float32,
        ["float16"] = WeightType.Float16,
        ["bfloat16"] = WeightType.BFloat16,
        ["int64"] = WeightType.Int64,
        ["int32"] = WeightType.Int32,
        ["int16"] = WeightType.Int16,
        ["int8"] = WeightType.Int8,
        ["uint8"] = WeightType.UInt8,
        ["uint16"] = WeightType.UInt16,
        ["uint32"] = WeightType.UInt32,
        ["uint64"] = WeightType.UInt64,
        ["bool"] = WeightType.Bool,
    };

    /// <summary>The global of a name that a weight file may use.</summary>
    /// <exception cref="WeightFileException">The name is not allowed; the message names it.</exception>
    public static PickleGlobal Find(PickleReader reader, string module, string name)
    {
        bool isKnown = module switch
        {
            "collections" => name == "OrderedDict",
            "_codecs" => name == "encode",
            "torch._utils" => name
                is "_rebuild_tensor"
                    or "_rebuild_tensor_v2"
                    or "_rebuild_tensor_v3"
                    or "_rebuild_parameter",
            "torch.storage" => name == "UntypedStorage",
            "torch" => StorageTypes.ContainsKey(name) || ElementTypes.ContainsKey(name),
            "torch.cuda" => StorageTypes.ContainsKey(name),
            _ => false,
        };
        return isKnown ? new PickleGlobal(module, name) : throw Refuse(reader, module, name);
    }

    /// <summary>The error about a name that is not allowed; the caller throws it.</summary>
    public static WeightFileException Refuse(PickleReader reader, string module, string name)
    {
        bool isModule =
            module.StartsWith("torch.nn.", StringComparison.Ordinal)
            || module.StartsWith("torchvision.models.", StringComparison.Ordinal);
        return reader.Refuse(
            isModule
                ? $"holds a pickled module ({module}.{name}), not a state_dict; save model.state_dict() instead"
                : $"uses '{module}.{name}'; only tensors and plain data are read, and no code is run: "
                    + "save a state_dict of tensors"
        );
    }

    /// <summary>The result of a call to a known function: a dictionary, bytes or a tensor.</summary>
    public static object Call(PickleReader reader, object? callable, object? arguments) =>
        (callable, arguments) switch
        {
            (PickleGlobal { Name: "OrderedDict" }, object?[] { Length: 0 }) => new PickleDictionary(),
            (PickleGlobal { Name: "OrderedDict" }, object?[] and [List<object?> pairs]) => FromPairs(reader, pairs),
            (PickleGlobal { Name: "encode" }, object?[] and [string text, "latin1"]) => Latin1(reader, text),
            (PickleGlobal { Name: "_rebuild_parameter" }, object?[] and [TorchTensor tensor, ..]) => tensor,
            (
                PickleGlobal { Name: "_rebuild_tensor" },
                object?[]
                    and [TorchStorage storage, long offset, object?[] shape, object?[] strides]
            ) => Tensor(reader, storage, storage.Type, offset, shape, strides),
            (
                PickleGlobal { Name: "_rebuild_tensor_v2" },
                object?[]
                    and [TorchStorage storage, long offset, object?[] shape, object?[] strides, ..]
            ) => Tensor(reader, storage, storage.Type, offset, shape, strides),
            (
                PickleGlobal { Name: "_rebuild_tensor_v3" },
                object?[]
                    and [
                        TorchStorage storage,
                        long offset,
                        object?[] shape,
                        object?[] strides,
                        _,
                        _,
                        PickleGlobal { Module: "torch" } type,
                        ..,
                    ]
            ) when ElementTypes.TryGetValue(type.Name, out WeightType elements) => Tensor(
                reader,
                storage,
                elements,
                offset,
                shape,
                strides
            ),
            _ => throw reader.Refuse(
                $"calls {Describe(callable)} with {Describe(arguments)}; only tensors and plain data are read"
            ),
        };

    /// <summary>
    /// The storage of a persistent id: ("storage", type, key, device, element count[, view]) (torch/serialization.py,
    /// persistent_id).
    /// </summary>
    public static TorchStorage Storage(PickleReader reader, object? id)
    {
        if (
            id is not object?[] parts
            || parts is not ["storage", PickleGlobal type, string key, string, long count, .. object?[] view]
        )
        {
            throw reader.Refuse($"refers to {Describe(id)} in place of a storage; the file is damaged");
        }

        WeightType? elements = StorageTypes.TryGetValue(type.Name, out WeightType known) ? known : null;
        if (elements is null && type is not { Module: "torch.storage", Name: "UntypedStorage" })
        {
            throw reader.Refuse($"'{type}' is not a storage of a known element type");
        }

        // PyTorch 0.3 and earlier describe a part of a storage by (key, first element, count).
        if (view is [object?[] and [string, long offset, long viewCount]])
        {
            return offset >= 0 && viewCount >= 0 && offset <= count - viewCount
                ? new TorchStorage(key, elements, offset, viewCount)
                : throw reader.Refuse($"has a view of {viewCount} elements at {offset} in a storage of {count}");
        }

        return count >= 0
            ? new TorchStorage(key, elements, 0, count)
            : throw reader.Refuse($"has a storage of {count} elements");
    }

    /// <summary>Describes a value, for messages.</summary>
    public static string Describe(object? value) =>
        value switch
        {
            null => "None",
            PickleGlobal name => $"'{name}'",
            PickleDictionary => "a dictionary",
            List<object?> => "a list",
            object?[] tuple => $"a tuple of {tuple.Length}",
            string text => $"the text '{(text.Length > 40 ? text[..40] + "…" : text)}'",
            byte[] => "bytes",
            TorchStorage => "a storage",
            TorchTensor => "a tensor",
            _ => string.Create(CultureInfo.InvariantCulture, $"{value}"),
        };

    private static byte[] Latin1(PickleReader reader, string text)
    {
        reader.CountCopies(text.Length);
        return Encoding.Latin1.GetBytes(text);
    }

    private static PickleDictionary FromPairs(PickleReader reader, List<object?> pairs)
    {
        reader.CountCopies(pairs.Count);
        PickleDictionary dictionary = new();
        foreach (object? pair in pairs)
        {
            (object? key, object? value) = pair switch
            {
                object?[] and [var k, var v] => (k, v),
                List<object?> and [var k, var v] => (k, v),
                _ => throw reader.Refuse($"has an OrderedDict of {Describe(pair)} in place of pairs"),
            };
            dictionary.Set(key, value);
        }

        return dictionary;
    }

    private static TorchTensor Tensor(
        PickleReader reader,
        TorchStorage storage,
        WeightType? type,
        long offset,
        object?[] shape,
        object?[] strides
    )
    {
        if (
            type is not { } elements
            || shape.Length != strides.Length
            || shape.Length > MaximumDimensions
            || !shape.Concat(strides).All(number => number is long and >= 0)
            || offset < 0
        )
        {
            throw reader.Refuse("has a tensor with an impossible shape, stride or offset; the file is damaged");
        }

        TorchTensor tensor = new(storage, elements, offset, [.. shape.Cast<long>()], [.. strides.Cast<long>()]);
        Int128 room = (Int128)storage.Count * storage.ElementSize / WeightTensor.SizeOf(elements);
        return tensor.Shape.Contains(0) || LastElement(tensor) < room
            ? tensor
            : throw reader.Refuse(
                $"has a tensor [{string.Join(", ", tensor.Shape)}] that reaches past "
                    + $"the {storage.Count} elements of storage '{storage.Key}'"
            );
    }

    private static Int128 LastElement(TorchTensor tensor)
    {
        Int128 last = tensor.Offset;
        for (int i = 0; i < tensor.Shape.Length && last <= long.MaxValue; i++)
        {
            last += (Int128)(tensor.Shape[i] - 1) * tensor.Strides[i]; // below 2^63 + 2^126, so it never overflows
        }

        return last;
    }
}
