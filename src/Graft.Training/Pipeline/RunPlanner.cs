using System.Collections.Immutable;
using System.Globalization;
using Graft.Infrastructure;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.FineTuning;
using Graft.Training.Metrics;
using Graft.Training.Plans;
using Graft.Training.Run;

namespace Graft.Training.Pipeline;

/// <summary>Prepares a training as far as it writes nothing, and says what it would do.</summary>
internal static class RunPlanner
{
    // A probe of the plain views on two cores: 0.7 s for 240 images of 6 classes, 3 s for 1,020 of 17.
    private const double ShortestFit = 0.5;
    private const double FitPerLabel = 1.5e-4;

    /// <summary>The plan of a training with a folder, list or archive of images.</summary>
    public static TrainingPlan Plan(
        string imagesPath,
        TrainingOptions options,
        IProgress<TrainingEvent>? progress,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        options.Validate();
        using IDisposable memory = ProcessMemory.Apply(options.MemoryPolicy);
        CacheOptions cache = options.Cache;
        options = EffortPlan.Resolve(options) with { Cache = new() { IsOn = false } };
        PreparedBody body = PreparedBody.Load(options, options.Cache);
        options = options with
        {
            Engine = options.Engine ?? EngineSelection.Default(body.Body.Model, BFloat16Choice.Foresee(cache)),
        };
        IProgress<TrainingEvent> listener = progress ?? TrainingProgress.None;
        using CombinedList images = CombinedList.Of(imagesPath, options, body, listener, cancel);
        using TrainingPreparation preparation = TrainingPreparation.Read(
            body,
            options,
            images.Reader,
            new(listener, new(listener, time), time, options.Threads)
            {
                TriesFits = false,
                CacheRoom = cache.IsOn ? cache.LimitFor(heldBytes: 0) : null,
            },
            cancel
        );
        return Plan(preparation, options, time, cancel);
    }

    private static TrainingPlan Plan(
        TrainingPreparation preparation,
        TrainingOptions options,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        (TrainingData data, TrainableBody body) = (preparation.Data, preparation.Body);
        int views = options.Views
            ?? preparation.ChooseViews(count => PreparedRun.DepthOf(options, preparation, count).NeededCuts);
        options = options with { Views = views };
        DepthPlan depth = PreparedRun.DepthOf(options, preparation, views);
        Setting? usual = FineTuningPlanBuilder.IsNeeded(options) ? depth.Usual : null;
        double perSecond = FrozenSpeed.Measure(
            body,
            ExtractionPlans.Of(options, body.Model, [], randomViews: 0, data.Train.Count),
            data,
            preparation.Cuts[^1].MultiplyAddsBefore,
            time,
            cancel
        );
        RunForecast forecast = new(RunWork.Of(options, preparation, depth), views);
        TrueLabels labels = data.TargetsOf(data.Split.Images);
        return new()
        {
            Task = data.Task,
            Classes =
            [
                .. data.Set.Classes.Select((label, number) => new PlannedClass(label, labels.PositivesOf(number))),
            ],
            TrainImages = data.Train.Count,
            ValidationImages = data.Validation.Count,
            TestImages = data.Test.Count,
            Rejected = data.Set.Rejected,
            Body = body.Card.Name,
            InputWidth = body.Preprocessing.Width,
            InputHeight = body.Preprocessing.Height,
            Engine = options.Engine!.Value,
            Views = views,
            TrainsFrom = usual?.Cut.Edge,
            TrainedShare = usual?.Cut.ShareAfter ?? 0,
            Epochs = usual is null ? 0 : FineTuningPlanBuilder.EpochsOf(options.FineTune, data.Train.Count),
            SearchedSettings = usual is null ? 0 : depth.Search?.Settings.Count ?? 0,
            Steps = StepsOf(options, data, usual, depth),
            Estimate = forecast.OfWhole(
                perSecond,
                ShortestFit + (FitPerLabel * data.Everything.Count * data.ClassCount)
            ),
        };
    }

    private static ImmutableArray<string> StepsOf(
        TrainingOptions options,
        TrainingData data,
        Setting? usual,
        DepthPlan depth
    )
    {
        bool trains = FineTuningPlanBuilder.IsNeeded(options);
        string[] views =
        [
            $"run the frozen layers on {options.Views} random views of each training image",
            trains ? "fit better probes, and look for the best head" : "fit better probes",
        ];
        string[] tuning =
        [
            .. depth.Search is SearchPlan search
                ? [$"try up to {search.Settings.Count} depths and rates in short trainings"]
                : (string[])[],
            usual is null
                ? "train the head, all layers of the body frozen"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"fine-tune from '{Printable.Text(usual.Cut.Edge)}' on, {usual.Cut.ShareAfter:P0} of the work"
                ),
        ];
        return
        [
            $"run the frozen layers on {data.Split.Images.Length} images, and fit a first probe",
            .. options.Views > 0 ? views : [],
            .. trains ? tuning : [],
            $"write the best model, and measure it on {data.Test.Count} test images",
        ];
    }
}
