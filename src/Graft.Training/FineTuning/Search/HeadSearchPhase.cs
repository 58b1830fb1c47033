using System.Text.Json;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.Probe;
using Graft.Training.Run;

namespace Graft.Training.FineTuning;

/// <summary>
/// Searches the head that is to be trained, and keeps the outcome, as a checkpoint and in the cache: neither a resumed
/// run nor a second one searches again.
/// </summary>
/// <param name="features">What the head sees, in all views.</param>
internal sealed class HeadSearchPhase(
    TriedFeatures features,
    TrainingData data,
    TrainingOptions options,
    CheckpointFolder? checkpoints,
    CancellationToken cancel
)
{
    /// <summary>Of more features a hidden layer has more weights than can be searched in seconds.</summary>
    private const int MostFeatures = 8_192;
    private const int MostImages = 4_000;
    private static readonly CacheStream s_stream = new("any", "searched heads", "choices");

    /// <summary>
    /// Whether there is anything to search: nobody has named a head, and one is trained that nothing else has made.
    /// </summary>
    public static bool IsNeeded(TrainingOptions options, FeatureView features) =>
        options.Head.IsSearched
        && options.ContinueFrom is null
        && FineTuningPlans.IsAsked(options)
        && features.FeatureCount <= MostFeatures;

    /// <summary>Searches the head, where the options leave it open.</summary>
    /// <param name="probes">The linear heads.</param>
    /// <param name="data">The images of the run.</param>
    /// <param name="options">The options of the run.</param>
    /// <param name="checkpoints">Keeps the result for a resumed run; null: it is not kept.</param>
    /// <param name="cancel">Ends the search.</param>
    /// <returns>Null where there is nothing to search.</returns>
    public static HeadSearchResult? Run(
        Probes probes,
        TrainingData data,
        TrainingOptions options,
        CheckpointFolder? checkpoints,
        CancellationToken cancel
    ) =>
        IsNeeded(options, probes.PlainFeatures.Extraction)
            ? new HeadSearchPhase(probes.PlainFeatures, data, options, checkpoints, cancel).Run(
                probes.Images,
                probes.PlainScore
            )
            : null;

    /// <param name="withViews">What the linear head comes to on all views of <paramref name="images"/>.</param>
    private HeadSearchResult Run(FoldedImages images, OutOfFold withViews)
    {
        FoldedImages some = images.AtMost(MostImages, options.Seed);
        FeatureView plain = features.Extraction.OneView;
        byte[] key = CachedProbe.KeyOf(
            "head",
            features.Extraction,
            ProbePhase.RowsOf(features.Extraction, images.Images),
            images.Labels,
            ProbePhase.WeightsOf(data, images.Labels),
            images.Folds,
            $"{options.Seed} {options.Head.Dropout:R}"
        );
        CheckpointFolder.StepCheckpoints? kept = checkpoints?.Enter("head", Convert.ToHexStringLower(key));
        if (kept?.Result(source => source.StateAs<HeadSearchResult>()) is HeadSearchResult before)
        {
            return before;
        }

        ActivationCache? cache = features.Extraction.Cache;
        if (InCache(cache, key) is not HeadSearchResult choice)
        {
            choice = Search();
            cache?.Add(key, s_stream, JsonSerializer.SerializeToUtf8Bytes(choice, TrainingRun.Json));
            cache?.Flush();
        }

        kept?.Finish(choice, []);
        return choice;

        HeadSearchResult Search()
        {
            bool isAll = ReferenceEquals(some, images);
            OutOfFold linear = isAll ? features.Score : OutOfFold.Of(Fit(plain, some).OutOfFold, some.Labels, views: 1);
            // thousands of images need no views, and the linear head would have to be fitted on all of them
            bool hasViews = isAll && features.Extraction.Views > 1;
            double[] dropouts =
                options.Head.Dropout == new HeadOptions().Dropout ? [0, options.Head.Dropout] : [options.Head.Dropout];
            return new HeadSearch(RowsOf(plain, some), options.Seed, cancel).Run(
                linear,
                hasViews ? () => (RowsOf(features.Extraction, some), withViews) : null,
                dropouts
            );
        }
    }

    // The linear head, from the penalty that is best on all images.
    private ProbeResult Fit(FeatureView plain, FoldedImages some) =>
        ProbePhase.Fit(plain, data, some.Images, some.Folds, cancel, checkpoints, features.Probe);

    private HeadTrainingSet RowsOf(FeatureView extraction, FoldedImages images) =>
        new(
            extraction.Gather(ProbePhase.RowsOf(extraction, images.Images)),
            images.Labels,
            images.Folds,
            data.ClassCount,
            extraction.Views
        )
        {
            Weights = ProbePhase.WeightsOf(data, images.Labels),
        };

    private static HeadSearchResult? InCache(ActivationCache? cache, byte[] key)
    {
        try
        {
            return cache?.Get(key) is byte[] kept
                ? JsonSerializer.Deserialize<HeadSearchResult>(kept, TrainingRun.Json)
                : null;
        }
        catch (JsonException)
        {
            return null; // written by other code than this: searched again
        }
    }
}
