using Graft.Torch;
using Graft.Training.Extraction;
using Graft.Training.Metrics;
using Graft.Training.Probe;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>The rows that heads are tried on.</summary>
/// <param name="Features">[N x views, F], row by row, the plain view of an image first.</param>
/// <param name="Labels">What is true of the images, N.</param>
/// <param name="Folds">Fold of each image, [N], from <see cref="StratifiedFolds"/>.</param>
/// <param name="ClassCount">Number of classes.</param>
/// <param name="Views">Views per image.</param>
internal sealed record HeadTrainingSet(float[] Features, TrueLabels Labels, int[] Folds, int ClassCount, int Views)
{
    /// <summary>Factor of each image's loss, [N]. Null: 1.</summary>
    public double[]? Weights { get; init; }

    /// <summary>Numbers of features, one after the other, that are standardised together; null: all.</summary>
    public IReadOnlyList<int>? Groups { get; init; }

    /// <summary>Factor of the loss of each class's positives, [C], where images may have several. Null: 1.</summary>
    public double[]? PositiveWeights { get; init; }

    public int FeatureCount => Features.Length / (Labels.Count * Views);

    public int FoldCount => Folds.Max() + 1;

    /// <summary>All rows, scaled to mean 0 and a deviation of about 1: [N x views, F].</summary>
    /// <param name="scalesEach">True: each feature has its own scale. False: all share one.</param>
    public Tensor Standardised(bool scalesEach)
    {
        using DisposeScope scope = NewDisposeScope();
        Standardisation each = Standardisation.Of(FeatureMatrix.Of(Features, Labels.Count * Views, Groups));
        Standardisation used = scalesEach ? each : each.WithOneScale();
        Tensor mean = AlignedTensor.Of(Array.ConvertAll(used.Mean, m => (float)m)); // [F]
        Tensor factor = AlignedTensor.Of(Array.ConvertAll(used.Scale, s => (float)(1 / s))); // [F]
        Tensor rows = AlignedTensor.Of(Features, [(long)Labels.Count * Views, FeatureCount]); // [N*V,F]
        return rows.add_(mean, SafeScalar.Held(-1.0)).mul_(factor).MoveToOuterDisposeScope();
    }
}
