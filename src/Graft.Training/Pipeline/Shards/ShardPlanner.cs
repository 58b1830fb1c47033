using Graft.Infrastructure;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.FineTuning;
using Graft.Training.Plans;

namespace Graft.Training.Pipeline;

/// <summary>
/// Decides what a training would extract: the parts of the images, the views, the cuts. All looks at images are there,
/// so no image is decoded.
/// </summary>
internal static class ShardPlanner
{
    /// <summary>The plan of a store.</summary>
    /// <param name="store">The store, with the looks at all images.</param>
    /// <param name="header">What the store is.</param>
    /// <param name="body">The loaded body.</param>
    /// <param name="set">The images.</param>
    /// <param name="options">The options, with everything decided that does not depend on the images.</param>
    /// <param name="context">Clock, listener and threads.</param>
    /// <param name="cancel">Stops the planning.</param>
    /// <exception cref="GraftException">The images cannot be used.</exception>
    public static StorePlan Make(
        StoreFolder store,
        StoreHeader header,
        PreparedBody body,
        ImageSet set,
        TrainingOptions options,
        PreparationContext context,
        CancellationToken cancel
    )
    {
        ActivationCache looks = LooksOf(store, header, context, cancel);
        using TrainingPreparation preparation = TrainingPreparation.Read(
            body,
            options,
            ImageReader.Of(set),
            context,
            looks,
            cancel
        );
        RequireFit(body, set, options, preparation.Data);
        int views = options.Views
            ?? preparation.ChooseViews(count => PreparedRun.DepthOf(options, preparation, count).NeededCuts);
        DepthPlan depth = PreparedRun.DepthOf(options with { Views = views }, preparation, views);
        preparation.CutAt(depth.NeededCuts);
        TrainingData data = preparation.Data;
        ExtractionPlan plan = ExtractionPlans.Of(
            options,
            preparation.Body.Model,
            depth.NeededCuts,
            views,
            data.Train.Count
        );
        using ExtractedFeatures features = ExtractedFeatures.Create(preparation.Body, plan, data, looks);
        return new(
            store.Id,
            options.Engine!.Value,
            features.Machine,
            views,
            [.. depth.NeededCuts.Select(cut => cut.Edge)],
            features.Streams,
            ShardParts.ToText(set, data.Split),
            data.HasOwnValidation,
            data.Train.Count
        );
    }

    private static void RequireFit(PreparedBody body, ImageSet set, TrainingOptions options, TrainingData data)
    {
        if (FitSearch.IsNeeded(body.Body, options, data))
        {
            throw new GraftException(
                $"'{Printable.Text(set.Source)}' cannot be extracted in shards: the centre crop leaves much of its "
                    + "images out, and which fit is best is found by a trial on all of them; choose a fit"
            )
            {
                Option = $"{nameof(TrainingOptions.Body)}.{nameof(BodySource.Fit)}",
            };
        }
    }

    private static ActivationCache LooksOf(
        StoreFolder store,
        StoreHeader header,
        PreparationContext context,
        CancellationToken cancel
    )
    {
        ActivationCache looks = ActivationCache.OpenTemporary(context.Time, warning =>
            context.Progress.Report(new Notice(warning, IsWarning: true))
        );
        StoreUnits units = new(store, plan: null);
        foreach (StoreUnit unit in StoreUnit.All(StoreUnit.Looks, header))
        {
            cancel.ThrowIfCancellationRequested();
            using StoredRows rows = StoredRows.Open(store.RowsPath(units.Require(unit).File));
            foreach (StoredRow row in rows.InOrder())
            {
                looks.Add(row.Key, row.Stream, row.Value);
            }
        }

        return looks;
    }
}
