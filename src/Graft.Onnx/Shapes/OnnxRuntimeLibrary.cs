using Microsoft.ML.OnnxRuntime;

namespace Graft.Onnx;

/// <summary>Loads ONNX Runtime.</summary>
internal static class OnnxRuntimeLibrary
{
    /// <summary>Loads ONNX Runtime, once per process.</summary>
    /// <exception cref="GraftException">The native library is missing.</exception>
    public static void Require()
    {
        try
        {
            _ = OrtEnv.Instance();
        }
        catch (Exception error)
            when (error
                    is TypeInitializationException
                        or DllNotFoundException
                        or BadImageFormatException
                        or EntryPointNotFoundException
            )
        {
            throw new GraftException(
                "'ONNX Runtime' cannot be loaded: its native library is not beside the program; "
                    + "add the package Microsoft.ML.OnnxRuntime",
                error
            );
        }
    }
}
