using System.Text;
using Graft.Infrastructure;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.Plans;
using Graft.Training.Run;

namespace Graft.Training.Pipeline;

/// <summary>A run that is about to train: its folder, body and images. Owns the folder's lock.</summary>
/// <param name="Run">The folder of the run.</param>
/// <param name="Options">The options of the run.</param>
/// <param name="Body">The loaded body.</param>
/// <param name="Images">Where the images come from.</param>
internal sealed record RunStart(TrainingRun Run, TrainingOptions Options, PreparedBody Body, ImageReader Images)
    : IDisposable
{
    /// <summary>Begins a new run.</summary>
    /// <param name="images">Where the images come from.</param>
    /// <param name="folder">The folder of the run, which must not contain one.</param>
    /// <param name="options">Valid options.</param>
    /// <param name="progress">Receives all events; null: nobody does.</param>
    /// <param name="time">The clock of the log.</param>
    /// <param name="cancel">Stops the reading of an earlier run's images.</param>
    /// <exception cref="GraftException">The body, the folder or an earlier run cannot be used.</exception>
    public static RunStart Create(
        ImageReader images,
        string folder,
        TrainingOptions options,
        IProgress<TrainingEvent>? progress,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        RunOptions.BeginCompiling();
        PreparedBody body = PreparedBody.Load(options, options.Cache);
        options = EffortPlan.Resolve(options) with
        {
            Engine = EngineSelection.Of(EngineFor(options), body.Body.Model, options.Cache),
        };
        // before there is a folder: an edge that does not exist leaves nothing behind
        _ = body.CutFor(options, out _);
        CombinedImageList? combined = Combine(images, options, body, cancel);
        ImageReader used = combined is null ? images : ImageReader.Of(Path.Combine(folder, CombinedImages.ImagesName));
        TrainingRun run = TrainingRun.Create(folder, OptionsOf(used, options), progress, time);
        if (combined is not null)
        {
            run.Write(CombinedImages.ImagesName, combined.Csv);
            combined.Notices.ToList().ForEach(run.Report);
        }

        return new(run, options, body, used.IsOfObjects ? used : ImageReader.Of(run.Options.Images));
    }

    /// <summary>Opens a run that was stopped.</summary>
    /// <param name="folder">The folder of the run.</param>
    /// <param name="images">The images of the run; null: those that it recorded.</param>
    /// <param name="options">How to continue.</param>
    /// <param name="progress">Receives all events; null: nobody does.</param>
    /// <param name="time">The clock of the log.</param>
    /// <exception cref="GraftException">There is no run to resume, or its images are not known.</exception>
    public static RunStart Open(
        string folder,
        ImageReader? images,
        ResumeOptions options,
        IProgress<TrainingEvent>? progress,
        TimeProvider time
    )
    {
        TrainingRun run = TrainingRun.Open(folder, progress, time, options.Images);
        try
        {
            if (images is null && run.MovedImages is null && run.Options.ImagesAreObjects)
            {
                throw new GraftException(
                    $"'{Printable.Text(folder)}' cannot be resumed: "
                        + "its images are objects of the program that started it; "
                        + "resume it from a program, with these images"
                );
            }

            TrainingOptions kept = options.ApplyTo(run.Options.WithStore);
            kept.ValidateRecord();
            run.Report(new Notice("The run goes on from where it was stopped."));
            PreparedBody body = PreparedBody.Load(run.Options.Located, kept.Cache);
            return new(run, kept, body, images ?? ImageReader.Of(run.MovedImages ?? run.Options.Images));
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    /// <summary>Releases the folder.</summary>
    public void Dispose() => Run.Dispose();

    // The engine that filled the store, unless the options name one.
    private static Engine? EngineFor(TrainingOptions options)
    {
        if (options.FeaturesFrom is null)
        {
            return options.Engine;
        }

        using FeatureStore store = FeatureStore.Open(options.FeaturesFrom, options.MixedMachines);
        return options.Engine ?? store.Manifest.Engine;
    }

    private static RunOptions OptionsOf(ImageReader images, TrainingOptions options) =>
        images.IsOfObjects ? RunOptions.OfObjects(images.Source, options) : RunOptions.Of(images.Source, options);

    // The images of an earlier run and the new ones; null where no earlier run is continued.
    private static CombinedImageList? Combine(
        ImageReader images,
        TrainingOptions options,
        PreparedBody body,
        CancellationToken cancel
    )
    {
        if (options.ContinueFrom is null)
        {
            return null;
        }

        if (images.IsOfObjects)
        {
            throw new OptionsException([
                new(
                    nameof(options.ContinueFrom),
                    options.ContinueFrom,
                    "an earlier run's images can be combined only with a folder or a CSV file; name one of these"
                ),
            ]);
        }

        (byte[] csv, IReadOnlyList<Notice> notices) = CombinedImages.Combine(
            images.Source,
            options.ContinueFrom,
            body.Body.PreviousHead!.Classes,
            DataPlan.Of(options),
            cancel
        );
        return new(Encoding.UTF8.GetString(csv), notices);
    }

    private sealed record CombinedImageList(string Csv, IReadOnlyList<Notice> Notices);
}
