using System.Buffers.Binary;
using System.Text;
using Graft.Training.Weights;

namespace Graft.Training.Tests.Weights;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("graft-weights-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("efficientnet_lite0.fp16.safetensors", "blocks.0.0.bn1.bias", 32L)]
    [InlineData("squeezenet1_1.fp16.safetensors", "classifier.1.weight", 1000L)]
    [InlineData("vgg16_body.fp16.safetensors", "features.0.weight", 64L)]
    public void A_real_file_is_read_with_its_metadata(string name, string tensor, long firstDimension)
    {
        WeightFile file = SafetensorsFile.Read(SharedData.Find($"weights/{name}"));

        Assert.Equal(firstDimension, file.Tensors[tensor].Shape[0]);
        Assert.Equal(WeightType.Float16, file.Tensors[tensor].Type);
        Assert.All(file.Tensors.Values, t => Assert.Equal(t.Count * 2, t.Bytes.Length));
        Assert.NotEmpty(file.Metadata["license"]);
    }

    [Fact]
    public void A_file_a_stream_and_memory_give_the_same_tensors()
    {
        string path = SharedData.Find("weights/squeezenet1_1.fp16.safetensors");

        WeightFile file = SafetensorsFile.Read(path);
        using FileStream stream = File.OpenRead(path);
        WeightFile fromStream = SafetensorsFile.Read("resource", stream);
        WeightFile fromMemory = SafetensorsFile.Read("memory", File.ReadAllBytes(path));

        Assert.Equal(file.Tensors.Keys, fromStream.Tensors.Keys);
        Assert.All(file.Tensors.Values, t =>
            Assert.True(t.Bytes.Span.SequenceEqual(fromStream.Tensors[t.Name].Bytes.Span))
        );
        Assert.All(file.Tensors.Values, t =>
            Assert.True(t.Bytes.Span.SequenceEqual(fromMemory.Tensors[t.Name].Bytes.Span))
        );
    }

    [Fact]
    public void Written_tensors_of_every_type_are_read_back()
    {
        WeightTensor[] tensors =
        [
            .. Enum.GetValues<WeightType>().Select((type, i) => Numbered($"t\"{i}é", type, [2, i])),
        ];
        Dictionary<string, string> metadata = new() { ["license"] = "Apache-2.0", ["a"] = "ü\n" };
        string path = Path.Combine(_folder, "all.safetensors");

        SafetensorsFile.Write(path, tensors, metadata);
        WeightFile file = SafetensorsFile.Read(path);

        Assert.Equal(metadata.OrderBy(pair => pair.Key), file.Metadata.OrderBy(pair => pair.Key));
        Assert.Equal(tensors.Length, file.Tensors.Count);
        Assert.All(tensors, t =>
            Assert.Equal((t.Type, t.Count), (file.Tensors[t.Name].Type, file.Tensors[t.Name].Count))
        );
        Assert.All(tensors, t => Assert.True(t.Bytes.Span.SequenceEqual(file.Tensors[t.Name].Bytes.Span)));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder));
        Assert.Equal(0u, BinaryPrimitives.ReadUInt64LittleEndian(File.ReadAllBytes(path)) % 8);
    }

    [Fact]
    public void The_order_of_the_tensors_does_not_change_the_bytes()
    {
        WeightTensor[] tensors =
        [
            Numbered("b", WeightType.Float16, [3]),
            Numbered("a", WeightType.Float32, [1]),
            Numbered("c", WeightType.Float32, []),
        ];
        string one = Path.Combine(_folder, "one"),
            other = Path.Combine(_folder, "other");

        SafetensorsFile.Write(one, tensors);
        SafetensorsFile.Write(other, tensors.Reverse());

        Assert.Equal(File.ReadAllBytes(one), File.ReadAllBytes(other));
    }

    [Fact]
    public void A_failing_write_leaves_only_the_old_file()
    {
        string path = Path.Combine(_folder, "kept");
        File.WriteAllText(path, "old");
        WeightTensor wrong = new("x", WeightType.Float32, [2], new byte[7]);

        Assert.Throws<ArgumentException>(() => SafetensorsFile.Write(path, [wrong]));

        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder));
    }

    [Theory]
    [InlineData("""[]""", 0, "does not begin with '{'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}""", 4, "not a safetensors header")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} x""", 4, "not a safetensors header")]
    [InlineData(
        """
            {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},
             "a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}
            """,
        4,
        "twice"
    )]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}""", 4, "'shape' occurs twice")]
    [InlineData(
        """
            {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},
             "b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}
            """,
        4,
        "gap or overlap"
    )]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "gap or overlap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 5, "cut short or has bytes added")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 3, "cut short or has bytes added")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""",
        4,
        "4 bytes are not Float32 of shape [2]"
    )]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", 0, "0 bytes are not")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "-1 is not a whole number")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "1.5 is not a whole number")]
    [InlineData("""{"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}""", 4, "'F8_E4M3' is not supported")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", 4, "two 'data_offsets'")]
    [InlineData("""{"a":7}""", 0, "holds Number where StartObject belongs")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "holds Number where String belongs")]
    public void A_wrong_header_is_refused_with_the_reason(string header, int bufferLength, string reason)
    {
        byte[] bytes = Raw((ulong)Encoding.UTF8.GetByteCount(header), header, bufferLength);

        WeightFileException error = Assert.Throws<WeightFileException>(() =>
            SafetensorsFile.Read("bad.safetensors", bytes)
        );

        Assert.Contains("'bad.safetensors'", error.Message);
        Assert.Contains(reason, error.Reason);
    }

    [Theory]
    [InlineData(3UL, "cut short")]
    [InlineData(100_000_001UL, "at most 100000000")]
    [InlineData(ulong.MaxValue, "at most 100000000")]
    public void An_impossible_header_length_is_refused(ulong length, string reason)
    {
        byte[] bytes = Raw(length, "{}", 0);

        WeightFileException error = Assert.Throws<WeightFileException>(() => SafetensorsFile.Read("bad", bytes));

        Assert.Contains(reason, error.Message);
    }

    [Fact]
    public void An_empty_object_is_an_empty_file_and_no_bytes_are_refused()
    {
        Assert.Empty(SafetensorsFile.Read("empty", Raw(4, "{}  ", 0)).Tensors);
        Assert.Throws<WeightFileException>(() => SafetensorsFile.Read("nothing", Array.Empty<byte>()));
        Assert.Throws<WeightFileException>(() => SafetensorsFile.Read(Path.Combine(_folder, "missing")));
        Assert.Throws<WeightFileException>(() => SafetensorsFile.Read(_folder));
    }

    [Theory]
    [InlineData(65_537, 0, "more than 65536 tensors")]
    [InlineData(60_000, 64, "")]
    public void A_header_with_very_many_tensors_stays_within_the_memory_limit(int count, int dimensions, string reason)
    {
        string shape = string.Join(',', Enumerable.Repeat("1", dimensions));
        StringBuilder header = new("{");
        for (int i = 0; i < count; i++)
        {
            header.Append(
                $"{(i > 0 ? "," : "")}\"{i}\":{{\"dtype\":\"U8\",\"shape\":[{shape}],\"data_offsets\":[{i},{i + 1}]}}"
            );
        }

        byte[] bytes = Raw((ulong)header.Length + 1, header.Append('}').ToString(), count);

        Assert.Equal(reason.Length == 0, Mutations.AssertSurvives("many", bytes, SafetensorsFile.Read));
    }

    [Fact]
    public void A_header_of_metadata_alone_stays_within_the_memory_limit()
    {
        string header = $"{{\"__metadata__\":{{\"a\":\"{new string('x', 90_000_000)}\"}}}}";

        Assert.False(Mutations.AssertSurvives("metadata", Raw((ulong)header.Length, header, 0), SafetensorsFile.Read));
    }

    [Fact]
    public void A_terminal_escape_in_a_name_is_not_printed()
    {
        string header = """{"\u001b[2J":{"dtype":"F32","shape":[9],"data_offsets":[0,4]}}""";

        WeightFileException error = Assert.Throws<WeightFileException>(() =>
            SafetensorsFile.Read("bad", Raw((ulong)header.Length, header, 4))
        );

        Assert.DoesNotContain('\u001b', error.Message);
    }

    private static byte[] Raw(ulong length, string header, int bufferLength)
    {
        byte[] bytes = [.. BitConverter.GetBytes(length), .. Encoding.UTF8.GetBytes(header), .. new byte[bufferLength]];
        return bytes;
    }

    private static WeightTensor Numbered(string name, WeightType type, long[] shape)
    {
        byte[] bytes = new byte[WeightTensor.ByteCount(type, shape)!.Value];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)(i % 2);
        }

        return new WeightTensor(name, type, shape, bytes);
    }
}
