using System.Runtime.InteropServices;

namespace Graft.Training.Run;

/// <summary>
/// Carries out <see cref="MemoryPolicy.ManageProcess"/>: returns memory that the process holds but does not use. Native
/// code frees blocks to glibc and MKL, which keep them for the next call. In a probe of 20,000 images that was 0.9 of
/// 1.4 GB (docs/results.md, "Memory of many images"). Does nothing unless a training with that policy is running, and
/// where the C library has no such calls.
/// </summary>
internal static partial class ProcessMemory
{
    /// <summary>
    /// More than a block that decoding most images takes, in bytes. The page faults of taking those from the system for
    /// each image cost a sixth of an extraction's time.
    /// </summary>
    public const int ImageBlock = 4 << 20;

    // glibc's malloc.h
    private const int TrimThreshold = -1;
    private const int TopPad = -2;
    private const int MmapThreshold = -3;
    private const int ArenaMax = -8;

    private const int Heaps = 2; // glibc's own choice is eight per core
    private const int Small = 350_000_000; // mostly the runtime, libtorch, ONNX Runtime and libvips
    private const int Growth = 12_000_000;
    private const int LargeBlock = 1 << 17; // glibc's own threshold at the start

    // the largest value that glibc accepts; its own adaptation ends there too
    private const int LargestThreshold = 32 << 20;

    private const int UsualPad = 128 << 10;
    private const int HeapBytes = 64 << 20; // of all threads but the first

    private static readonly Lock s_gate = new();
    private static int s_managers; // running trainings with the policy ManageProcess
    private static int s_keepers; // undisposed results of KeepLargeBlocksApart
    private static int s_holders; // undisposed results of KeepFreedBlocks
    private static long s_left; // working set after the last return

    /// <summary>Applies a policy until the result is disposed.</summary>
    public static IDisposable Apply(MemoryPolicy policy)
    {
        if (policy == MemoryPolicy.LeaveProcessAlone)
        {
            return new Release(static () => { });
        }

        if (Interlocked.Increment(ref s_managers) == 1)
        {
            Call(() => _ = Mallopt(ArenaMax, Heaps));
            Call(LetThreadsSleep);
        }

        return new Release(static () => Interlocked.Decrement(ref s_managers));
    }

    /// <summary>
    /// Until the last result is disposed, large blocks come from the system and go back to it at once. Page
    /// faults make that too slow for the steps of a training, but not for work on whole blocks of rows. Otherwise every
    /// iteration over many rows takes new memory, because glibc rarely reuses a block that is aligned to 64 bytes. The
    /// weights of a closed network would also stay where small blocks behind them are still in use.
    /// </summary>
    /// <param name="from">Size of a large block, in bytes. Of several callers at once, the first one's counts.</param>
    public static IDisposable KeepLargeBlocksApart(int from = LargeBlock)
    {
        if (Volatile.Read(ref s_managers) == 0)
        {
            return new Release(static () => { });
        }

        lock (s_gate)
        {
            if (s_keepers++ == 0)
            {
                Call(() => _ = Mallopt(MmapThreshold, from));
            }
        }

        return new Release(EndKeeping);
    }

    /// <summary>
    /// Until the last result is disposed, freed blocks stay with the process, for work that takes the same blocks
    /// again and again. A step of a training frees some hundred megabytes at its end. The page faults of taking them
    /// back cost a tenth of its time.
    /// </summary>
    public static IDisposable KeepFreedBlocks()
    {
        if (Volatile.Read(ref s_managers) == 0)
        {
            return new Release(static () => { });
        }

        lock (s_gate)
        {
            if (s_holders++ == 0)
            {
                Call(() => _ = Mallopt(MmapThreshold, LargestThreshold));
                Call(() => _ = Mallopt(TrimThreshold, int.MaxValue));
                Call(() => _ = Mallopt(TopPad, HeapBytes)); // a heap that becomes empty is not given back
            }
        }

        return new Release(EndHolding);
    }

    /// <summary>
    /// Returns free memory to the system if the process is large and has grown since the last time. Takes 10 to 100 ms.
    /// </summary>
    /// <param name="growth">Growth of the working set that is worth a return, in bytes; 0 after something large was
    /// freed that existed the last time.</param>
    public static void Return(long growth = Growth)
    {
        if (Volatile.Read(ref s_managers) == 0)
        {
            return;
        }

        long now = Environment.WorkingSet;
        if (now < Volatile.Read(ref s_left))
        {
            Volatile.Write(ref s_left, now); // it has shrunk without us
        }

        if (now < Math.Max(Small, Volatile.Read(ref s_left) + growth) || !s_gate.TryEnter())
        {
            return;
        }

        try
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            Call(FreeMklBuffers); // one set for each thread that ever multiplied, also for threads that have ended
            Call(() => _ = MallocTrim(0));
            Volatile.Write(ref s_left, Environment.WorkingSet);
        }
        finally
        {
            s_gate.Exit();
        }
    }

    private static void EndKeeping()
    {
        lock (s_gate)
        {
            if (--s_keepers == 0)
            {
                Call(() => _ = Mallopt(MmapThreshold, LargestThreshold));
                Call(() => _ = Mallopt(TrimThreshold, 2 * LargestThreshold));
            }
        }
    }

    private static void EndHolding()
    {
        lock (s_gate)
        {
            if (--s_holders == 0)
            {
                Call(() => _ = Mallopt(TrimThreshold, 2 * LargestThreshold));
                Call(() => _ = Mallopt(TopPad, UsualPad));
                Call(() => _ = MallocTrim(0));
            }
        }
    }

    private static void Call(Action native)
    {
        try
        {
            native();
        }
        catch (Exception error) when (error is EntryPointNotFoundException or DllNotFoundException)
        {
            // another system's library
        }
    }

    // libtorch's threads wait for their next work in a loop of milliseconds, on a core that other threads want: those
    // of Graft's own kernels, and other programs. Has no effect once libtorch is loaded.
    private static void LetThreadsSleep() => _ = SetVariable("GOMP_SPINCOUNT", "1000", overwrite: 0);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int Mallopt(int parameter, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint kept);

    [LibraryImport("torch_cpu", EntryPoint = "mkl_serv_free_buffers")]
    private static partial void FreeMklBuffers();

    private sealed class Release(Action end) : IDisposable
    {
        private Action? _end = end;

        public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke();
    }
}
