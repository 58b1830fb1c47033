using System.Runtime.InteropServices;

namespace Graft.Torch;

/// <summary>What libtorch writes to standard error by itself.</summary>
internal static unsafe class TorchLog
{
    /// <summary>The level of messages, an int32 that libc10 exports.</summary>
    public const string Level = "FLAGS_caffe2_log_level";

    /// <summary>The library that exports it.</summary>
    public const string Library = "libc10.so";

    private const int Errors = 2; // 1: warnings too

    /// <summary>
    /// Leaves out warnings. A machine that hides its caches gets "Could not initialize NNPACK" many times, which means
    /// nothing: NNPACK is a library that libtorch can do without. TORCH_CPP_LOG_LEVEL overrules it.
    /// </summary>
    public static void ShowErrorsOnly()
    {
        if (
            string.IsNullOrEmpty(Environment.GetEnvironmentVariable("TORCH_CPP_LOG_LEVEL"))
            && LoadedLibrary.Find(Library) is LoadedLibrary library
            && NativeLibrary.TryLoad(library.Path, out nint handle)
            && NativeLibrary.TryGetExport(handle, Level, out nint address)
        )
        {
            *(int*)address = Errors;
        }
    }
}
