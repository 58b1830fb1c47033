using System.Buffers.Binary;
using System.Text.Json;
using Graft.Infrastructure;

namespace Graft.Training.Weights;

/// <summary>
/// Reads and writes `.safetensors` files: 8 bytes with the header's length, a JSON header, and the tensors' bytes
/// (https://github.com/huggingface/safetensors).
/// </summary>
internal static class SafetensorsFile
{
    /// <summary>The header's longest length in bytes, as in the reference implementation.</summary>
    private const long MaximumHeaderLength = 100_000_000;

    /// <summary>Reads all tensors and the metadata of a file.</summary>
    /// <exception cref="WeightFileException">The file is not safetensors, or is damaged; names the place.</exception>
    public static WeightFile Read(string path)
    {
        using WeightBytes file = WeightBytes.Open(path);
        return Read(file);
    }

    /// <summary>Reads a stream, such as an embedded resource; messages call it <paramref name="name"/>.</summary>
    public static WeightFile Read(string name, Stream stream)
    {
        using WeightBytes file = WeightBytes.From(name, stream);
        return Read(file);
    }

    /// <summary>Reads from memory. The tensors are slices of <paramref name="memory"/>, not copies.</summary>
    public static WeightFile Read(string name, ReadOnlyMemory<byte> memory)
    {
        using WeightBytes file = new(name, memory);
        return Read(file);
    }

    internal static WeightFile Read(WeightBytes file)
    {
        long headerLength = HeaderLength(file);
        long start = 8 + headerLength;
        ReadOnlyMemory<byte> json = file.Read(8, headerLength, "the header");
        SafetensorsHeader header = SafetensorsHeader.Parse(file, json.Span, file.Length - start);

        OrderedDictionary<string, WeightTensor> tensors = new(header.Entries.Count);
        foreach (SafetensorsEntry entry in header.Entries)
        {
            ReadOnlyMemory<byte> bytes = file.Read(
                start + entry.Begin,
                entry.End - entry.Begin,
                $"tensor '{entry.Name}'"
            );
            tensors.Add(entry.Name, new WeightTensor(entry.Name, entry.Type, entry.Shape, bytes));
        }

        return new WeightFile(file.Path, tensors, header.Metadata);
    }

    /// <summary>
    /// Writes tensors to a file. The same tensors and metadata give the same bytes. An interrupted write leaves an
    /// existing file unchanged.
    /// </summary>
    /// <remarks>
    /// The order is that of the reference implementation: by element size, largest first, then by name. The header is
    /// padded to 8 bytes, so every tensor is aligned.
    /// </remarks>
    /// <param name="path">The file to write.</param>
    /// <param name="tensors">The tensors, with distinct names.</param>
    /// <param name="metadata">Texts for "__metadata__"; null writes none.</param>
    public static void Write(
        string path,
        IEnumerable<WeightTensor> tensors,
        IReadOnlyDictionary<string, string>? metadata = null
    )
    {
        WeightTensor[] ordered =
        [
            .. tensors
                .OrderByDescending(tensor => WeightTensor.SizeOf(tensor.Type))
                .ThenBy(tensor => tensor.Name, StringComparer.Ordinal),
        ];
        byte[] header = Header(ordered, metadata ?? WeightFile.NoMetadata);
        AtomicFile.Write(path, file => WriteAll(file, header, ordered));
    }

    private static long HeaderLength(WeightBytes file)
    {
        if (file.Length < 8)
        {
            throw file.Refuse(
                "the header's length",
                $"the file has {file.Length} bytes; a safetensors file has at least 8"
            );
        }

        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(file.Read(0, 8, "the header's length").Span);
        if (length > MaximumHeaderLength)
        {
            throw file.Refuse(
                "the header's length",
                $"{length} bytes; at most {MaximumHeaderLength} are allowed: not a safetensors file, or damaged"
            );
        }

        return (long)length;
    }

    private static byte[] Header(WeightTensor[] tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using MemoryStream header = new();
        using (Utf8JsonWriter json = new(header))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject("__metadata__");
                foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            WriteEntries(json, tensors);
            json.WriteEndObject();
        }

        while (header.Length % 8 != 0)
        {
            header.WriteByte((byte)' ');
        }

        return header.ToArray();
    }

    private static void WriteEntries(Utf8JsonWriter json, WeightTensor[] tensors)
    {
        long begin = 0;
        HashSet<string> names = ["__metadata__"];
        foreach (WeightTensor tensor in tensors)
        {
            if (!names.Add(tensor.Name) || WeightTensor.ByteCount(tensor.Type, tensor.Shape) != tensor.Bytes.Length)
            {
                string reason = "another tensor has its name, or its bytes do not fit its shape";
                throw new ArgumentException($"tensor '{tensor.Name}' cannot be written: {reason}", nameof(tensors));
            }

            json.WriteStartObject(tensor.Name);
            json.WriteString("dtype", NameOf(tensor.Type));
            json.WriteStartArray("shape");
            foreach (long dimension in tensor.Shape)
            {
                json.WriteNumberValue(dimension);
            }

            json.WriteEndArray();
            json.WriteStartArray("data_offsets");
            json.WriteNumberValue(begin);
            begin += tensor.Bytes.Length;
            json.WriteNumberValue(begin);
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    private static void WriteAll(Stream file, byte[] header, WeightTensor[] tensors)
    {
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        file.Write(length);
        file.Write(header);
        foreach (WeightTensor tensor in tensors)
        {
            file.Write(tensor.Bytes.Span);
            FaultPoint.Hit("tensor-written");
        }
    }

    private static string NameOf(WeightType type) =>
        type switch
        {
            WeightType.Float64 => "F64",
            WeightType.Float32 => "F32",
            WeightType.Float16 => "F16",
            WeightType.BFloat16 => "BF16",
            WeightType.Int64 => "I64",
            WeightType.Int32 => "I32",
            WeightType.Int16 => "I16",
            WeightType.Int8 => "I8",
            WeightType.UInt8 => "U8",
            WeightType.UInt16 => "U16",
            WeightType.UInt32 => "U32",
            WeightType.UInt64 => "U64",
            _ => "BOOL",
        };
}
