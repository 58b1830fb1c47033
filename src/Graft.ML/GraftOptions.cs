using Graft.Training;
using Microsoft.ML;

namespace Graft.ML;

/// <summary>Columns and options of a <see cref="GraftEstimator"/>.</summary>
public sealed record GraftOptions
{
    internal const string DefaultLabel = "Label";
    internal const string DefaultFeature = "Features";
    internal const string DefaultScore = "Score";
    internal const string DefaultPredictedLabel = "PredictedLabel";

    /// <summary>
    /// Name of the label column: a key, or a vector of keys where images have several labels. Its key values are the
    /// names of the classes. Rows without a label are left out with a warning, unless images have several labels.
    /// </summary>
    public string LabelColumnName { get; init; } = DefaultLabel;

    /// <summary>
    /// Name of the image column: paths as text, encoded images as a vector of <see cref="byte"/>, or
    /// <see cref="Microsoft.ML.Data.MLImage"/>. Paths and bytes are best: Graft then decodes the images itself, turns
    /// them as their EXIF orientation says, and reads large JPEG files at a fraction of their size.
    /// </summary>
    public string FeatureColumnName { get; init; } = DefaultFeature;

    /// <summary>Name of the output with one probability for each key of the label column.</summary>
    public string ScoreColumnName { get; init; } = DefaultScore;

    /// <summary>
    /// Name of the output with the predicted label: a key with the values of the label column, or a vector of such keys
    /// where images have several labels.
    /// </summary>
    public string PredictedLabelColumnName { get; init; } = DefaultPredictedLabel;

    /// <summary>
    /// Name of a column of text: images of one group (one patient, one place) stay in one part of a split. Null: none.
    /// </summary>
    public string? GroupColumnName { get; init; }

    /// <summary>Folder that relative paths start from; null: the working folder.</summary>
    public string? ImageFolder { get; init; }

    /// <summary>
    /// Images that choices are made on: learning rates, when to stop, which candidate ships. Null: they are drawn from
    /// the training images, by <see cref="TrainingOptions.ValidationShare"/>.
    /// </summary>
    public IDataView? ValidationSet { get; init; }

    /// <summary>
    /// Options of the training. <see cref="TrainingOptions.TestShare"/> is 0.05 here, its smallest value: ML.NET
    /// programs hold out test images of their own, and these are for Graft's own evaluation.
    /// </summary>
    public TrainingOptions Training
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = new() { TestShare = 0.05 };

    /// <summary>
    /// Folder in which each fitting keeps its run (report, evaluation, model) in a folder of its own. Null: runs are
    /// deleted as soon as their model is read.
    /// </summary>
    public string? RunsFolder { get; init; }

    /// <summary>Receives the events of the training; null: they go to the log of the <see cref="MLContext"/> alone.
    /// </summary>
    public IProgress<TrainingEvent>? Progress { get; init; }

    /// <summary>
    /// Ends the training early: the best model so far is returned, or <see cref="OperationCanceledException"/> is
    /// thrown where there is none.
    /// </summary>
    public CancellationToken Cancel { get; init; }

    /// <exception cref="ArgumentException">A name of a column is empty, or two outputs have the same name.</exception>
    internal GraftOptions Checked()
    {
        ArgumentException.ThrowIfNullOrEmpty(LabelColumnName);
        ArgumentException.ThrowIfNullOrEmpty(FeatureColumnName);
        ArgumentException.ThrowIfNullOrEmpty(ScoreColumnName);
        ArgumentException.ThrowIfNullOrEmpty(PredictedLabelColumnName);
        if (ScoreColumnName == PredictedLabelColumnName)
        {
            throw new ArgumentException(
                $"'{ScoreColumnName}' cannot name both outputs; give {nameof(ScoreColumnName)} and "
                    + $"{nameof(PredictedLabelColumnName)} different names"
            );
        }

        Training.Validate();
        return this;
    }
}
