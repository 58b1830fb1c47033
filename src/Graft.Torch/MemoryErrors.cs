using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Graft.Torch;

/// <summary>Recognises the exceptions of .NET, libtorch and ONNX Runtime when memory runs out.</summary>
public static class MemoryErrors
{
    // messages of c10's and ONNX Runtime's CPU allocators, of CUDA, and of C++
    private static readonly string[] s_signs = ["allocate memory", "out of memory", "bad_alloc"];

    /// <summary>Whether an exception, or one of its inner exceptions, means that memory ran out.</summary>
    /// <param name="error">The exception; null is none.</param>
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
