using System.Text;
using System.Text.Json;

namespace Graft.Training.Weights;

/// <summary>One tensor as a safetensors header describes it; offsets count from the end of the header.</summary>
internal sealed record SafetensorsEntry(string Name, WeightType Type, long[] Shape, long Begin, long End);

/// <summary>
/// The JSON header of a safetensors file, checked as the reference implementation does (huggingface/safetensors,
/// tensor.rs, Metadata::validate):
/// an object; tensors lie in order without gap or overlap; every size is its shape's; no name twice.
/// </summary>
internal sealed class SafetensorsHeader
{
    private const int MaximumDimensions = 64;

    /// <summary>
    /// Ten times the largest network's; each costs a few hundred bytes of memory for as few as sixty of the file.
    /// </summary>
    private const int MaximumTensors = 65_536;

    /// <summary>Of all names and remarks together, in bytes of the file.</summary>
    private const int MaximumText = 16 << 20;

    private readonly WeightBytes _file;
    private readonly HashSet<string> _names = [];
    private readonly List<long> _numbers = [];
    private long _textLength;

    private SafetensorsHeader(WeightBytes file) => _file = file;

    /// <summary>In the order of their bytes.</summary>
    public List<SafetensorsEntry> Entries { get; } = [];

    /// <summary>The texts under "__metadata__".</summary>
    public Dictionary<string, string> Metadata { get; } = [];

    /// <param name="file">For messages.</param>
    /// <param name="json">The header alone, padding included.</param>
    /// <param name="bufferLength">The bytes that follow the header.</param>
    /// <exception cref="WeightFileException">Names the entry and what is wrong with it.</exception>
    public static SafetensorsHeader Parse(WeightBytes file, ReadOnlySpan<byte> json, long bufferLength)
    {
        SafetensorsHeader header = new(file);
        try
        {
            header.ReadObject(json);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            // InvalidOperationException: JSON text that is no valid Unicode.
            throw file.Refuse("the header", $"not the JSON that safetensors prescribes ({error.Message})", error);
        }

        header.CheckOffsets(bufferLength);
        return header;
    }

    private void ReadObject(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty || json[0] != (byte)'{')
        {
            throw _file.Refuse("the header", "does not begin with '{'; not a safetensors file, or damaged");
        }

        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = 8 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = Text(ref reader);
            if (!_names.Add(name))
            {
                throw _file.Refuse($"the header's entry '{name}'", "is there twice");
            }

            reader.Read();
            if (name == "__metadata__")
            {
                ReadMetadata(ref reader);
            }
            else
            {
                Entries.Add(
                    Entries.Count < MaximumTensors
                        ? ReadEntry(ref reader, name)
                        : throw _file.Refuse("the header", $"more than {MaximumTensors} tensors")
                );
            }
        }

        // Reads on to the last byte: text behind the object is an error of the reader's.
        while (reader.Read()) { }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, "__metadata__");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = Text(ref reader);
            reader.Read();
            Expect(ref reader, JsonTokenType.String, "__metadata__");
            if (!Metadata.TryAdd(key, Text(ref reader)))
            {
                throw _file.Refuse("the header's entry '__metadata__'", $"holds '{key}' twice");
            }
        }
    }

    private static readonly string[] Fields = ["dtype", "shape", "data_offsets"];

    private SafetensorsEntry ReadEntry(ref Utf8JsonReader reader, string name)
    {
        Expect(ref reader, JsonTokenType.StartObject, name);
        string? type = null;
        long[]? shape = null;
        long[]? offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isRepeated;
            int field =
                reader.ValueTextEquals("dtype") ? 0
                : reader.ValueTextEquals("shape") ? 1
                : reader.ValueTextEquals("data_offsets") ? 2
                : 3;
            reader.Read();
            switch (field)
            {
                case 0:
                    Expect(ref reader, JsonTokenType.String, name);
                    isRepeated = type is not null;
                    type = Text(ref reader);
                    break;
                case 1:
                    isRepeated = shape is not null;
                    shape = ReadNumbers(ref reader, name);
                    break;
                case 2:
                    isRepeated = offsets is not null;
                    offsets = ReadNumbers(ref reader, name);
                    break;
                default:
                    isRepeated = false;
                    reader.Skip();
                    break;
            }

            if (isRepeated)
            {
                throw _file.Refuse($"tensor '{name}'", $"'{Fields[field]}' is there twice");
            }
        }

        if (type is null || shape is null || offsets is not { Length: 2 })
        {
            throw _file.Refuse($"tensor '{name}'", "needs a 'dtype', a 'shape' and two 'data_offsets'");
        }

        return new SafetensorsEntry(name, TypeOf(type, name), shape, offsets[0], offsets[1]);
    }

    private long[] ReadNumbers(ref Utf8JsonReader reader, string name)
    {
        Expect(ref reader, JsonTokenType.StartArray, name);
        _numbers.Clear();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Expect(ref reader, JsonTokenType.Number, name);
            if (!reader.TryGetInt64(out long number) || number < 0)
            {
                throw _file.Refuse(
                    $"tensor '{name}'",
                    $"{Encoding.UTF8.GetString(reader.ValueSpan)} is not a whole number from 0 to 2^63 - 1"
                );
            }

            if (_numbers.Count == MaximumDimensions)
            {
                throw _file.Refuse($"tensor '{name}'", $"more than {MaximumDimensions} dimensions");
            }

            _numbers.Add(number);
        }

        return [.. _numbers];
    }

    private void CheckOffsets(long bufferLength)
    {
        Entries.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        long end = 0;
        foreach (SafetensorsEntry entry in Entries)
        {
            if (entry.Begin != end || entry.End < entry.Begin)
            {
                string reason =
                    $"its bytes are {entry.Begin} to {entry.End}, expected to begin at {end}: tensors must follow each other without gap or overlap";
                throw _file.Refuse($"tensor '{entry.Name}'", reason);
            }

            if (WeightTensor.ByteCount(entry.Type, entry.Shape) != entry.End - entry.Begin)
            {
                string shape = string.Join(" x ", entry.Shape);
                throw _file.Refuse(
                    $"tensor '{entry.Name}'",
                    $"{entry.End - entry.Begin} bytes are not {entry.Type} of shape [{shape}]"
                );
            }

            end = entry.End;
        }

        if (end != bufferLength)
        {
            throw _file.Refuse(
                "the end",
                $"{bufferLength} bytes follow the header, its tensors take {end}; the file is cut short or has something added"
            );
        }
    }

    private string Text(ref Utf8JsonReader reader)
    {
        _textLength += reader.ValueSpan.Length;
        return _textLength <= MaximumText
            ? reader.GetString()!
            : throw _file.Refuse("the header", $"more than {MaximumText} bytes of names and remarks");
    }

    private WeightType TypeOf(string type, string name) =>
        type switch
        {
            "F64" => WeightType.Float64,
            "F32" => WeightType.Float32,
            "F16" => WeightType.Float16,
            "BF16" => WeightType.BFloat16,
            "I64" => WeightType.Int64,
            "I32" => WeightType.Int32,
            "I16" => WeightType.Int16,
            "I8" => WeightType.Int8,
            "U8" => WeightType.UInt8,
            "U16" => WeightType.UInt16,
            "U32" => WeightType.UInt32,
            "U64" => WeightType.UInt64,
            "BOOL" => WeightType.Bool,
            _ => throw _file.Refuse(
                $"tensor '{name}'",
                $"element type '{type}' is not supported; save it as F32, F16 or BF16"
            ),
        };

    private void Expect(ref Utf8JsonReader reader, JsonTokenType type, string name)
    {
        if (reader.TokenType != type)
        {
            throw _file.Refuse(
                $"the header's entry '{name}'",
                $"holds {reader.TokenType} where {type} belongs (byte {8 + reader.TokenStartIndex})"
            );
        }
    }
}
