using Graft.Prediction;
using Graft.Training;
using Graft.Training.Metrics;

namespace Graft.Cli.Verbs;

/// <summary>
/// What one or more models with the same classes say of the same images: those that none of them refuses.
/// </summary>
/// <param name="Labels">[N], in the order of the first model's card.</param>
/// <param name="Probabilities">[N,C] of each model, columns in the same order.</param>
/// <param name="Rejected">Images that a model refuses.</param>
internal sealed record ModelAnswers(
    int[] Labels,
    IReadOnlyList<float[]> Probabilities,
    IReadOnlyList<RejectedImage> Rejected
)
{
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
            foreach (PredictionResult result in models[m].PredictMany(images.Select(image => image.File!), cancel))
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
                    new Progressed("evaluate", ++done, (long)images.Count * models.Count, "images", 0, TimeSpan.Zero)
                );
            }
        }

        int[] usable = [.. Enumerable.Range(0, images.Count).Where(n => !failures.ContainsKey(n))];
        return new(
            [.. usable.Select(n => columns[images[n].Label])],
            [.. rows.Select(ofModel => usable.SelectMany(n => ofModel[n]).ToArray())],
            [.. failures.Select(failure => new RejectedImage(images[failure.Key].Name, failure.Value))]
        );
    }

    /// <summary>Of each image: whether a model's most probable class is the image's.</summary>
    /// <param name="model">Counted from 0.</param>
    public bool[] IsCorrect(int model)
    {
        int classCount = Probabilities[model].Length / Labels.Length;
        return
        [
            .. Labels.Select(
                (label, n) =>
                    ProbabilityMatrix.IndexOfLargest(Probabilities[model].AsSpan(n * classCount, classCount)) == label
            ),
        ];
    }

    private static float[] RowOf(Graft.Prediction.ImagePrediction prediction, Dictionary<string, int> columns)
    {
        float[] row = new float[columns.Count];
        foreach (LabelScore score in prediction.Scores)
        {
            row[columns[score.Label]] = (float)score.Probability;
        }

        return row;
    }
}
