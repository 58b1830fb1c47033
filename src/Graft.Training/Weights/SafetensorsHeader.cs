using System.Text;
using System.Text.Json;

namespace Graft.Training.Weights;

/// <summary>
/// The JSON header of a safetensors file. It is checked as in the reference implementation (huggingface/safetensors,
/// tensor.rs, Metadata::validate): tensors follow each other without gap or overlap, every size fits its shape, and
/// every name occurs once.
/// </summary>
internal sealed class SafetensorsHeader
{
    private const int MaximumDimensions = 64;

    /// <summary>
    /// Ten times as many tensors as the largest network has. A tensor costs a few hundred bytes of memory, for as few
    /// as sixty bytes of the file.
    /// </summary>
    private const int MaximumTensors = 65_536;

    /// <summary>Most bytes of all names and metadata together, in the file.</summary>
    private const int MaximumText = 16 << 20;

    private readonly WeightBytes _file;
    private readonly HashSet<string> _names = [];
    private readonly List<long> _numbers = [];
    private long _textLength;

    private SafetensorsHeader(WeightBytes file) => _file = file;

    /// <summary>The tensors in the order of their bytes.</summary>
    public List<SafetensorsEntry> Entries { get; } = [];

    /// <summary>The texts under "__metadata__".</summary>
    public Dictionary<string, string> Metadata { get; } = [];

    /// <summary>Parses and checks a header.</summary>
    /// <param name="file">The file, for messages.</param>
    /// <param name="json">The header with its padding.</param>
    /// <param name="bufferLength">Number of bytes that follow the header.</param>
    /// <exception cref="WeightFileException">The header is damaged; names the entry and the reason.</exception>
    public static SafetensorsHeader Parse(WeightBytes file, ReadOnlySpan<byte> json, long bufferLength)
    {
        SafetensorsHeader header = new(file);
        try
        {
            header.ReadObject(json);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            // The reader throws InvalidOperationException for text that is not valid Unicode.
            throw file.Refuse("the header", $"is not a safetensors header ({error.Message})", error);
        }

        header.CheckOffsets(bufferLength);
        return header;
    }

    private void ReadObject(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty || json[0] != (byte)'{')
        {
            throw _file.Refuse("the header", "does not begin with '{': not a safetensors file, or damaged");
        }

        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = 8 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = Text(ref reader);
            if (!_names.Add(name))
            {
                throw _file.Refuse($"the header's entry '{name}'", "occurs twice");
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

        // Reading to the last byte makes the reader throw where text follows the object.
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

    private SafetensorsEntry ReadEntry(ref Utf8JsonReader reader, string name)
    {
        Expect(ref reader, JsonTokenType.StartObject, name);
        string? type = null;
        long[]? shape = null;
        long[]? offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("dtype"))
            {
                RequireFirst(type, name, "dtype");
                reader.Read();
                Expect(ref reader, JsonTokenType.String, name);
                type = Text(ref reader);
            }
            else if (reader.ValueTextEquals("shape"))
            {
                RequireFirst(shape, name, "shape");
                reader.Read();
                shape = ReadNumbers(ref reader, name);
            }
            else if (reader.ValueTextEquals("data_offsets"))
            {
                RequireFirst(offsets, name, "data_offsets");
                reader.Read();
                offsets = ReadNumbers(ref reader, name);
            }
            else
            {
                reader.Skip();
            }
        }

        if (type is null || shape is null || offsets is not { Length: 2 })
        {
            throw _file.Refuse($"tensor '{name}'", "needs a 'dtype', a 'shape' and two 'data_offsets'");
        }

        return new SafetensorsEntry(name, TypeOf(type, name), shape, offsets[0], offsets[1]);
    }

    private void RequireFirst(object? earlier, string name, string field)
    {
        if (earlier is not null)
        {
            throw _file.Refuse($"tensor '{name}'", $"'{field}' occurs twice");
        }
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
                    $"its bytes are {entry.Begin} to {entry.End}, and they must begin at {end}: "
                    + "tensors follow each other without gap or overlap";
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
                $"{bufferLength} bytes follow the header, and its tensors take {end}; "
                    + "the file is cut short or has bytes added"
            );
        }
    }

    private string Text(ref Utf8JsonReader reader)
    {
        _textLength += reader.ValueSpan.Length;
        return _textLength <= MaximumText
            ? reader.GetString()!
            : throw _file.Refuse("the header", $"more than {MaximumText} bytes of names and metadata");
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
