using Graft.Prediction;
using Graft.Training.Data;
using Graft.Training.Metrics;

namespace Graft.Training.Probe;

/// <summary>
/// How candidates are compared: on the validation images (hold-out) or, where these are too few, by stratified
/// cross-validation over all images but the test images. Copies of an image share a fold.
/// </summary>
internal sealed class ValidationScheme
{
    private const int FewestOfAClass = 5;
    private const int CrossFolds = 3; // each costs a training
    private readonly int[]? _folds; // of everything
    private readonly IReadOnlyList<LabelledImage> _training;

    private ValidationScheme(TrainingData data, int[]? folds)
    {
        _folds = folds;
        _training = data.Train;
        All = data.Everything;
        Images = folds is null ? data.Validation : [.. All.Where((_, i) => folds[i] != StratifiedFolds.NeverHeldOut)];
        Labels = data.TrueLabelsOf(Images);
    }

    /// <summary>The images on which candidates are compared, in the order of their logits.</summary>
    public IReadOnlyList<LabelledImage> Images { get; }

    /// <summary>What is true of <see cref="Images"/>.</summary>
    public TrueLabels Labels { get; }

    /// <summary>Training and validation images.</summary>
    public IReadOnlyList<LabelledImage> All { get; }

    /// <summary>
    /// Fold of each of <see cref="All"/>, or <see cref="StratifiedFolds.NeverHeldOut"/>; null with hold-out.
    /// </summary>
    public IReadOnlyList<int>? Folds => _folds;

    public int FoldCount => _folds is null ? 0 : _folds.Max() + 1;

    public string Description =>
        _folds is null
            ? $"{Images.Count} validation images"
            : $"{FoldCount}-fold cross-validation over {Images.Count} images "
                + $"(a validation part would have fewer than {FewestOfAClass} of a class)";

    /// <summary>
    /// Chooses cross-validation where the validation images were drawn from the training images and a class has fewer
    /// than five of them. A target accuracy needs hold-out, because it is watched epoch by epoch.
    /// </summary>
    public static ValidationScheme Of(TrainingData data, ProbePlan plan)
    {
        TrueLabels targets = data.TargetsOf(data.Validation);
        int fewest = Enumerable.Range(0, data.ClassCount).Min(targets.PositivesOf);
        if (data.HasOwnValidation || plan.NeedsHoldOut || fewest >= FewestOfAClass)
        {
            return new(data, null);
        }

        int[] folds = FoldsOf(data, data.Everything, plan.Seed, CrossFolds);
        return folds.All(fold => fold == StratifiedFolds.NeverHeldOut) ? new(data, null) : new(data, folds);
    }

    /// <summary>A fold for each image, stratified by class. Copies and near duplicates share one.</summary>
    public static int[] FoldsOf(TrainingData data, IReadOnlyList<LabelledImage> images, long seed, int most)
    {
        Dictionary<string, int> groups = images
            .Select(image => image.Cluster)
            .Distinct()
            .Select((hash, number) => (hash, number))
            .ToDictionary(g => g.hash, g => g.number);
        int[] groupOf = [.. images.Select(image => groups[image.Cluster])];
        return data.Task == ClassificationTask.MultiLabel
            ? LabelFolds.Assign(data.TargetsOf(images), groupOf, (ulong)seed, most)
            : StratifiedFolds.Assign(data.LabelsOf(images), groupOf, (ulong)seed, most);
    }

    /// <summary>The images that train while a fold is held out, and those of the fold.</summary>
    public (IReadOnlyList<LabelledImage> Training, IReadOnlyList<LabelledImage> HeldOut) PartsOf(int fold) =>
        ([.. All.Where((_, i) => _folds![i] != fold)], [.. All.Where((_, i) => _folds![i] == fold)]);

    /// <summary>
    /// The training and held-out images of a single trial: the parts of the data, or those of the first fold.
    /// </summary>
    public (IReadOnlyList<LabelledImage> Training, IReadOnlyList<LabelledImage> HeldOut) FirstParts =>
        _folds is null ? (_training, Images) : PartsOf(0);

    /// <summary>Brings the logits of the folds, [N,C] each, into the order of <see cref="Images"/>.</summary>
    public float[] Join(IReadOnlyList<float[]> logitsOfFolds, int classCount)
    {
        int[] next = new int[logitsOfFolds.Count];
        List<float> joined = [];
        foreach (int fold in _folds!.Where(fold => fold != StratifiedFolds.NeverHeldOut))
        {
            joined.AddRange(logitsOfFolds[fold].AsSpan(next[fold]++ * classCount, classCount));
        }

        return [.. joined];
    }
}
