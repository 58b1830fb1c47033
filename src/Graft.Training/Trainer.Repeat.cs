using Graft.Infrastructure;
using Graft.Training.Pipeline;
using Graft.Training.Run;

namespace Graft.Training;

public static partial class Trainer
{
    /// <summary>
    /// Repeats a training with several seeds, which shows how much of an accuracy is chance. Each seed draws its own
    /// split where the data give none.
    /// </summary>
    /// <param name="imagesPath">
    /// A folder with one subfolder for each class; a folder with train, val and test folders of these; a CSV file
    /// (path,label[,split][,group]); an archive; or a list of another tool.
    /// </param>
    /// <param name="folder">
    /// Folder for the runs (seed-1 ...), seeds.json, and model.onnx, which is the first seed's. Runs that an earlier
    /// call left unfinished are continued.
    /// </param>
    /// <param name="seeds">Number of seeds, 1 to 100. They count up from the options' seed.</param>
    /// <param name="options">Settings of the runs; null: the defaults.</param>
    /// <param name="progress">Receives the events of all runs.</param>
    /// <param name="cancel">Ends the run in progress early, and starts no other.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    /// <exception cref="GraftException">The images, the body or the folder cannot be used.</exception>
    /// <exception cref="OperationCanceledException">The first run was cancelled before there was a model.</exception>
    public static RepeatedTraining Repeat(
        string imagesPath,
        string folder,
        int seeds = 5,
        TrainingOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(imagesPath);
        return Repeat(ImageReader.Of(imagesPath), folder, seeds, options ?? new(), progress, cancel);
    }

    /// <inheritdoc cref="Repeat(string, string, int, TrainingOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static Task<RepeatedTraining> RepeatAsync(
        string imagesPath,
        string folder,
        int seeds = 5,
        TrainingOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Repeat(imagesPath, folder, seeds, options, progress, cancel), CancellationToken.None);

    /// <param name="images">The images. The run splits them.</param>
    /// <inheritdoc cref="Repeat(string, string, int, TrainingOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static RepeatedTraining Repeat(
        ImageSet images,
        string folder,
        int seeds = 5,
        TrainingOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(images);
        return Repeat(ImageReader.Of(images), folder, seeds, options ?? new(), progress, cancel);
    }

    /// <inheritdoc
    /// cref="Repeat(ImageSet, string, int, TrainingOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static Task<RepeatedTraining> RepeatAsync(
        ImageSet images,
        string folder,
        int seeds = 5,
        TrainingOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Repeat(images, folder, seeds, options, progress, cancel), CancellationToken.None);

    /// <param name="images">The images, with the parts that the run uses.</param>
    /// <inheritdoc cref="Repeat(string, string, int, TrainingOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static RepeatedTraining Repeat(
        ImageSplit images,
        string folder,
        int seeds = 5,
        TrainingOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(images);
        return Repeat(ImageReader.Of(images), folder, seeds, options ?? new(), progress, cancel);
    }

    /// <inheritdoc
    /// cref="Repeat(ImageSplit, string, int, TrainingOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static Task<RepeatedTraining> RepeatAsync(
        ImageSplit images,
        string folder,
        int seeds = 5,
        TrainingOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Repeat(images, folder, seeds, options, progress, cancel), CancellationToken.None);

    /// <summary>Continues what <c>Repeat</c> has begun with the images of a folder, a list or an archive.</summary>
    /// <param name="folder">The folder of all runs.</param>
    /// <param name="options">How to continue; null: the defaults.</param>
    /// <param name="progress">Receives the events of all runs.</param>
    /// <param name="cancel">Ends the run in progress early, and starts no other.</param>
    /// <exception cref="GraftException">
    /// There is no such training, its first run has no options, or its images were objects of a program. A program
    /// continues such a training by calling <c>Repeat</c> again.
    /// </exception>
    public static RepeatedTraining ResumeRepeat(
        string folder,
        ResumeOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ResumeOptions session = options ?? new();
        session.Validate();
        RepeatedTraining begun = RepeatedTraining.Read(folder);
        string first = Path.Combine(folder, RepeatedTraining.RunNameOf(begun.FirstSeed));
        if (RunOptions.Exist(first) && RunOptions.Read(first).ImagesAreObjects)
        {
            throw new GraftException(
                $"'{Printable.Text(folder)}' cannot be resumed: its images are objects of the program that started it; "
                    + "repeat the training from a program, with these images and the same folder"
            );
        }

        RunOptions? planned = DividedTraining.TakeBack(folder);
        RepeatedTraining all = begun.Run(
            folder,
            (seed, run) =>
            {
                RunOptions likes = planned is not null && !RunOptions.Exist(first) ? planned : RunOptions.Read(first);
                if (session.Images is not null && RunOptions.Exist(first))
                {
                    MovedSeeds.Check(first, session.Images, cancel);
                }

                TrainingOptions repeated = session.ApplyTo(likes.Repeated);
                Train(session.Images ?? begun.Images, run, repeated with { Seed = seed }, progress, cancel);
            },
            run => Resume(run, session, progress, cancel),
            progress,
            cancel
        );
        DividedTraining.End(folder, all);
        return session.Images is null ? all : all.Moved(folder, Path.GetFullPath(session.Images));
    }

    /// <inheritdoc cref="ResumeRepeat"/>
    public static Task<RepeatedTraining> ResumeRepeatAsync(
        string folder,
        ResumeOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => ResumeRepeat(folder, options, progress, cancel), CancellationToken.None);

    private static RepeatedTraining Repeat(
        ImageReader images,
        string folder,
        int seeds,
        TrainingOptions options,
        IProgress<TrainingEvent>? progress,
        CancellationToken cancel
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(seeds);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(seeds, RepeatedTraining.MostSeeds);
        TimeProvider time = TimeProvider.System;
        ResumeOptions session = new() { MemoryPolicy = options.MemoryPolicy };
        string source = images.IsOfObjects ? images.Source : Path.GetFullPath(images.Source);
        RepeatedTraining begun = new(source, options.Seed, seeds, []);
        TrainingOptions own = options;
        if (options.UnitsFrom is not null || options.Workers is not null)
        {
            options.Validate();
            new DividedTraining(images, folder, begun, options, progress ?? TrainingProgress.None).Run(cancel);
            own = DividedTraining.OfWorker(options) with { UnitsFrom = null };
        }

        RepeatedTraining all = begun.Run(
            folder,
            (seed, run) => Train(images, run, own with { Seed = seed }, progress, time, cancel),
            run => Resume(run, images.IsOfObjects ? images : null, session, progress, time, cancel),
            progress,
            cancel
        );
        DividedTraining.End(folder, all);
        return all;
    }
}
