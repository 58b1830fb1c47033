using Graft.Infrastructure;
using Graft.Torch;
using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>
/// Random masks of dropout, a function of seed, step and layer. A resumed run draws what an uninterrupted one drew.
/// </summary>
internal static class DropoutMasks
{
    /// <param name="seed">Seed of the run.</param>
    /// <param name="step">Number of the step, counted from 0 over the whole phase.</param>
    /// <param name="piece">The piece of the batch, which gets its rows of the whole batch's mask.</param>
    public static DropoutMask For(long seed, int step, BatchPiece piece) =>
        (dropout, shape, keepShare) =>
        {
            CountedRandom random = new((ulong)seed, RandomPurpose.Dropout, (uint)step, (ulong)dropout);
            using Generator generator = new((ulong)random.Below(int.MaxValue, 0));
            bool isPart = !piece.IsWhole && shape[0] == piece.Count;
            Tensor draws = rand(isPart ? [piece.Whole, .. shape[1..]] : shape, generator: generator)
                .lt(Held(keepShare));
            return isPart ? draws.narrow(0, piece.First, piece.Count) : draws;
        };
}
