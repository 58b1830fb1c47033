using System.Globalization;

namespace Graft.Training.FineTuning;

/// <summary>A head of one hidden layer, and how it is trained.</summary>
/// <param name="Dropout">The share of hidden units that a step leaves out.</param>
/// <param name="WeightDecay">L2 penalty on the weights.</param>
/// <param name="ScalesEach">Each feature is brought to deviation 1; otherwise all by one factor, so that rare features
/// do not grow loud.</param>
internal sealed record HiddenHead(int Width, double Dropout, double WeightDecay, bool ScalesEach)
{
    public string Name =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Width} units, dropout {Dropout}, decay {WeightDecay}, {(ScalesEach ? "a scale a feature" : "one scale")}"
        );
}

/// <summary>What a head's search has come to.</summary>
/// <param name="Hidden">Null: one linear layer.</param>
internal sealed record HeadSearchResult(HiddenHead? Hidden, IReadOnlyList<TrialTable> Tables)
{
    /// <summary>The options with what was found; the body's own penalty stays.</summary>
    public TrainingOptions ApplyTo(TrainingOptions options) =>
        Hidden is null
            ? options with
            {
                Head = options.Head with { Hidden = [] },
            }
            : options with
            {
                Head = options.Head with
                {
                    Hidden = [Hidden.Width],
                    Dropout = Hidden.Dropout,
                    ScalesEach = Hidden.ScalesEach,
                },
                HeadTraining = options.HeadTraining with { WeightDecay = Hidden.WeightDecay },
            };
}
