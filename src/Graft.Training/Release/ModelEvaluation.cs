using Graft.Infrastructure;
using Graft.Prediction;
using Graft.Training.Metrics;
using Graft.Training.Release;

namespace Graft.Training;

/// <summary>Evaluates trained models on labelled images.</summary>
public static class ModelEvaluation
{
    /// <summary>Classifies images and compares the answers with their labels.</summary>
    /// <param name="model">The model.</param>
    /// <param name="images">Their labels must be classes of the model. The model must not have been trained on
    /// them.</param>
    /// <param name="progress">Receives the number of images done.</param>
    /// <param name="cancel">Stops the evaluation.</param>
    /// <returns>The evaluation. Images that the model cannot use are in <see cref="Evaluation.Rejected"/> and are not
    /// counted.</returns>
    /// <exception cref="ArgumentException">A label is no class of the model.</exception>
    /// <exception cref="GraftException">No image can be used.</exception>
    public static Evaluation Evaluate(
        Predictor model,
        IReadOnlyList<LabelledImage> images,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(images);
        CheckLabels(model.Card, images);
        ModelAnswers answers = ModelAnswers.Of([model], images, progress ?? TrainingProgress.None, cancel);
        return EvaluationOf(answers, 0, model.Card, model.Card);
    }

    /// <inheritdoc cref="Evaluate"/>
    public static Task<Evaluation> EvaluateAsync(
        Predictor model,
        IReadOnlyList<LabelledImage> images,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Evaluate(model, images, progress, cancel), cancel);

    /// <summary>Evaluates two models on the same images and tests whether they differ by more than chance.</summary>
    /// <param name="first">The first model.</param>
    /// <param name="second">A model of the same classes, in any order.</param>
    /// <param name="images">Their labels must be classes of the models.</param>
    /// <param name="progress">Receives the number of images done, by both models together.</param>
    /// <param name="cancel">Stops the comparison.</param>
    /// <returns>The comparison. Images that a model cannot use are left out for both.</returns>
    /// <exception cref="ArgumentException">The models have different classes, or a label is none of them.</exception>
    /// <exception cref="GraftException">No image can be used.</exception>
    public static Comparison Compare(
        Predictor first,
        Predictor second,
        IReadOnlyList<LabelledImage> images,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentNullException.ThrowIfNull(images);
        CheckLabels(first.Card, images);
        if (!first.Card.Labels.ToHashSet().SetEquals(second.Card.Labels))
        {
            throw new ArgumentException("the models have different classes", nameof(second));
        }

        if (first.Card.Task != second.Card.Task)
        {
            throw new ArgumentException(
                "one model gives exactly one label a picture, the other any number",
                nameof(second)
            );
        }

        ModelAnswers answers = ModelAnswers.Of([first, second], images, progress ?? TrainingProgress.None, cancel);
        McNemar test = McNemar.Of(answers.IsCorrect(0), answers.IsCorrect(1));
        return new(
            EvaluationOf(answers, 0, first.Card, first.Card),
            EvaluationOf(answers, 1, first.Card, second.Card),
            test.FirstOnly,
            test.SecondOnly,
            test.PValue,
            answers.Flipped(first.Card.Labels)
        )
        {
            MeanAveragePrecisionDifference = answers.Labels.AreSets
                ? PairedPrecision.Of(answers.Probabilities[0], answers.Probabilities[1], answers.Labels)
                : null,
        };
    }

    /// <inheritdoc cref="Compare"/>
    public static Task<Comparison> CompareAsync(
        Predictor first,
        Predictor second,
        IReadOnlyList<LabelledImage> images,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Compare(first, second, images, progress, cancel), cancel);

    private static void CheckLabels(ModelCard card, IReadOnlyList<LabelledImage> images)
    {
        HashSet<string> known = [.. card.Labels];
        if (card.Task == ClassificationTask.SingleLabel)
        {
            LabelledImage? several = images.FirstOrDefault(image => image.Labels.Count != 1);
            if (several is not null)
            {
                throw new ArgumentException(
                    $"'{Printable.Text(several.Name)}' has {several.Labels.Count} labels, and the model knows "
                        + "exactly one a picture",
                    nameof(images)
                );
            }
        }

        LabelledImage? unknown = images.FirstOrDefault(image => !known.IsSupersetOf(image.Labels));
        if (unknown is not null)
        {
            throw new ArgumentException(
                $"'{Printable.Text(unknown.Name)}' has the label '{Printable.Text(unknown.Label)}', which is no class "
                    + "of the model",
                nameof(images)
            );
        }
    }

    /// <param name="card">Card of the first model, which gives the columns their order.</param>
    /// <param name="own">Card of the model itself, which has its own threshold.</param>
    private static Evaluation EvaluationOf(ModelAnswers answers, int model, ModelCard card, ModelCard own) =>
        Evaluation.Of(
            card.Labels,
            answers.Labels,
            answers.Probabilities[model],
            answers.Thresholds[model],
            own.UnsureBelow
        ) with
        {
            Rejected = answers.Rejected,
        };
}
