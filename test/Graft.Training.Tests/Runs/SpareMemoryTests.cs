using System.Runtime.InteropServices;
using Graft.Training.Runs;

namespace Graft.Training.Tests.Runs;

public sealed class SpareMemoryTests
{
    private const int LargePiece = 4 << 20;
    private const nuint IsMapped = 2;   // glibc's flag in the word before a piece: it came from the system and is no part of a heap

    [Fact]
    public void Large_pieces_are_kept_apart_until_the_last_who_asked_for_it_is_done()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && !RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal), "glibc's allocator is asked");

        using IDisposable outer = SpareMemory.KeepLargePiecesApart();
        using (SpareMemory.KeepLargePiecesApart())
        {
            Assert.True(ComesFromTheSystem());
        }

        Assert.True(ComesFromTheSystem());
    }

    private static unsafe bool ComesFromTheSystem()
    {
        void* piece = NativeMemory.Alloc(LargePiece);
        nuint word = ((nuint*)piece)[-1];
        NativeMemory.Free(piece);
        return (word & IsMapped) != 0;
    }
}
