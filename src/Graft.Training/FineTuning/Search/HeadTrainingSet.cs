using Graft.Torch;
using Graft.Training.Extraction;
using Graft.Training.Probe;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>What heads are tried on.</summary>
/// <param name="Features">[N x views, F], row by row, an image's plain view first.</param>
/// <param name="Labels">[N].</param>
/// <param name="Folds">[N] from <see cref="StratifiedFolds"/>.</param>
internal sealed record HeadTrainingSet(float[] Features, int[] Labels, int[] Folds, int ClassCount, int Views)
{
    /// <summary>[N]: each image's factor of its loss; null: one each.</summary>
    public double[]? Weights { get; init; }

    public int FeatureCount => Features.Length / (Labels.Length * Views);

    public int FoldCount => Folds.Max() + 1;

    /// <summary>All rows, brought to a mean of 0 and about a deviation of 1: [N x views, F].</summary>
    public Tensor Standardised(bool scalesEach)
    {
        using DisposeScope scope = NewDisposeScope();
        Standardisation each = Standardisation.Of(FeatureMatrix.Of(Features, Labels.Length * Views));
        Standardisation used = scalesEach ? each : each.WithOneScale();
        Tensor mean = AlignedTensor.Of(Array.ConvertAll(used.Mean, m => (float)m)); // [F]
        Tensor factor = AlignedTensor.Of(Array.ConvertAll(used.Scale, s => (float)(1 / s))); // [F]
        Tensor rows = AlignedTensor.Of(Features, [(long)Labels.Length * Views, FeatureCount]); // [N*V,F]
        return rows.add_(mean, SafeScalar.Held(-1.0)).mul_(factor).MoveToOuterDisposeScope();
    }
}
