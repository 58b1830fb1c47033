using Graft.Prediction;
using Graft.Training;

namespace Graft.Studio;

/// <summary>What a model answers for the test images of its run.</summary>
/// <param name="Classes">The classes in the order of the model's outputs.</param>
/// <param name="IsMultiLabel">Whether an image may have several labels.</param>
/// <param name="Items">One an image, in the order of the split.</param>
internal sealed record TestAnswers(IReadOnlyList<string> Classes, bool IsMultiLabel, IReadOnlyList<TestAnswer> Items)
{
    /// <summary>The images, in the order of <see cref="Items"/>.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public IReadOnlyList<LabelledImage> Images { get; private init; } = [];

    /// <summary>Predicts all test images of a run.</summary>
    /// <exception cref="GraftException">The run has no split yet, or its images have changed.</exception>
    public static TestAnswers Of(StudioRun run, Predictor predictor, CancellationToken cancel)
    {
        ImageSplit split = RunFolder.Open(run.Folder).ReadSplit(cancel: cancel);
        List<TestAnswer> items = [];
        foreach (LabelledImage image in split.Test)
        {
            cancel.ThrowIfCancellationRequested();
            using Stream stream = image.OpenAsync(cancel).AsTask().GetAwaiter().GetResult();
            ImagePrediction answer = predictor.Predict(stream, image.Name);
            items.Add(
                new(
                    image.Name,
                    image.Labels,
                    answer.Labels,
                    answer.Probability,
                    answer.IsSure,
                    answer.IsFamiliar,
                    [.. answer.Scores.Take(3)]
                )
            );
        }

        return new(predictor.Card.Labels, predictor.Card.Task == ClassificationTask.MultiLabel, items)
        {
            Images = split.Test,
        };
    }
}

/// <summary>The answer for one test image.</summary>
/// <param name="Name">Name of the image.</param>
/// <param name="Truth">Its labels.</param>
/// <param name="Answer">The labels that the model gives.</param>
/// <param name="Probability">Calibrated probability of the most probable class, 0 to 1.</param>
/// <param name="IsSure">False: the model would rather not answer.</param>
/// <param name="IsFamiliar">False: the image is unlike anything the model was trained on.</param>
/// <param name="Scores">The three most probable classes.</param>
internal sealed record TestAnswer(
    string Name,
    IReadOnlyList<string> Truth,
    IReadOnlyList<string> Answer,
    double Probability,
    bool IsSure,
    bool IsFamiliar,
    IReadOnlyList<LabelScore> Scores
);
