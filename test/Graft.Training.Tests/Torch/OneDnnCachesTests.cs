using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Graft.Torch;

namespace Graft.Training.Tests.Torch;

/// <summary>oneDNN computes with real sizes of caches, also on a machine that hides them.</summary>
public sealed class OneDnnCachesTests
{
    private static string Library => Path.Combine(AppContext.BaseDirectory, "libtorch_cpu.so");

    /// <summary>After an update of libtorch this tells the new place; OneDnnCaches then needs it.</summary>
    [Fact]
    public void The_place_of_its_function_is_that_of_the_symbol_table()
    {
        Assert.SkipUnless(File.Exists(Library), "libtorch for another system");

        Assert.Equal(
            (OneDnnCaches.KnownBuild, OneDnnCaches.FunctionOffset),
            (ElfBuildId.Of(Library), AddressOf(OneDnnCaches.Function))
        );
    }

    [Fact]
    public void Each_level_has_a_possible_size()
    {
        Assert.SkipUnless(File.Exists(Library), "libtorch for another system");

        TorchInstructions.Prepare();

        Assert.SkipWhen(TorchInstructions.IsLimited, "held to AVX by its variable");
        Assert.Equal(3, OneDnnCaches.Sizes!.Count(size => size is >= 4096 and < 1 << 30));
    }

    [Fact]
    public void The_level_of_messages_is_still_exported()
    {
        Assert.SkipUnless(File.Exists(Library), "libtorch for another system");

        TorchInstructions.Prepare();

        LoadedLibrary library = LoadedLibrary.Find(TorchLog.Library)!;
        Assert.True(NativeLibrary.TryGetExport(NativeLibrary.Load(library.Path), TorchLog.Level, out _));
    }

    [Fact]
    public void A_file_of_another_kind_has_no_build_id()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("a.so", "no library");

        Assert.Null(ElfBuildId.Of(path));
    }

    // The table of symbols: entries of 24 bytes with the place of the name (4) and the address (at 8).
    private static long AddressOf(string symbol)
    {
        using FileStream file = File.OpenRead(Library);
        byte[] head = Read(file, 0, 64);
        long sections = BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(0x28));
        int count = BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(0x3C));
        byte[] table = Read(file, sections, 64 * count);
        Span<byte> symbols = Section(Enumerable.Range(0, count).Single(n => Type(n) == 2)); // SHT_SYMTAB
        byte[] entries = Content(symbols);
        byte[] names = Content(Section(BinaryPrimitives.ReadInt32LittleEndian(symbols[0x28..])));
        int name = names.AsSpan().IndexOf(Encoding.ASCII.GetBytes($"\0{symbol}\0")) + 1;
        for (int at = 0; at < entries.Length; at += 24)
        {
            if (BinaryPrimitives.ReadInt32LittleEndian(entries.AsSpan(at)) == name)
            {
                return BinaryPrimitives.ReadInt64LittleEndian(entries.AsSpan(at + 8));
            }
        }

        return 0;

        Span<byte> Section(int n) => table.AsSpan(64 * n, 64);
        int Type(int n) => BinaryPrimitives.ReadInt32LittleEndian(Section(n)[4..]);
        byte[] Content(Span<byte> section) =>
            Read(
                file,
                BinaryPrimitives.ReadInt64LittleEndian(section[0x18..]),
                (int)BinaryPrimitives.ReadInt64LittleEndian(section[0x20..])
            );
    }

    private static byte[] Read(FileStream file, long offset, int count)
    {
        byte[] bytes = new byte[count];
        file.Position = offset;
        file.ReadExactly(bytes);
        return bytes;
    }
}
