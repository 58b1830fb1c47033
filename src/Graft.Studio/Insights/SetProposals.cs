using System.Diagnostics;
using Graft.Imaging;
using Graft.Prediction;
using Graft.Training;

namespace Graft.Studio;

/// <summary>What a model proposes for an unlabelled image.</summary>
/// <param name="Image">Number of the image.</param>
/// <param name="Labels">The labels that it proposes.</param>
/// <param name="Probability">Calibrated probability of the most probable class, 0 to 1.</param>
/// <param name="Uncertainty">
/// 0: the model is sure; 1: it cannot tell. The entropy of the classes over its largest value; where images may have
/// several labels, that of the class in most doubt.
/// </param>
internal sealed record Proposal(int Image, IReadOnlyList<string> Labels, double Probability, double Uncertainty);

/// <summary>The unlabelled images of a set, the one that is most worth labelling first.</summary>
/// <param name="Run">The run whose model proposes.</param>
/// <param name="Items">The images.</param>
/// <param name="UnreadableCount">Number of images that cannot be decoded.</param>
internal sealed record SetProposals(string Run, IReadOnlyList<Proposal> Items, int UnreadableCount)
{
    /// <summary>Predicts the unlabelled images and sorts them.</summary>
    /// <exception cref="GraftException">The model or the images cannot be used.</exception>
    public static async Task<SetProposals> OfAsync(
        SetSnapshot snapshot,
        StudioRun run,
        LoadedModels models,
        StudioOptions options,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel
    )
    {
        SetFeatures features =
            snapshot.Set.Insights.Features.Result is SetFeatures known && known.ImageCount == snapshot.Images.Count
                ? known
                : await SetFeatures.ExtractAsync(snapshot, options, progress, cancel).ConfigureAwait(false);
        HashSet<int> decodable = [.. features.Images];
        int[] unlabelled = [.. Enumerable.Range(0, snapshot.Images.Count).Where(i => snapshot.Labels[i] is null)];
        int[] images = [.. unlabelled.Where(decodable.Contains)];
        List<Proposal> proposals = [];
        long start = Stopwatch.GetTimestamp();
        foreach (int image in images)
        {
            ImagePrediction answer = await PredictAsync(snapshot.Images[image].Image, run, models, options, cancel)
                .ConfigureAwait(false);
            double uncertainty = Uncertainty(answer, snapshot.Set.IsMultiLabel);
            proposals.Add(new(image, answer.Labels, answer.Probability, uncertainty));
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            progress.Report(
                new Progressed(
                    "Predicting",
                    proposals.Count,
                    images.Length,
                    "images",
                    proposals.Count / Math.Max(seconds, 1e-3),
                    TimeSpan.FromSeconds(seconds / proposals.Count * (images.Length - proposals.Count))
                )
            );
        }

        int[] rows = [.. images.Select(features.RowOf)];
        int[] order = LabellingOrder.Of(
            [.. proposals.Select(one => one.Uncertainty)],
            index => features.Row(rows[index]),
            cancel
        );
        return new(run.Name, [.. order.Select(i => proposals[i])], unlabelled.Length - images.Length);
    }

    private static async Task<ImagePrediction> PredictAsync(
        LabelledImage image,
        StudioRun run,
        LoadedModels models,
        StudioOptions options,
        CancellationToken cancel
    )
    {
        Stream stream = await image.OpenAsync(cancel).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            byte[] bytes = await ImageFile
                .ReadAsync(stream, image.Name, options.Training.Limits.Image, cancel)
                .ConfigureAwait(false);
            return await models
                .UseAsync(run, model => model.Predictor.Predict(bytes, image.Name), cancel)
                .ConfigureAwait(false);
        }
    }

    private static double Uncertainty(ImagePrediction answer, bool isMultiLabel) =>
        isMultiLabel
            ? answer.Scores.Max(score => 1 - Math.Abs((2 * score.Probability) - 1))
            : -answer.Scores.Sum(score => score.Probability * Math.Log(Math.Max(score.Probability, 1e-12)))
                / Math.Log(Math.Max(2, answer.Scores.Count));
}
