using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Graft.Torch;

/// <summary>The variable of the process that libtorch reads when it is loaded. What the user has set stays.</summary>
internal static partial class TorchEnvironment
{
#pragma warning disable CA2255 // libtorch reads it once; whatever else of this assembly runs first may load it
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Set()
    {
        if (TorchInstructions.IsLimited)
        {
            Limit();
        }
    }

    /// <summary>Holds oneDNN to the limit, if it has not computed anything yet.</summary>
    internal static void Limit()
    {
        Environment.SetEnvironmentVariable(TorchInstructions.Variable, TorchInstructions.Limit);
        if (OperatingSystem.IsLinux())
        {
            // .NET keeps its variables to itself here
            _ = SetNative(TorchInstructions.Variable, TorchInstructions.Limit, overwrite: 1);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SetNative(string name, string value, int overwrite);
}
