using System.Globalization;

namespace Graft.Training.FineTuning;

/// <summary>A head of one hidden layer, and how it is trained.</summary>
/// <param name="Width">Number of hidden units.</param>
/// <param name="Dropout">Share of hidden units that a step leaves out.</param>
/// <param name="WeightDecay">L2 penalty on the weights.</param>
/// <param name="ScalesEach">True: each feature is scaled to deviation 1. False: one factor scales all of them, which
/// keeps rare features small.</param>
internal sealed record HiddenHead(int Width, double Dropout, double WeightDecay, bool ScalesEach)
{
    public string Name =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Width} units, dropout {Dropout}, decay {WeightDecay}, {(ScalesEach ? "a scale a feature" : "one scale")}"
        );
}

/// <summary>Result of the search for a head.</summary>
/// <param name="Hidden">The hidden layer. Null: one linear layer is best.</param>
/// <param name="Tables">What was tried.</param>
internal sealed record HeadSearchResult(HiddenHead? Hidden, IReadOnlyList<TrialTable> Tables);
