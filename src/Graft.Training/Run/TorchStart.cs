using System.Runtime.CompilerServices;
using Graft.Torch;

namespace Graft.Training.Run;

/// <summary>Chooses libtorch's instructions before anything of this assembly computes with it.</summary>
internal static class TorchStart
{
#pragma warning disable CA2255 // a probe uses libtorch without a graph of Graft.Torch
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Begin()
    {
        try
        {
            Touch();
        }
        catch (FileNotFoundException)
        {
            return; // without Graft.Torch nothing is trained; what needs it says so
        }
    }

    // Runs the initializer of Graft.Torch. A method of its own, so that the file is looked for inside the try.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Touch() => _ = TorchInstructions.IsLimited;
}
