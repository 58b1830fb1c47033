using Graft.Prediction;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Graft.ML;

/// <summary>Adds Graft to the catalogs of an <see cref="MLContext"/>.</summary>
public static class GraftCatalog
{
    /// <summary>
    /// Transfer learning for images with one label each. Takes the place of ML.NET's ImageClassification, with the same
    /// columns.
    /// </summary>
    /// <param name="trainers">The trainers of <see cref="MLContext.MulticlassClassification"/>.</param>
    /// <param name="labelColumnName">Name of the label column: a key, as MapValueToKey makes it.</param>
    /// <param name="featureColumnName">
    /// Name of the image column: paths as text, encoded images as a vector of <see cref="byte"/>, or
    /// <see cref="MLImage"/>.
    /// </param>
    /// <param name="scoreColumnName">
    /// Name of the output with the probabilities, in the order of the label's keys; they sum to 1.
    /// </param>
    /// <param name="predictedLabelColumnName">Name of the output with the most probable label, as a key.</param>
    /// <param name="validationSet">
    /// Images that choices are made on, with the same columns; null: they are drawn from the training images.
    /// </param>
    /// <exception cref="ArgumentException">A name of a column is empty.</exception>
    public static GraftEstimator Graft(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers trainers,
        string labelColumnName = GraftOptions.DefaultLabel,
        string featureColumnName = GraftOptions.DefaultFeature,
        string scoreColumnName = GraftOptions.DefaultScore,
        string predictedLabelColumnName = GraftOptions.DefaultPredictedLabel,
        IDataView? validationSet = null
    ) =>
        trainers.Graft(
            new GraftOptions
            {
                LabelColumnName = labelColumnName,
                FeatureColumnName = featureColumnName,
                ScoreColumnName = scoreColumnName,
                PredictedLabelColumnName = predictedLabelColumnName,
                ValidationSet = validationSet,
            }
        );

    /// <summary>Transfer learning for images with one label each.</summary>
    /// <param name="trainers">The trainers of <see cref="MLContext.MulticlassClassification"/>.</param>
    /// <param name="options">Columns, training options and folders.</param>
    /// <exception cref="ArgumentException">A column's name is empty, or a training option cannot be used.</exception>
    public static GraftEstimator Graft(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers trainers,
        GraftOptions options
    )
    {
        ArgumentNullException.ThrowIfNull(trainers);
        return new(CatalogUtils.GetEnvironment(trainers), options, ClassificationTask.SingleLabel);
    }

    /// <summary>
    /// Transfer learning for images with any number of labels each. The label column is a vector of keys, as
    /// MapValueToKey makes it of a vector of names. The score is a probability for each label; the predicted label is
    /// the vector of the labels that reach their thresholds, the most probable first.
    /// </summary>
    /// <remarks>
    /// ML.NET has no catalog for several labels an image, and no metrics of them: this is a transform, and
    /// <see cref="GraftTransformer.Evaluation"/> holds average precision, thresholds and F1 of each label.
    /// </remarks>
    /// <param name="transforms">The transforms of an <see cref="MLContext"/>.</param>
    /// <param name="options">Columns, training options and folders.</param>
    /// <exception cref="ArgumentException">A column's name is empty, or a training option cannot be used.</exception>
    public static GraftEstimator GraftMultiLabel(this TransformsCatalog transforms, GraftOptions options)
    {
        ArgumentNullException.ThrowIfNull(transforms);
        return new(CatalogUtils.GetEnvironment(transforms), options, ClassificationTask.MultiLabel);
    }
}
