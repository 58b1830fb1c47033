using System.IO.Compression;
using System.Text;
using Graft.Training.Weights;

namespace Graft.Training.Tests.Weights;

public sealed class UnpicklerTests
{
    private static readonly Dictionary<string, byte[]> TwelveFloats = new() { ["data/0"] = PickleBytes.Floats(12) };

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void A_transposed_view_becomes_row_major_from_stored_and_deflated_entries(CompressionLevel level)
    {
        byte[] pickle = PickleBytes.Dictionary("t", p => p.Tensor("0", 12, 1, [3, 2], [1, 4]));

        WeightTensor tensor = Read(PickleBytes.Zip(pickle, TwelveFloats, level)).Tensors["t"];

        Assert.Equal([3, 2], tensor.Shape);
        Assert.Equal([1, 5, 2, 6, 3, 7], tensor.ToSingles());
    }

    [Fact]
    public void An_expanded_view_repeats_its_element()
    {
        byte[] pickle = PickleBytes.Dictionary("t", p => p.Tensor("0", 12, 5, [2, 3], [0, 0]));

        Assert.Equal([5, 5, 5, 5, 5, 5], Read(PickleBytes.Zip(pickle, TwelveFloats)).Tensors["t"].ToSingles());
    }

    [Fact]
    public void A_scalar_and_an_empty_tensor_are_read()
    {
        byte[] pickle = new PickleBytes()
            .Protocol(2)
            .Op('}')
            .Text("scalar")
            .Tensor("0", 12, 11, [], [])
            .Op('s')
            .Text("empty")
            .Tensor("0", 12, 0, [0, 3], [3, 1])
            .Op('s')
            .Done;

        WeightFile file = Read(PickleBytes.Zip(pickle, TwelveFloats));

        Assert.Equal([11], file.Tensors["scalar"].ToSingles());
        Assert.Equal([0, 3], file.Tensors["empty"].Shape);
        Assert.Equal(0, file.Tensors["empty"].Bytes.Length);
    }

    [Fact]
    public void Protocol_4_with_frames_and_its_own_memo_is_read()
    {
        PickleBytes pickle = new PickleBytes()
            .Protocol(4)
            .Raw(0x95, 1, 0, 0, 0, 0, 0, 0, 0)
            .StackGlobal("collections", "OrderedDict")
            .Raw(0x94)
            .Op(')')
            .Op('R')
            .Raw(0x94)
            .Raw(0x8c, 1, (byte)'t')
            .Tensor("0", 12, 0, [12], [1])
            .Op('s');

        Assert.Equal(12, Read(PickleBytes.Zip(pickle.Done, TwelveFloats)).Tensors["t"].Count);
    }

    [Fact]
    public void A_state_dicts_metadata_attribute_is_skipped()
    {
        byte[] pickle = new PickleBytes()
            .Protocol(2)
            .Global("collections", "OrderedDict")
            .Op(')')
            .Op('R')
            .Text("t")
            .Tensor("0", 12, 0, [12], [1])
            .Op('s')
            .Op('}')
            .Text("_metadata")
            .Op('}')
            .Op('s')
            .Op('b')
            .Done;

        Assert.Equal(["t"], Read(PickleBytes.Zip(pickle, TwelveFloats)).Tensors.Keys);
    }

    [Fact]
    public void An_untyped_storage_gets_the_type_of_its_tensor()
    {
        byte[] pickle = PickleBytes.Dictionary("t", p =>
            p.Global("torch._utils", "_rebuild_tensor_v3")
                .Op('(')
                .Op('(')
                .Text("storage")
                .Global("torch.storage", "UntypedStorage")
                .Text("0")
                .Text("cpu")
                .Int(48)
                .Op('t')
                .Op('Q')
                .Int(2)
                .Tuple(4)
                .Tuple(1)
                .Raw(0x89)
                .Op('}')
                .Global("torch", "uint16")
                .Op('t')
                .Op('R')
        );

        WeightTensor tensor = Read(PickleBytes.Zip(pickle, TwelveFloats)).Tensors["t"];

        Assert.Equal(WeightType.UInt16, tensor.Type);
        Assert.Equal(PickleBytes.Floats(12).AsSpan(4, 8), tensor.Bytes.Span);
    }

    [Theory]
    [InlineData("model_state_dict", "optimizer")]
    [InlineData("model", "epoch_tensors")]
    [InlineData("net", "zeta")]
    public void The_state_dict_is_found_beside_other_groups_of_tensors(string name, string other)
    {
        byte[] pickle = new PickleBytes()
            .Protocol(2)
            .Op('}')
            .Text(other)
            .Op('}')
            .Text("momentum")
            .Tensor("0", 12, 0, [12], [1])
            .Op('s')
            .Op('s')
            .Text(name)
            .Op('}')
            .Text("module.w")
            .Tensor("0", 12, 0, [12], [1])
            .Op('s')
            .Op('s')
            .Done;

        Assert.Equal(["w"], Read(PickleBytes.Zip(pickle, TwelveFloats)).Tensors.Keys);
    }

    [Fact]
    public void Several_groups_without_a_usual_name_are_refused_with_their_names()
    {
        byte[] pickle = new PickleBytes()
            .Protocol(2)
            .Op('}')
            .Text("generator")
            .Op('}')
            .Text("w")
            .Tensor("0", 12, 0, [12], [1])
            .Op('s')
            .Op('s')
            .Text("critic")
            .Op('}')
            .Text("w")
            .Tensor("0", 12, 0, [12], [1])
            .Op('s')
            .Op('s')
            .Done;

        WeightFileException error = Refused(PickleBytes.Zip(pickle, TwelveFloats));

        Assert.Contains("'generator', 'critic'", error.Reason);
    }

    [Theory]
    [InlineData("os", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("torch", "ComplexFloatStorage")]
    [InlineData("torch.storage", "_load_from_bytes")]
    [InlineData("numpy.core.multiarray", "_reconstruct")]
    [InlineData("collections", "Counter")]
    [InlineData("_codecs", "decode")]
    public void Any_other_name_is_refused_in_each_spelling(string module, string name)
    {
        byte[] inst =
        [
            .. new PickleBytes().Protocol(2).Op('(').Raw(Encoding.ASCII.GetBytes($"i{module}\n{name}\n")).Done,
        ];

        Assert.Contains(
            $"{module}.{name}",
            Refused(PickleBytes.Zip(new PickleBytes().Protocol(2).Global(module, name).Done)).Message
        );
        Assert.Contains(
            $"{module}.{name}",
            Refused(PickleBytes.Zip(new PickleBytes().Protocol(4).StackGlobal(module, name).Done)).Message
        );
        Assert.Contains($"{module}.{name}", Refused(PickleBytes.Zip(inst)).Message);
    }

    [Theory]
    [InlineData(new byte[] { 0x80, 2, (byte)'}', (byte)')', 0x81 }, "makes an object")]
    [InlineData(new byte[] { 0x80, 2, 0x82, 1 }, "extension registry")]
    [InlineData(new byte[] { 0x80, 2, (byte)']', (byte)'}', (byte)'b' }, "sets the state of a list")]
    [InlineData(new byte[] { 0x80, 2, (byte)']', (byte)')', (byte)'R' }, "calls a list")]
    [InlineData(new byte[] { 0x80, 9 }, "protocol 9")]
    [InlineData(new byte[] { 0x80, 2, (byte)'h', 7 }, "object 7, which was never stored")]
    [InlineData(new byte[] { 0x80, 2, (byte)'t' }, "no mark")]
    [InlineData(new byte[] { 0x80, 2, (byte)'a' }, "an empty stack")]
    [InlineData(new byte[] { 0x80, 2, (byte)'P' }, "not an opcode")]
    [InlineData(new byte[] { 0x80, 2, (byte)'X', 255, 255, 255, 255 }, "the next 4294967295 bytes")]
    [InlineData(new byte[] { 0x80, 2, 0x8b, 255, 255, 255, 127 }, "an integer of 2147483647 bytes")]
    [InlineData(new byte[] { 0x80, 2, (byte)'K', 1 }, "holds 1; save a state_dict")]
    public void A_pickle_that_holds_more_than_data_is_refused_with_its_place(byte[] pickle, string reason)
    {
        WeightFileException error = Refused(PickleBytes.Zip([.. pickle, (byte)'.']));

        Assert.Contains(reason, error.Reason);
        Assert.StartsWith("archive/data.pkl", error.Place);
    }

    [Theory]
    [InlineData(12, 1, new long[] { 12 }, new long[] { 1 }, "reaches past")]
    [InlineData(12, 0, new long[] { 2, 2 }, new long[] { 12, 1 }, "reaches past")]
    [InlineData(12, -1, new long[] { 2 }, new long[] { 1 }, "impossible")]
    [InlineData(12, 0, new long[] { 2 }, new long[] { -1 }, "impossible")]
    [InlineData(
        12,
        0,
        new long[] { long.MaxValue, long.MaxValue },
        new long[] { long.MaxValue, long.MaxValue },
        "reaches past"
    )]
    [InlineData(
        12,
        0,
        new long[] { long.MaxValue, long.MaxValue },
        new long[] { 0, 0 },
        "more elements than can be counted"
    )]
    [InlineData(12, 0, new long[] { 1L << 40 }, new long[] { 0 }, "bytes of memory")]
    [InlineData(13, 0, new long[] { 2 }, new long[] { 1 }, "has 48 bytes and claims 13 elements of 4 bytes")]
    public void A_tensor_that_reaches_past_its_storage_or_the_memory_limit_is_refused(
        long count,
        long offset,
        long[] shape,
        long[] strides,
        string reason
    )
    {
        byte[] pickle = PickleBytes.Dictionary("t", p => p.Tensor("0", count, offset, shape, strides));

        Assert.Contains(reason, Refused(PickleBytes.Zip(pickle, TwelveFloats)).Reason);
    }

    [Fact]
    public void A_missing_storage_a_big_endian_file_and_a_program_are_refused()
    {
        byte[] pickle = PickleBytes.Dictionary("t", p => p.Tensor("0", 12, 0, [12], [1]));

        Assert.Contains("archive/data/0", Refused(PickleBytes.Zip(pickle)).Place);
        Assert.Contains(
            "big-endian",
            Refused(PickleBytes.Zip(pickle, new() { ["byteorder"] = "big"u8.ToArray() })).Reason
        );
        Assert.Contains("TorchScript", Refused(PickleBytes.Zip(pickle, new() { ["constants.pkl"] = [] })).Reason);
    }

    [Fact]
    public void A_storage_with_two_element_types_is_refused()
    {
        byte[] pickle = new PickleBytes()
            .Protocol(2)
            .Op('}')
            .Text("a")
            .Tensor("0", 12, 0, [12], [1])
            .Op('s')
            .Text("b")
            .Tensor("0", 12, 0, [12], [1], "IntStorage")
            .Op('s')
            .Done;

        Assert.Contains("two element types", Refused(PickleBytes.Zip(pickle, TwelveFloats)).Reason);
    }

    [Fact]
    public void A_name_of_prefixes_alone_does_not_hang()
    {
        string name = string.Concat(Enumerable.Repeat("module.", 100_000));
        byte[] pickle = PickleBytes.Dictionary(name, p => p.Tensor("0", 12, 0, [12], [1]));

        Assert.True(Mutations.AssertSurvives("prefixes", PickleBytes.Zip(pickle, TwelveFloats), TorchFile.Read));
    }

    [Fact]
    public void A_dictionary_inside_itself_does_not_hang()
    {
        PickleBytes pickle = new PickleBytes().Protocol(2).Op('}').Raw((byte)'q', 0);
        for (int i = 0; i < 100; i++)
        {
            pickle.Text($"again{i}").Raw((byte)'h', 0).Op('s');
        }

        Assert.Contains("no tensors", Refused(PickleBytes.Zip(pickle.Done)).Reason);
    }

    [Fact]
    public void A_pickle_with_millions_of_objects_is_refused_within_the_memory_limit()
    {
        byte[] objects = [0x80, 2, .. Enumerable.Repeat((byte)'}', 4_000_000), (byte)'.'];
        byte[] texts =
        [
            0x80,
            4,
            .. Enumerable.Repeat(new byte[] { 0x8c, 1, (byte)'x', 0x94 }, 1_000_000).SelectMany(x => x),
            (byte)'.',
        ];

        Mutations.AssertSurvives("objects", PickleBytes.Zip(objects), TorchFile.Read);
        Mutations.AssertSurvives("texts", PickleBytes.Zip(texts), TorchFile.Read);
        Mutations.AssertSurvives(
            "packed objects",
            PickleBytes.Zip(objects, level: CompressionLevel.Optimal),
            TorchFile.Read
        );
    }

    [Fact]
    public void No_damaged_deflated_archive_crashes_hangs_or_exceeds_the_memory_limit()
    {
        byte[] pickle = PickleBytes.Dictionary("t", p => p.Tensor("0", 12, 1, [3, 2], [1, 4]));
        byte[] good = PickleBytes.Zip(pickle, TwelveFloats, CompressionLevel.Optimal);

        Assert.InRange(Mutations.AssertAllSurvive([good], TorchFile.Read), 1, Mutations.Count - 1);
    }

    [Fact]
    public void Calls_that_copy_one_list_again_and_again_are_refused_within_the_memory_limit()
    {
        PickleBytes pickle = new PickleBytes().Protocol(2).Op(']').Raw((byte)'q', 0).Op('(');
        for (int i = 0; i < 20_000; i++)
        {
            pickle.Op(')').Op(')').Raw(0x86);
        }

        pickle.Op('e').Raw((byte)'h', 0).Raw(0x85).Raw((byte)'q', 1);
        for (int i = 0; i < 200_000; i++)
        {
            pickle.Global("collections", "OrderedDict").Raw((byte)'h', 1).Op('R').Op('0');
        }

        Mutations.AssertSurvives("copies", PickleBytes.Zip(pickle.Done), TorchFile.Read);
    }

    [Fact]
    public void An_entry_that_unpacks_to_more_than_its_claim_or_the_memory_limit_is_refused()
    {
        byte[] pickle = PickleBytes.Dictionary("t", p => p.Tensor("0", 50_000_000, 0, [50_000_000], [1]));
        byte[] bomb = PickleBytes.Zip(
            pickle,
            new() { ["data/0"] = new byte[200_000_000] },
            CompressionLevel.SmallestSize
        );

        Assert.False(Mutations.AssertSurvives("bomb", bomb, TorchFile.Read));
        Assert.Contains("bytes of memory", Refused(bomb).Reason);
    }

    private static WeightFile Read(byte[] bytes)
    {
        using WeightBytes file = new("made.pth", bytes);
        return TorchFile.Read(file);
    }

    private static WeightFileException Refused(byte[] bytes) => Assert.Throws<WeightFileException>(() => Read(bytes));
}
