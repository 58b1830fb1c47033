using System.Text.Json;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.Probe;
using Graft.Training.Run;

namespace Graft.Training.FineTuning;

/// <summary>
/// Searches the head that is to be trained. The result is kept as a checkpoint and in the cache: neither a resumed run
/// nor a second one searches again.
/// </summary>
internal sealed class HeadSearchPhase
{
    /// <summary>With more features a hidden layer has more weights than can be searched in seconds.</summary>
    private const int MaxFeatures = 8_192;
    private const int MaxImages = 4_000;
    private static readonly CacheStream s_stream = new("any", "searched heads", "choices");

    private readonly TriedFeatures _features; // what the head sees, in all views
    private readonly TrainingData _data;
    private readonly HeadSearchPlan _plan;
    private readonly CheckpointFolder? _checkpoints;
    private readonly CancellationToken _cancel;

    private HeadSearchPhase(
        TriedFeatures features,
        TrainingData data,
        HeadSearchPlan plan,
        CheckpointFolder? checkpoints,
        CancellationToken cancel
    )
    {
        (_features, _data, _plan) = (features, data, plan);
        (_checkpoints, _cancel) = (checkpoints, cancel);
    }

    /// <summary>Searches the head, unless there is nothing to search or the features are too many.</summary>
    /// <param name="probes">The linear heads.</param>
    /// <param name="data">The images of the run.</param>
    /// <param name="plan">Settings of the search. Null: none.</param>
    /// <param name="checkpoints">Keeps the result for a resumed run. Null: it is not kept.</param>
    /// <param name="cancel">Ends the search.</param>
    /// <returns>Null where nothing was searched.</returns>
    public static HeadSearchResult? Run(
        Probes probes,
        TrainingData data,
        HeadSearchPlan? plan,
        CheckpointFolder? checkpoints,
        CancellationToken cancel
    )
    {
        TriedFeatures features = probes.PlainFeatures;
        return plan is null || features.Extraction.FeatureCount > MaxFeatures
            ? null
            : new HeadSearchPhase(features, data, plan, checkpoints, cancel).Run(probes.Images, probes.PlainScore);
    }

    /// <param name="images">The images and their folds.</param>
    /// <param name="withViews">Score of the linear head with all views of the images as rows.</param>
    private HeadSearchResult Run(FoldedImages images, OutOfFoldScore withViews)
    {
        FoldedImages some = images.AtMost(MaxImages, _plan.Seed);
        FeatureView plain = _features.Extraction.PlainViewOnly;
        byte[] key = CachedProbe.KeyOf(
            "head",
            _features.Extraction,
            ProbeFits.RowsOf(_features.Extraction, images.Images),
            images.Labels,
            ProbeFits.WeightsOf(_data, images.Labels) ?? ProbeFits.PositiveWeightsOf(_data, images.Labels),
            images.Folds,
            $"{_plan.Seed} {_plan.Dropouts[^1]:R}"
        );
        CheckpointFolder.StepCheckpoints? kept = _checkpoints?.Enter("head", Convert.ToHexStringLower(key));
        if (kept?.Result(source => source.StateAs<HeadSearchResult>()) is HeadSearchResult before)
        {
            return before;
        }

        ActivationCache? cache = _features.Extraction.Cache;
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
            OutOfFoldScore linear = isAll
                ? _features.Score
                : OutOfFoldScore.Of(Fit(plain, some).OutOfFoldLogits, some.Labels, views: 1);
            // thousands of images need no views, and they would require a linear head fitted on all of them
            bool hasViews = isAll && _features.Extraction.Views > 1;
            return new HeadSearch(RowsOf(plain, some), _plan.Seed, _cancel).Run(
                linear,
                hasViews ? () => (RowsOf(_features.Extraction, some), withViews) : null,
                _plan.Dropouts
            );
        }
    }

    // The linear head, starting from the penalty that is best on all images.
    private ProbeResult Fit(FeatureView plain, FoldedImages some) =>
        ProbeFits.Fit(plain, _data, some.Images, some.Folds, _cancel, _checkpoints, _features.Probe);

    private HeadTrainingSet RowsOf(FeatureView extraction, FoldedImages images) =>
        new(
            extraction.Gather(ProbeFits.RowsOf(extraction, images.Images)),
            images.Labels,
            images.Folds,
            _data.ClassCount,
            extraction.Views
        )
        {
            Weights = ProbeFits.WeightsOf(_data, images.Labels),
            Groups = extraction.Columns.Groups,
            PositiveWeights = ProbeFits.PositiveWeightsOf(_data, images.Labels),
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
            return null; // another version of the program wrote it
        }
    }
}
