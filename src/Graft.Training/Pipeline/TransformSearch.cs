using System.Globalization;
using Graft.Infrastructure;
using Graft.Training.Bodies;
using Graft.Training.Data;

namespace Graft.Training.Pipeline;

/// <summary>
/// Finds how images were prepared for a foreign network whose file does not say it. Linear probes of the plain views of
/// a sample are compared by cross-validation. A wrong transform has cost 27 points of accuracy (docs/results.md).
/// </summary>
internal static class TransformSearch
{
    /// <summary>The option that states the input transform.</summary>
    public const string Option = $"{nameof(TrainingOptions.Body)}.{nameof(BodySource.InputTransform)}";

    private const int LargestSample = 300;
    private const int LeastOfAClass = 4; // in the sample, as far as there are so many

    /// <summary>The chosen transform with the trials; null where none tells the images apart.</summary>
    /// <param name="body">A body with an open transform.</param>
    /// <param name="fit">How images are fitted into the input; null: as each transform says.</param>
    /// <param name="data">The images.</param>
    /// <param name="trials">Compares the transforms.</param>
    /// <param name="progress">Receives the notice.</param>
    public static FoundChoice<NamedTransform>? Run(
        TrainableBody body,
        ImageFit? fit,
        TrainingData data,
        PlainViewTrials trials,
        IProgress<TrainingEvent> progress
    )
    {
        FoundChoice<NamedTransform>? found = trials.Best(
            "how images are prepared for the network",
            SampleOf(data),
            body.OpenTransform!.Choices,
            transform => transform.Name,
            transform => body.With(transform, fit)
        );
        if (found is not null)
        {
            progress.Report(new Notice(Text(body.Card.Name, found)) { Option = Option });
        }

        return found;
    }

    private static string Text(string name, FoundChoice<NamedTransform> found)
    {
        (Trial chosen, Trial first) = (found.Chosen, found.Table.Trials[0]);
        string used = string.Create(
            CultureInfo.InvariantCulture,
            $"'{Printable.Text(name)}' does not say how its images were prepared: {chosen.Choice} is used, with "
                + $"{found.Measure} {chosen.Accuracy:0.000} on a sample of {found.Count} images"
        );
        return chosen == first
            ? $"{used}; no other input transform is better by more than a standard error"
            : string.Create(CultureInfo.InvariantCulture, $"{used}; {first.Choice} has {first.Accuracy:0.000}");
    }

    // The same number of each class as far as they go, chosen by content.
    private static TrainingData SampleOf(TrainingData data)
    {
        int size = Math.Max(LargestSample, LeastOfAClass * data.ClassCount);
        HashSet<string> names =
        [
            .. data
                .Train.GroupBy(image => image.Label)
                .SelectMany(group => group.OrderBy(image => image.Key).Select((image, rank) => (image, rank)))
                .OrderBy(one => one.rank)
                .ThenBy(one => one.image.Key)
                .Take(size)
                .Select(one => one.image.Name),
        ];
        return data with { Split = data.Split.Only(names) };
    }
}
