namespace Graft.Infrastructure;

/// <summary>
/// Places at which a test ends this process as a power cut would, or lets memory or the disk run out. Nothing happens
/// unless the environment variable GRAFT_FAULT says
/// NAME:COUNT (the process kills itself at that place's COUNT-th visit) or NAME:COUNT:memory (it throws
/// <see cref="OutOfMemoryException"/> there) or NAME:COUNT:disk (it throws
/// what a full disk does).
/// </summary>
internal static class FaultPoint
{
    public const string Variable = "GRAFT_FAULT";

    private static readonly string[]? s_fault = Environment.GetEnvironmentVariable(Variable)?.Split(':');
    private static int s_visits;

    /// <summary>Costs a comparison where no fault is asked for.</summary>
    public static void Hit(string name)
    {
        if (s_fault is not null)
        {
            Visit(s_fault, name);
        }
    }

    /// <summary>
    /// The same at a place of a file: asked for by the place alone, or by the place and the file's name, as "file-half
    /// model.onnx".
    /// </summary>
    public static void Hit(string name, string path)
    {
        if (s_fault is not null)
        {
            Visit(s_fault, name);
            Visit(s_fault, $"{name} {Path.GetFileName(path)}");
        }
    }

    /// <summary>The values of an engine, or zeros in their place where NAME:1:wrong is asked for.</summary>
    public static float[] Corrupt(string name, float[] values) =>
        s_fault is [string asked, _, "wrong"] && asked == name ? new float[values.Length] : values;

    private static void Visit(string[] fault, string name)
    {
        if (fault[0] != name || Interlocked.Increment(ref s_visits) != int.Parse(fault[1]))
        {
            return;
        }

        if (fault is [_, _, "memory"])
        {
            throw new InsufficientMemoryException($"the fault point '{name}'");
        }

        if (fault is [_, _, "disk"])
        {
            throw new IOException($"No space left on device : the fault point '{name}'");
        }

        using System.Diagnostics.Process self = System.Diagnostics.Process.GetCurrentProcess();
        self.Kill(); // SIGKILL: nothing is flushed, no handler runs
        Thread.Sleep(Timeout.Infinite);
    }
}
