using Graft.Infrastructure;
using Graft.Prediction;
using Graft.Training.Data;
using Graft.Training.Metrics;
using Graft.Training.Run;

namespace Graft.Training.Release;

/// <summary>Answers of one or more models with the same classes to the images that all of them accept.</summary>
/// <param name="Images">[N]</param>
/// <param name="Labels">What is true of the images, N; columns in the order of the first model's card.</param>
/// <param name="Probabilities">[N,C] for each model, columns in the same order.</param>
/// <param name="Rejected">Images that a model cannot use.</param>
internal sealed record ModelAnswers(
    IReadOnlyList<LabelledImage> Images,
    TrueLabels Labels,
    IReadOnlyList<float[]> Probabilities,
    IReadOnlyList<RejectedImage> Rejected
)
{
    /// <summary>
    /// Probability from which each model gives each class, [C] in the order of the columns; null where each image has
    /// one class.
    /// </summary>
    public IReadOnlyList<double[]?> Thresholds { get; private init; } = [];

    private const string Phase = PhaseNames.Evaluation;

    /// <exception cref="GraftException">No image can be used.</exception>
    public static ModelAnswers Of(
        IReadOnlyList<Predictor> models,
        IReadOnlyList<LabelledImage> images,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel
    )
    {
        Dictionary<string, int> columns = ColumnsOf(models[0].Card);
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
        RejectedImage[] rejected = [.. failures.Select(one => new RejectedImage(images[one.Key].Name, one.Value))];
        return usable.Length == 0
            ? throw Unusable(rejected)
            : new(
                [.. usable.Select(n => images[n])],
                LabelsOf(models[0].Card, [.. usable.Select(n => images[n])]),
                [.. rows.Select(ofModel => usable.SelectMany(n => ofModel[n]).ToArray())],
                rejected
            )
            {
                Thresholds = [.. models.Select(model => ThresholdsOf(model.Card, columns))],
            };
    }

    /// <summary>Whether a model classifies each image correctly, [N].</summary>
    /// <param name="model">Counted from 0.</param>
    public bool[] IsCorrect(int model) => [.. Enumerable.Range(0, Labels.Count).Select(n => IsCorrect(model, n))];

    /// <summary>The images that only one of the first two models classifies correctly.</summary>
    /// <param name="classes">Names of the columns.</param>
    public IReadOnlyList<FlippedImage> Flipped(IReadOnlyList<string> classes) =>
        [
            .. Enumerable
                .Range(0, Labels.Count)
                .Where(n => IsCorrect(0, n) != IsCorrect(1, n))
                .Select(n => new FlippedImage(Images[n], TextOf(0, n, classes), TextOf(1, n, classes))),
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

    /// <summary>What is true of images, with columns in the order of a card.</summary>
    public static TrueLabels LabelsOf(ModelCard card, IReadOnlyList<LabelledImage> images)
    {
        Dictionary<string, int> columns = ColumnsOf(card);
        return card.Task == ClassificationTask.MultiLabel
            ? LabelSets.Of(images, columns)
            : images.Select(image => columns[image.Label]).ToArray();
    }

    private static Dictionary<string, int> ColumnsOf(ModelCard card) =>
        card.Labels.Index().ToDictionary(label => label.Item, label => label.Index);

    private bool IsCorrect(int model, int image) =>
        Labels.AreSets
            ? Enumerable.Range(0, Labels.ClassCount).All(c => IsGiven(model, image, c) == Labels.Has(image, c))
            : AnswerOf(model, image) == Labels.Numbers[image];

    private bool IsGiven(int model, int image, int c) =>
        LabelDecisions.IsGiven(
            Probabilities[model][(image * Labels.ClassCount) + c],
            Thresholds[model]?[c] ?? LabelThresholds.Usual
        );

    private string TextOf(int model, int image, IReadOnlyList<string> classes) =>
        Labels.AreSets
            ? string.Join(", ", classes.Where((_, c) => IsGiven(model, image, c)))
            : classes[AnswerOf(model, image)];

    private int AnswerOf(int model, int image)
    {
        int classCount = Probabilities[model].Length / Labels.Count;
        return ProbabilityMatrix.IndexOfLargest(Probabilities[model].AsSpan(image * classCount, classCount));
    }

    private static double[]? ThresholdsOf(ModelCard card, Dictionary<string, int> columns)
    {
        if (card.Thresholds is not IReadOnlyList<double> own)
        {
            return null;
        }

        double[] ordered = new double[columns.Count];
        for (int c = 0; c < ordered.Length; c++)
        {
            ordered[columns[card.Labels[c]]] = own[c];
        }

        return ordered;
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
