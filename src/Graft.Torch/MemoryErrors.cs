using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Graft.Torch;

/// <summary>What .NET, libtorch and ONNX Runtime say when memory runs out.</summary>
internal static class MemoryErrors
{
    // c10's CPU allocator and ONNX Runtime's, CUDA's, C++'s
    private static readonly string[] s_signs = ["allocate memory", "out of memory", "bad_alloc"];

    public static bool IsOutOfMemory(Exception? error) =>
        error switch
        {
            null => false,
            OutOfMemoryException => true,
            OnnxRuntimeException network
                when s_signs.Any(sign => network.Message.Contains(sign, StringComparison.OrdinalIgnoreCase)) => true,
            ExternalException native => s_signs.Any(sign =>
                native.Message.Contains(sign, StringComparison.OrdinalIgnoreCase)
            ),
            AggregateException several => several.InnerExceptions.Any(IsOutOfMemory),
            _ => IsOutOfMemory(error.InnerException),
        };
}
