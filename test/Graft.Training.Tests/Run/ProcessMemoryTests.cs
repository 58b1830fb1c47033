using System.Runtime.InteropServices;
using Graft.Training.Run;

namespace Graft.Training.Tests.Run;

public sealed class ProcessMemoryTests
{
    private const int LargePiece = 24 << 20; // glibc never takes more than 32 MB for a piece of its heaps
    private const int Pieces = 32; // more than a heap has free, which is given out first

    // glibc's flag in the word before a piece: it came from the system and is no part of a heap
    private const nuint IsMapped = 2;

    [Fact]
    public void Large_blocks_come_from_the_system_until_the_last_user_ends()
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux()
                && !RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal),
            "glibc's allocator is asked"
        );

        using IDisposable managed = ProcessMemory.Apply(MemoryPolicy.ManageProcess);
        using IDisposable outer = ProcessMemory.KeepLargeBlocksApart();
        using (ProcessMemory.KeepLargeBlocksApart())
        {
            Assert.True(ComesFromTheSystem());
        }

        Assert.True(ComesFromTheSystem());
    }

    private static unsafe bool ComesFromTheSystem()
    {
        // addresses; nobody writes there
        nint[] pieces = [.. Enumerable.Range(0, Pieces).Select(_ => (nint)NativeMemory.Alloc(LargePiece))];
        nuint word = ((nuint*)pieces[^1])[-1];
        Array.ForEach(pieces, piece => NativeMemory.Free((void*)piece));
        return (word & IsMapped) != 0;
    }
}
