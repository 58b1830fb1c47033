using Graft.Infrastructure;
using Graft.Prediction;
using Graft.Training.Metrics;
using Graft.Training.Run;

namespace Graft.Training.Release;

/// <summary>Answers of one or more models with the same classes to the images that all of them accept.</summary>
/// <param name="Images">[N]</param>
/// <param name="Labels">[N], in the order of the first model's card.</param>
/// <param name="Probabilities">[N,C] for each model, columns in the same order.</param>
/// <param name="Rejected">Images that a model cannot use.</param>
internal sealed record ModelAnswers(
    IReadOnlyList<LabelledImage> Images,
    int[] Labels,
    IReadOnlyList<float[]> Probabilities,
    IReadOnlyList<RejectedImage> Rejected
)
{
    private const string Phase = PhaseNames.Evaluation;

    /// <exception cref="GraftException">No image can be used.</exception>
    public static ModelAnswers Of(
        IReadOnlyList<Predictor> models,
        IReadOnlyList<LabelledImage> images,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel
    )
    {
        Dictionary<string, int> columns = models[0]
            .Card.Labels.Index()
            .ToDictionary(label => label.Item, label => label.Index);
        SortedDictionary<int, string> failures = [];
        float[][][] rows = [.. models.Select((_, m) => new float[images.Count][])]; // a model, an image: [C]
        int done = 0;
        for (int m = 0; m < models.Count; m++)
        {
            int n = 0;
            foreach (PredictionResult result in Predict(models[m], images, cancel))
            {
                if (result.Prediction is { } prediction)
                {
                    rows[m][n] = RowOf(prediction, columns);
                }
                else
                {
                    failures[n] = result.Failure!;
                }

                n++;
                progress.Report(
                    new Progressed(Phase, ++done, (long)images.Count * models.Count, "images", 0, TimeSpan.Zero)
                );
            }
        }

        int[] usable = [.. Enumerable.Range(0, images.Count).Where(n => !failures.ContainsKey(n))];
        RejectedImage[] rejected =
        [
            .. failures.Select(failure => new RejectedImage(images[failure.Key].Name, failure.Value)),
        ];
        return usable.Length == 0
            ? throw Unusable(rejected)
            : new(
                [.. usable.Select(n => images[n])],
                [.. usable.Select(n => columns[images[n].Label])],
                [.. rows.Select(ofModel => usable.SelectMany(n => ofModel[n]).ToArray())],
                rejected
            );
    }

    /// <summary>Whether a model classifies each image correctly, [N].</summary>
    /// <param name="model">Counted from 0.</param>
    public bool[] IsCorrect(int model) => [.. Labels.Select((label, n) => AnswerOf(model, n) == label)];

    /// <summary>The images that only one of the first two models classifies correctly.</summary>
    /// <param name="classes">Names of the columns.</param>
    public IReadOnlyList<FlippedImage> Flipped(IReadOnlyList<string> classes) =>
        [
            .. Enumerable
                .Range(0, Labels.Length)
                .Where(n => (AnswerOf(0, n) == Labels[n]) != (AnswerOf(1, n) == Labels[n]))
                .Select(n => new FlippedImage(Images[n], classes[AnswerOf(0, n)], classes[AnswerOf(1, n)])),
        ];

    // images in an archive or given as objects have no file
    private static IEnumerable<PredictionResult> Predict(
        Predictor model,
        IReadOnlyList<LabelledImage> images,
        CancellationToken cancel
    ) =>
        images.All(image => image.File is not null)
            ? model.PredictMany(images.Select(image => image.File!), cancel)
            : model
                .PredictManyAsync(images.Select(image => new NamedImage(image.Name, image.OpenAsync)), cancel)
                .ToBlockingEnumerable(cancel);

    private int AnswerOf(int model, int image)
    {
        int classCount = Probabilities[model].Length / Labels.Length;
        return ProbabilityMatrix.IndexOfLargest(Probabilities[model].AsSpan(image * classCount, classCount));
    }

    private static GraftException Unusable(RejectedImage[] rejected) =>
        new(
            rejected.Length == 0
                ? "no images were given to the evaluation; give at least one"
                : $"'{Printable.Text(rejected[0].Path)}' cannot be used, as all {rejected.Length} images: "
                    + rejected[0].Reason
        );

    private static float[] RowOf(ImagePrediction prediction, Dictionary<string, int> columns)
    {
        float[] row = new float[columns.Count];
        foreach (LabelScore score in prediction.Scores)
        {
            row[columns[score.Label]] = (float)score.Probability;
        }

        return row;
    }
}
