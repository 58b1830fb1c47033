using System.Runtime.InteropServices;

namespace Graft.Training.Run;

/// <summary>
/// Memory that nobody uses and that still counts as the process's. Native code gives back to glibc and MKL, and these
/// keep it for the next call: of a probe of 20,000 images 0.9 GB of 1.4 GB were
/// such (docs/results.md, "Memory of many images"). The settings are the process's; where a library has no such call,
/// nothing happens.
/// </summary>
internal static partial class MemoryPolicy
{
    // glibc's malloc.h
    private const int TrimThreshold = -1;
    private const int MmapThreshold = -3;
    private const int ArenaMax = -8;

    private const int Heaps = 2; // glibc's own choice is eight a core
    private const int Small = 350_000_000; // most of it are the runtime, libtorch, ONNX Runtime and libvips
    private const int Growth = 12_000_000;
    private const int LargePiece = 1 << 17; // as glibc begins

    // glibc takes no more, and comes to it by itself when large pieces are given back
    private const int LargestThreshold = 32 << 20;

    private static readonly Lock s_gate = new();
    private static int s_keptApart; // by as many
    private static long s_left; // the working set after the last return

    /// <summary>
    /// From now on all threads share two native heaps, of which each keeps what was given back to it.
    /// </summary>
    public static void LimitHeaps() => Call(() => _ = Mallopt(ArenaMax, Heaps));

    /// <summary>
    /// While any of these is not disposed, a piece of 128 kB or more comes from the system and goes back to it at once.
    /// It costs page faults, which work on blocks does not notice and a training's
    /// steps would. Without it every iteration over many rows takes new memory: glibc can hardly use a piece that
    /// begins at a multiple of 64 bytes again for one of the same size. And a closed
    /// network's weights stay, where small pieces that outlive it lie between them.
    /// </summary>
    public static IDisposable KeepLargePiecesApart()
    {
        lock (s_gate)
        {
            if (s_keptApart++ == 0)
            {
                Call(() => _ = Mallopt(MmapThreshold, LargePiece));
            }
        }

        return new Apart();
    }

    /// <summary>
    /// Gives back what is free, where the process is not small and has grown since the last time: it takes 10 to 100
    /// ms.
    /// </summary>
    /// <param name="growth">Of the working set, in bytes; 0 where something large has been let go of that was held the
    /// last time.</param>
    public static void Return(long growth = Growth)
    {
        long now = Environment.WorkingSet;
        if (now < Volatile.Read(ref s_left))
        {
            Volatile.Write(ref s_left, now); // it has shrunk by itself
        }

        if (now < Math.Max(Small, Volatile.Read(ref s_left) + growth) || !s_gate.TryEnter())
        {
            return;
        }

        try
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            Call(FreeMklBuffers); // kept for each thread that has multiplied, also for one that has ended
            Call(() => _ = MallocTrim(0));
            Volatile.Write(ref s_left, Environment.WorkingSet);
        }
        finally
        {
            s_gate.Exit();
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

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int Mallopt(int parameter, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint kept);

    [LibraryImport("torch_cpu", EntryPoint = "mkl_serv_free_buffers")]
    private static partial void FreeMklBuffers();

    private sealed class Apart : IDisposable
    {
        public void Dispose()
        {
            lock (s_gate)
            {
                if (--s_keptApart == 0)
                {
                    Call(() => _ = Mallopt(MmapThreshold, LargestThreshold));
                    Call(() => _ = Mallopt(TrimThreshold, 2 * LargestThreshold));
                }
            }
        }
    }
}
