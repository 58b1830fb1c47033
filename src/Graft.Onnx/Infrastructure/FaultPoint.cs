using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Graft.Infrastructure;

/// <summary>
/// Points in the code where a test can inject a fault through the environment variable GRAFT_FAULT.
/// </summary>
/// <remarks>
/// NAME:COUNT kills the process at the COUNT-th visit of the point NAME, as a power cut would. NAME:COUNT:memory throws
/// an <see cref="InsufficientMemoryException"/>, and NAME:COUNT:disk the exception of a full disk. NAME:COUNT:stop
/// suspends the process on Linux, until a test wakes it. Without the variable nothing happens. Serves Graft's own
/// assemblies; it may change in any version.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static partial class FaultPoint
{
    /// <summary>Name of the environment variable.</summary>
    public const string Variable = "GRAFT_FAULT";

    private const int LinuxStop = 19; // SIGSTOP

    private static readonly string[]? s_fault = Environment.GetEnvironmentVariable(Variable)?.Split(':');
    private static int s_visits;

    /// <summary>Visits a point. Costs one comparison if no fault is set.</summary>
    /// <param name="name">Name of the point.</param>
    public static void Hit(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (s_fault is not null)
        {
            Visit(s_fault, name);
        }
    }

    /// <summary>
    /// Visits a point that concerns a file. A fault names the point alone, or point and file: "file-half model.onnx".
    /// </summary>
    /// <param name="name">Name of the point.</param>
    /// <param name="path">Path of the file.</param>
    public static void Hit(string name, string path)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(path);
        if (s_fault is not null)
        {
            Visit(s_fault, name);
            Visit(s_fault, $"{name} {Path.GetFileName(path)}");
        }
    }

    /// <summary>Returns the values, or zeros if the fault is NAME:1:wrong.</summary>
    /// <param name="name">Name of the point.</param>
    /// <param name="values">Correct values.</param>
    public static float[] Corrupt(string name, float[] values)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(values);
        return s_fault is [string point, _, "wrong"] && point == name ? new float[values.Length] : values;
    }

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

        if (fault is [_, _, "stop"])
        {
            _ = Signal(Environment.ProcessId, LinuxStop);
            return;
        }

        using System.Diagnostics.Process self = System.Diagnostics.Process.GetCurrentProcess();
        self.Kill(); // SIGKILL: nothing is flushed, no handler runs
        Thread.Sleep(Timeout.Infinite);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
