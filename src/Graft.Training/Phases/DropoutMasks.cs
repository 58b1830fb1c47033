using Graft.Training.Network;
using static Graft.Training.Network.HeldScalar;
using static TorchSharp.torch;

namespace Graft.Training.Phases;

/// <summary>Dropout's draws, a function of (seed, step, dropout): resuming at a step draws what an uninterrupted run drew.</summary>
internal static class DropoutMasks
{
    /// <param name="step">Counted from 0 over the whole phase.</param>
    public static DropoutMask For(long seed, int step) => (dropout, shape, keepShare) =>
    {
        CountedRandom random = new((ulong)seed, RandomPurpose.Dropout, (uint)step, (ulong)dropout);
        using Generator generator = new((ulong)random.Below(int.MaxValue, 0));
        return rand(shape, generator: generator).lt(Held(keepShare));
    };
}
