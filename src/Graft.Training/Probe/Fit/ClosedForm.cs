using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Probe;

/// <summary>The part of a linear discriminant analysis in a probe.</summary>
/// <param name="Shrinkage">Share of the sphere in its covariance, above 0 and at most 1.</param>
/// <param name="Divisor">Divides its logits, which are far too sure.</param>
/// <param name="Share">Its share of the probe's logits, above 0 and at most 1; the others are the regression's.</param>
internal sealed record ClosedForm(double Shrinkage, double Divisor, double Share)
{
    /// <summary>The parameters of the probe: the weights [C,r] row by row, then the biases [C].</summary>
    /// <param name="regression">The parameters of the regression.</param>
    /// <param name="coordinates">The rows. The plain views are analysed.</param>
    /// <param name="rows">The same rows as features.</param>
    public double[] MixedWith(double[] regression, RotatedFeatures coordinates, ProbeTrainingSet rows)
    {
        using DisposeScope scope = NewDisposeScope();
        int[] plain = rows.PlainRows;
        using DiscriminantAnalysis analysis = DiscriminantAnalysis.Of(
            coordinates.Gather(plain),
            Array.ConvertAll(plain, n => rows.Labels.Numbers[n]),
            Array.ConvertAll(plain, n => rows.Weights?[n] ?? 1),
            rows.ClassCount,
            rows.Features.FeatureCount
        );
        double[] own = analysis.Parameters(Shrinkage);
        return [.. regression.Zip(own, (theirs, ours) => ((1 - Share) * theirs) + (Share * ours / Divisor))];
    }
}

/// <summary>A linear head that was tried, with its calibrated answers to images that it did not see.</summary>
/// <param name="Form">The analysis in it; null: it is the regression alone.</param>
/// <param name="Score">Its figures.</param>
internal sealed record TriedHead(ClosedForm? Form, OutOfFoldScore Score)
{
    /// <summary>What the user calls it.</summary>
    public string Name =>
        Form is null ? "logistic regression"
        : Form.Share == 1 ? "linear discriminant analysis"
        : "the mean of both";
}

/// <summary>What a trial of linear heads found.</summary>
/// <param name="Winner">The analysis in the winner; null: the regression alone wins.</param>
/// <param name="OutOfFoldLogits">The winner's logits out of fold, [N,C].</param>
/// <param name="Tried">All heads, the simplest first.</param>
internal sealed record ClosedFormResult(ClosedForm? Winner, double[] OutOfFoldLogits, IReadOnlyList<TriedHead> Tried);
