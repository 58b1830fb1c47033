using System.Runtime.InteropServices;
using Graft.Training.Run;

namespace Graft.Training.Tests.Run;

public sealed partial class ProcessMemoryTests
{
    private const int LargePiece = 24 << 20; // glibc never takes more than 32 MB for a piece of its heaps
    private const int Pieces = 32; // more than a heap has free, which is given out first

    // glibc's flag in the word before a piece: it came from the system and is no part of a heap
    private const nuint IsMapped = 2;

    private const int SmallPiece = 8 << 20;
    private const long AllPieces = (long)Pieces * SmallPiece;

    [Fact]
    public void Freed_blocks_stay_with_the_process_until_the_last_user_ends()
    {
        SkipWithoutGlibc();
        using IDisposable managed = ProcessMemory.Apply(MemoryPolicy.ManageProcess);
        long before;
        long kept;
        using (ProcessMemory.KeepFreedBlocks())
        {
            using (ProcessMemory.KeepFreedBlocks())
            {
                before = Environment.WorkingSet;
                UseAndFree();
            }

            kept = Environment.WorkingSet;
        }

        Assert.True(kept - before > AllPieces / 2, $"{kept - before:N0} of {AllPieces:N0} bytes were kept");
        Assert.True(kept - Environment.WorkingSet > AllPieces / 2, "the blocks stay after the last user has ended");
    }

    [Fact]
    public void Threads_of_libtorch_may_sleep()
    {
        SkipWithoutGlibc();
        using IDisposable managed = ProcessMemory.Apply(MemoryPolicy.ManageProcess);

        Assert.NotNull(Marshal.PtrToStringUTF8(GetVariable("GOMP_SPINCOUNT")));
    }

    [Fact]
    public void Large_blocks_come_from_the_system_until_the_last_user_ends()
    {
        SkipWithoutGlibc();
        using IDisposable managed = ProcessMemory.Apply(MemoryPolicy.ManageProcess);
        using IDisposable outer = ProcessMemory.KeepLargeBlocksApart();
        using (ProcessMemory.KeepLargeBlocksApart())
        {
            Assert.True(ComesFromTheSystem());
        }

        Assert.True(ComesFromTheSystem());
    }

    private static void SkipWithoutGlibc() =>
        Assert.SkipUnless(
            OperatingSystem.IsLinux()
                && !RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal),
            "glibc's allocator is asked"
        );

    private static unsafe void UseAndFree()
    {
        nint[] pieces = [.. Enumerable.Range(0, Pieces).Select(_ => (nint)NativeMemory.Alloc(SmallPiece))];
        Array.ForEach(pieces, piece => NativeMemory.Fill((void*)piece, SmallPiece, 1));
        Array.ForEach(pieces, piece => NativeMemory.Free((void*)piece));
    }

    private static unsafe bool ComesFromTheSystem()
    {
        // addresses; nobody writes there
        nint[] pieces = [.. Enumerable.Range(0, Pieces).Select(_ => (nint)NativeMemory.Alloc(LargePiece))];
        nuint word = ((nuint*)pieces[^1])[-1];
        Array.ForEach(pieces, piece => NativeMemory.Free((void*)piece));
        return (word & IsMapped) != 0;
    }

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetVariable(string name);
}
