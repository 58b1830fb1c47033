using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Torch;

/// <summary>Loads libtorch.</summary>
internal static class TorchLibrary
{
    private static readonly Lazy<bool> s_isLoaded = new(() =>
    {
        InitializeDeviceType(DeviceType.CPU);
        if (TorchInstructions.HidesCaches)
        {
            TorchLog.ShowErrorsOnly();
        }

        bool isWrong = TorchInstructions.AreCachesAssumed && !OneDnnCaches.Repair();
        if (isWrong && string.IsNullOrEmpty(Environment.GetEnvironmentVariable(TorchInstructions.Variable)))
        {
            TorchEnvironment.Limit(); // slow and right
        }

        return true;
    });

    /// <summary>Loads libtorch, once per process.</summary>
    /// <exception cref="GraftException">The native library is missing.</exception>
    public static void Require()
    {
        try
        {
            _ = s_isLoaded.Value;
        }
        catch (Exception error)
            when (error
                    is TypeInitializationException
                        or DllNotFoundException
                        or BadImageFormatException
                        or InvalidOperationException
                        or NotSupportedException
            )
        {
            throw new GraftException(
                "'TorchSharp' cannot be loaded: the native library libtorch is not beside the program; "
                    + "add the package TorchSharp-cpu",
                error
            );
        }
    }
}
